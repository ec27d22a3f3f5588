// A block of the log: the facts of some rows as columns, made in memory and read from bytes.
import { RowFacts, WORD_DIMENSIONS } from "./row-facts.ts";

/*
 * Bytes: four columns of Float64, five of Uint32, the wide dimensions as Uint16, the flags and narrow dimensions as Uint8.
 * A dimension with one word takes no bytes. Text: a line of [name, width, offset] of each dimension, then a line for each
 * with its words and, where one has any, their names. A row without a tag has the empty word.
 */

/** Numbers of words and rows are 16 bits. */
export const MOST_BLOCK_ROWS = 65_535;
/** Names of tags in a block: callers make them up. What is beyond is in the row alone. */
const MOST_TAGS = 64;
const NUMBERS = 4 * 8 + 5 * 4;

/** The words of one dimension in a block, and which of them each row has. */
export interface BlockDimension {
  readonly words: readonly string[];
  /** Beside each word; absent = no word has one. */
  readonly names: readonly string[] | undefined;
  /** null: all rows have the first word. */
  readonly index: Uint8Array | Uint16Array | null;
}

const NOBODY: BlockDimension = { words: [""], names: undefined, index: null };

/** A block as it is read. */
export class LogBlock {
  readonly rows: number;
  readonly seq: Float64Array;
  readonly time: Float64Array;
  readonly latency: Float64Array;
  readonly cost: Float64Array;
  readonly input: Uint32Array;
  readonly output: Uint32Array;
  readonly cached: Uint32Array;
  readonly overhead: Uint32Array;
  readonly client: Uint32Array;
  readonly flags: Uint8Array;
  readonly #buffer: ArrayBuffer;
  readonly #base: number;
  readonly #lines: string[];
  readonly #directory: readonly (readonly [name: string, width: number, offset: number])[];
  readonly #known = new Map<string, BlockDimension>();

  constructor(rows: number, words: string, facts: Uint8Array) {
    // Columns of eight bytes stand at places that eight divides.
    const bytes = facts.byteOffset % 8 === 0 ? facts : new Uint8Array(facts);
    this.rows = rows;
    this.#buffer = bytes.buffer as ArrayBuffer;
    this.#base = bytes.byteOffset;
    const wide = (column: number): Float64Array => new Float64Array(this.#buffer, this.#base + column * 8 * rows, rows);
    const count = (column: number): Uint32Array =>
      new Uint32Array(this.#buffer, this.#base + (32 + column * 4) * rows, rows);
    this.seq = wide(0);
    this.time = wide(1);
    this.latency = wide(2);
    this.cost = wide(3);
    this.input = count(0);
    this.output = count(1);
    this.cached = count(2);
    this.overhead = count(3);
    this.client = count(4);
    this.#lines = words.split("\n");
    this.#directory = JSON.parse(this.#lines[0] as string) as [string, number, number][];
    this.flags = this.#column(1, this.#directory[0]?.[2] ?? NUMBERS * rows) as Uint8Array;
  }

  /** Names of the dimensions, tags as `tag:NAME`. */
  get dimensions(): string[] {
    return this.#directory.slice(1).map(([name]) => name);
  }

  dimension(name: string): BlockDimension {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const at = this.#directory.findIndex(([other], place) => place > 0 && other === name);
    if (at < 0) return NOBODY;
    const [, width, offset] = this.#directory[at] as [string, number, number];
    const [words, names] = JSON.parse(this.#lines[at] as string) as [string[], string[]?];
    const dimension = { words, names, index: width === 0 ? null : this.#column(width, offset) };
    this.#known.set(name, dimension);
    return dimension;
  }

  #column(width: number, offset: number): Uint8Array | Uint16Array {
    const Column = width === 1 ? Uint8Array : Uint16Array;
    return new Column(this.#buffer, this.#base + offset, this.rows);
  }
}

/** The words of one dimension while a block is made. */
class DimensionBuilder {
  readonly words: string[] = [];
  readonly names: string[] = [];
  readonly index: number[] = [];
  readonly #numbers = new Map<string, number>();
  #last = "";
  #lastNumber = -1;

  add(word: string, name: string): void {
    this.index.push(this.number(word, name));
  }

  number(word: string, name: string): number {
    if (word === this.#last && this.#lastNumber >= 0) return this.#lastNumber;
    let number = this.#numbers.get(word);
    if (number === undefined) {
      number = this.words.push(word) - 1;
      this.names.push(name);
      this.#numbers.set(word, number);
    }
    this.#last = word;
    this.#lastNumber = number;
    return number;
  }

  /** Rows before had none. */
  fill(rows: number): void {
    while (this.index.length < rows) this.add("", "");
  }
}

/** Makes a block, row by row or out of others. */
export class BlockBuilder {
  readonly seq: number[] = [];
  readonly time: number[] = [];
  readonly latency: number[] = [];
  readonly cost: number[] = [];
  readonly input: number[] = [];
  readonly output: number[] = [];
  readonly cached: number[] = [];
  readonly overhead: number[] = [];
  readonly client: number[] = [];
  readonly flags: number[] = [];
  readonly #words = WORD_DIMENSIONS.map(() => new DimensionBuilder());
  readonly #tags = new Map<string, DimensionBuilder>();

  get rows(): number {
    return this.seq.length;
  }

  add(facts: RowFacts): void {
    for (const [name, value] of facts.tags) this.#tag(`tag:${name}`)?.add(value, "");
    this.seq.push(facts.seq);
    this.time.push(facts.time);
    this.latency.push(facts.latency);
    this.cost.push(facts.cost);
    this.input.push(facts.input);
    this.output.push(facts.output);
    this.cached.push(facts.cached);
    this.overhead.push(facts.overhead);
    this.client.push(facts.client);
    this.flags.push(facts.flags);
    for (let i = 0; i < WORD_DIMENSIONS.length; i++)
      (this.#words[i] as DimensionBuilder).add(facts.words[i] as string, facts.names[i] as string);
  }

  /** The rows of a block, or those of them that are wanted. */
  addBlock(block: LogBlock, isWanted: (row: number) => boolean = () => true): void {
    const before = this.rows;
    const wanted: number[] = [];
    for (let row = 0; row < block.rows; row++) if (isWanted(row)) wanted.push(row);
    for (const name of COLUMNS) {
      const [from, to] = [block[name], this[name]];
      for (const row of wanted) to.push(from[row] as number);
    }
    for (const name of block.dimensions) {
      const place = (WORD_DIMENSIONS as readonly string[]).indexOf(name);
      const into = place < 0 ? this.#tag(name, before) : this.#words[place];
      if (into !== undefined) addWords(into, block.dimension(name), wanted);
    }
  }

  encode(): { words: string; facts: Uint8Array } {
    const { rows } = this;
    const dimensions: [name: string, builder: DimensionBuilder][] = [];
    WORD_DIMENSIONS.forEach((name, place) => dimensions.push([name, this.#words[place] as DimensionBuilder]));
    for (const [name, builder] of this.#tags) {
      builder.fill(rows);
      dimensions.push([name, builder]);
    }
    const facts = new Uint8Array(rows * (NUMBERS + 1) + bytesOf(dimensions, rows));
    let at = this.#encodeNumbers(facts);
    const directory: [string, number, number][] = [["", 0, 0]];
    const lines: string[] = [];
    for (const [name, builder] of dimensions) {
      directory.push([name, widthOf(builder), 0]);
      const hasNames = builder.names.some((entry) => entry !== "");
      lines.push(JSON.stringify(hasNames ? [builder.words, builder.names] : [builder.words]));
    }
    for (const width of [2, 1]) {
      if (width === 1) {
        (directory[0] as [string, number, number])[2] = at;
        facts.set(this.flags, at);
        at += rows;
      }
      dimensions.forEach(([, builder], place) => {
        const entry = directory[place + 1] as [string, number, number];
        if (entry[1] !== width) return;
        entry[2] = at;
        if (width === 2) new Uint16Array(facts.buffer, at, rows).set(builder.index);
        else facts.set(builder.index, at);
        at += width * rows;
      });
    }
    return { words: [JSON.stringify(directory), ...lines].join("\n"), facts };
  }

  #encodeNumbers(facts: Uint8Array): number {
    const { rows } = this;
    const wide = [this.seq, this.time, this.latency, this.cost];
    wide.forEach((values, column) => new Float64Array(facts.buffer, column * 8 * rows, rows).set(values));
    const counts = [this.input, this.output, this.cached, this.overhead, this.client];
    counts.forEach((values, column) => new Uint32Array(facts.buffer, (32 + column * 4) * rows, rows).set(values));
    return NUMBERS * rows;
  }

  #tag(name: string, rows = this.rows): DimensionBuilder | undefined {
    let builder = this.#tags.get(name);
    if (builder === undefined) {
      if (this.#tags.size >= MOST_TAGS) return undefined;
      builder = new DimensionBuilder();
      this.#tags.set(name, builder);
    }
    // A tag that a row has twice has its first value.
    if (builder.index.length > rows) return undefined;
    builder.fill(rows);
    return builder;
  }
}

const COLUMNS = ["seq", "time", "latency", "cost", "input", "output", "cached", "overhead", "client", "flags"] as const;

function addWords(into: DimensionBuilder, { words, names, index }: BlockDimension, rows: readonly number[]): void {
  const numbers = new Int32Array(words.length).fill(-1);
  for (const row of rows) {
    const word = index === null ? 0 : (index[row] as number);
    if ((numbers[word] as number) < 0) numbers[word] = into.number(words[word] as string, names?.[word] ?? "");
    into.index.push(numbers[word] as number);
  }
}

function widthOf({ words }: DimensionBuilder): number {
  if (words.length <= 1) return 0;
  return words.length <= 256 ? 1 : 2;
}

function bytesOf(dimensions: readonly [string, DimensionBuilder][], rows: number): number {
  return dimensions.reduce((sum, [, builder]) => sum + widthOf(builder) * rows, 0);
}

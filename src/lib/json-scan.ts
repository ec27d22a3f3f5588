// Finds the top-level fields of a JSON object in its bytes, without making objects, and checks the syntax to the end.
import { ITEM_PLACE, ITEM_WORDS, itemTable, MAX_DOCUMENT, MAX_ITEMS, RESULT, Region } from "./json-scan-wasm.ts";
import { StringSkipper, skipLiteral, skipNumber, skipSpace } from "./json-tokens.ts";

/** What kind of value a field has; 0 where the field is absent. */
export const JSON_TYPE = { absent: 0, string: 1, number: 2, object: 3, array: 4, true: 5, false: 6, null: 7 } as const;

/** Deeper nesting is refused. */
export const MAX_DEPTH = 10_000;

/** One top-level array whose elements are looked at. */
export interface ItemOptions {
  /** The array's name; must be among the scan's names. */
  readonly array: string;
  /** Fields of the elements. The first is the label: `unlabelled` tells the first element where it is no string. */
  readonly fields: readonly string[];
  /** The label's value (plain ASCII) whose last element's range is wanted. */
  readonly mark?: string;
}

export interface ScanError {
  readonly kind: "syntax" | "duplicate";
  readonly message: string;
  /** Index of the byte at fault. */
  readonly position: number;
  /** The field that stands twice. */
  readonly field?: string;
}

/** Up to this size the copy costs next to nothing, bytes. */
const SMALL_DOCUMENT = 16 * 1024;
/** So many values are read here before a larger document is held to be one of many short ones. */
const PATIENCE = 64;

const OBJECT = 1;
const ARRAY = 2;

/** The type of the value that begins with this byte; 0 where no value does. */
const TYPE_OF = new Uint8Array(256);
for (const digit of "-0123456789") TYPE_OF[digit.charCodeAt(0)] = JSON_TYPE.number;
for (const [byte, type] of [
  ['"', 1],
  ["{", 3],
  ["[", 4],
  ["t", 5],
  ["f", 6],
  ["n", 7],
] as const)
  TYPE_OF[byte.charCodeAt(0)] = type;

function plainArrays(names: number, items: number): Omit<Region, "results" | "scan"> {
  return {
    types: new Uint8Array(names),
    starts: new Int32Array(names),
    ends: new Int32Array(names),
    nameStarts: new Int32Array(names),
    itemTypes: new Uint8Array(items),
    itemStarts: new Int32Array(items),
    itemEnds: new Int32Array(items),
  };
}

function indexOfName(names: readonly Buffer[], bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  next: for (let n = 0; n < names.length; n++) {
    const name = names[n] as Buffer;
    if (name.length !== length) continue;
    for (let k = 0; k < length; k++) if (bytes[from + k] !== name[k]) continue next;
    return n;
  }
  return -1;
}

/**
 * A scan that is made once for its names and used again and again: `read` fills the positions, which hold until the
 * next `read`. Positions are indexes into the bytes given; -1 stands for absent.
 */
export class JsonScan {
  readonly names: readonly string[];
  /** By index of the name: JSON_TYPE. */
  readonly types: Uint8Array;
  /** By index of the name: the value's range, with its quotes. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By index of the name: where the opening quote of the name stands. The member ends where the value ends. */
  readonly nameStarts: Int32Array;
  /** Index of the opening and of the closing brace. */
  open = -1;
  close = -1;
  /** Number of top-level members. */
  memberCount = 0;
  /** Elements of the array of `items`. */
  itemCount = 0;
  /** Index of the first element that is no object; -1: all are. */
  nonObject = -1;
  /** Index of the first element that is an object whose label is absent or no string; -1: none. */
  unlabelled = -1;
  /** Range of the last element that is marked. */
  markedStart = -1;
  markedEnd = -1;
  /** Of the last element: type and range of its fields. */
  readonly itemTypes: Uint8Array;
  readonly itemStarts: Int32Array;
  readonly itemEnds: Int32Array;
  error: ScanError | null = null;

  readonly #region: Region | null;
  readonly #names: readonly Buffer[];
  readonly #itemNames: readonly Buffer[];
  readonly #array: number;
  readonly #mark: Buffer | null;
  readonly #strings = new StringSkipper();
  readonly #stack = new Uint8Array(MAX_DEPTH + 1);
  /** The known field and the known item field whose values are being read; -1: others. */
  #field = -1;
  #itemField = -1;
  #itemStart = -1;
  /** Values that may still be read here; below 0 the scan has given up. */
  #patience = 0;

  /** `isKept`: made once and used for many documents, so that it is worth a place in the scanner's memory. */
  constructor(names: readonly string[], items?: ItemOptions, isKept = true) {
    const mark = items?.mark === undefined ? "" : JSON.stringify(items.mark);
    const itemNames = items?.fields ?? [];
    this.names = names;
    this.#names = names.map((name) => Buffer.from(name));
    this.#itemNames = itemNames.map((name) => Buffer.from(name));
    this.#array = items === undefined ? -1 : names.indexOf(items.array);
    this.#mark = mark === "" ? null : Buffer.from(mark);
    this.#region = isKept ? new Region({ names, itemNames, array: this.#array, mark }) : null;
    const region = this.#region ?? plainArrays(names.length, itemNames.length);
    this.types = region.types;
    this.starts = region.starts;
    this.ends = region.ends;
    this.nameStarts = region.nameStarts;
    this.itemTypes = region.itemTypes;
    this.itemStarts = region.itemStarts;
    this.itemEnds = region.itemEnds;
  }

  /**
   * Reads bytes[from, to); false when they are no JSON object: `error` then says why. Two scans do the work. The one in WebAssembly is
   * faster on many short values; the one here needs no copy of the document, is faster on few long strings, and words every fault.
   */
  read(bytes: Buffer, from = 0, to: number = bytes.length): boolean {
    const length = to - from;
    if (length <= SMALL_DOCUMENT && this.#readFast(bytes, from, to)) return true;
    this.#patience =
      this.#region !== null && length > SMALL_DOCUMENT && length <= MAX_DOCUMENT ? PATIENCE : Number.POSITIVE_INFINITY;
    if (this.#readHere(bytes, from, to)) return true;
    if (this.#patience >= 0) return false;
    if (this.#readFast(bytes, from, to)) return true;
    this.#patience = Number.POSITIVE_INFINITY;
    return this.#readHere(bytes, from, to);
  }

  /** Only the fast scan: false also for what is a JSON object of an unusual kind. `error` says nothing. */
  readPlain(bytes: Buffer, from = 0, to: number = bytes.length): boolean {
    return to - from <= MAX_DOCUMENT && this.#readFast(bytes, from, to);
  }

  #readFast(bytes: Buffer, from: number, to: number): boolean {
    const region = this.#region;
    if (region === null || !region.scan(bytes, from, to)) return false;
    const { results } = region;
    this.open = results[RESULT.open] as number;
    this.close = results[RESULT.close] as number;
    this.memberCount = results[RESULT.memberCount] as number;
    this.itemCount = results[RESULT.itemCount] as number;
    this.nonObject = results[RESULT.nonObject] as number;
    this.unlabelled = results[RESULT.unlabelled] as number;
    this.markedStart = results[RESULT.markedStart] as number;
    this.markedEnd = results[RESULT.markedEnd] as number;
    this.error = null;
    return true;
  }

  #readHere(bytes: Buffer, from: number, to: number): boolean {
    this.#reset();
    // The native search runs to the end of its buffer: a slab that is longer than its body must not be searched whole.
    const body = to === bytes.length ? bytes : bytes.subarray(0, to);
    this.#strings.start(body);
    const first = skipSpace(body, from, to);
    if (first >= to) this.#fail("unexpected end of JSON", first);
    else if (body[first] !== 123) this.#fail("must be a JSON object", first);
    else this.#scan(body, first);
    this.#strings.release();
    return this.error === null;
  }

  /** Index of a name for the arrays of this scan; -1 for a name not given. */
  indexOf(name: string): number {
    return this.names.indexOf(name);
  }

  #reset(): void {
    this.types.fill(0);
    this.starts.fill(-1);
    this.ends.fill(-1);
    this.nameStarts.fill(-1);
    this.#clearItem();
    this.open = this.close = -1;
    this.memberCount = this.itemCount = 0;
    this.nonObject = this.unlabelled = this.markedStart = this.markedEnd = -1;
    this.error = null;
    this.#field = this.#itemField = this.#itemStart = -1;
  }

  /** Runs once an element, where three calls of `fill` were a fifth of the scan. */
  #clearItem(): void {
    for (let n = 0; n < this.itemTypes.length; n++) {
      this.itemTypes[n] = 0;
      this.itemStarts[n] = this.itemEnds[n] = -1;
    }
  }

  #fail(message: string, position: number): -1 {
    this.error ??= { kind: "syntax", message: `${message} at byte ${position}`, position };
    return -1;
  }

  #scan(bytes: Buffer, first: number): void {
    const end = bytes.length;
    const stack = this.#stack;
    let depth = 0;
    let i = first;
    for (;;) {
      // a value begins at i
      i = skipSpace(bytes, i, end);
      const type = i < end ? (TYPE_OF[bytes[i] as number] as number) : 0;
      if (type === 0) return void this.#unexpected(bytes, i);
      if (this.#patience-- <= 0) return void this.#fail("left to the faster scan", i);
      if (depth <= 3) this.#valueStarts(depth, i, type);
      if (type === JSON_TYPE.string) {
        i = this.#strings.skip(i + 1);
        if (i < 0) return void this.#badString(bytes, ~i);
      } else if (type === JSON_TYPE.object || type === JSON_TYPE.array) {
        if (depth === MAX_DEPTH) return void this.#fail(`nested deeper than ${MAX_DEPTH} levels`, i);
        stack[++depth] = type === JSON_TYPE.object ? OBJECT : ARRAY;
        const next = skipSpace(bytes, i + 1, end);
        if (next < end && bytes[next] === (type === JSON_TYPE.object ? 125 : 93)) {
          i = next + 1;
          depth--;
        } else {
          i = type === JSON_TYPE.object ? this.#key(bytes, next, depth) : next;
          if (i < 0) return;
          continue;
        }
      } else {
        i = type === JSON_TYPE.number ? skipNumber(bytes, i, end) : skipLiteral(bytes, i, end);
        if (i < 0) return void this.#unexpected(bytes, ~i);
      }
      // a value ended before i: close what ends with it, or go on behind the comma
      for (;;) {
        if (depth <= 3) this.#valueEnds(bytes, depth, i);
        if (depth === 0) return this.#finish(bytes, i);
        if (i < end && (bytes[i] as number) <= 32) i = skipSpace(bytes, i, end);
        const byte = i < end ? bytes[i] : -1;
        i++;
        if (byte === 44) break;
        if (byte !== (stack[depth] === OBJECT ? 125 : 93)) return void this.#unexpected(bytes, i - 1);
        depth--;
      }
      if (stack[depth] === OBJECT) {
        i = this.#key(bytes, skipSpace(bytes, i, end), depth);
        if (i < 0) return;
      }
    }
  }

  #finish(bytes: Buffer, i: number): void {
    this.close = i - 1;
    const rest = skipSpace(bytes, i, bytes.length);
    if (rest < bytes.length) this.#fail("unexpected text after the JSON object", rest);
  }

  /** Reads a member's name and colon from i; the index behind them, or -1. */
  #key(bytes: Buffer, i: number, depth: number): number {
    const end = bytes.length;
    if (i >= end || bytes[i] !== 34) return this.#unexpected(bytes, i);
    const after = this.#strings.skip(i + 1);
    if (after < 0) return this.#badString(bytes, ~after);
    if (depth === 1) {
      this.memberCount++;
      if (!this.#known(bytes, i, after)) return -1;
    } else if (depth === 3 && this.#itemStart >= 0) {
      this.#itemField = this.#nameIndex(this.#itemNames, bytes, i, after);
    }
    const colon = after < end && bytes[after] === 58 ? after : skipSpace(bytes, after, end);
    return colon < end && bytes[colon] === 58 ? colon + 1 : this.#unexpected(bytes, colon);
  }

  /** Notes which known field begins; false when it stood before. */
  #known(bytes: Buffer, from: number, to: number): boolean {
    const field = this.#nameIndex(this.#names, bytes, from, to);
    this.#field = field;
    if (field < 0) return true;
    if (this.types[field] !== 0) {
      const name = this.names[field] as string;
      this.error = {
        kind: "duplicate",
        message: `field ${JSON.stringify(name)} stands twice`,
        position: from,
        field: name,
      };
      return false;
    }
    this.nameStarts[field] = from;
    return true;
  }

  /** Index of the name whose string, with its quotes, is bytes[from, to); a name spelled with escapes counts too. */
  #nameIndex(names: readonly Buffer[], bytes: Buffer, from: number, to: number): number {
    if (!this.#strings.escaped) return indexOfName(names, bytes, from + 1, to - 1);
    const name = Buffer.from(JSON.parse(bytes.toString("utf8", from, to)) as string);
    return indexOfName(names, name, 0, name.length);
  }

  #valueStarts(depth: number, i: number, type: number): void {
    if (depth === 0) this.open = i;
    else if (depth === 1 && this.#field >= 0) {
      this.starts[this.#field] = i;
      this.types[this.#field] = type;
    } else if (depth === 2 && this.#inItems()) {
      this.#clearItem();
      this.#itemField = -1;
      if (type === JSON_TYPE.object) this.#itemStart = i;
      else if (this.nonObject < 0) this.nonObject = this.itemCount;
    } else if (depth === 3 && this.#itemStart >= 0 && this.#itemField >= 0) {
      this.itemStarts[this.#itemField] = i;
      this.itemTypes[this.#itemField] = type;
    }
  }

  #valueEnds(bytes: Buffer, depth: number, i: number): void {
    if (depth === 1 && this.#field >= 0) this.ends[this.#field] = i;
    else if (depth === 2 && this.#inItems()) this.#itemEnds(bytes, i);
    else if (depth === 3 && this.#itemStart >= 0 && this.#itemField >= 0) this.itemEnds[this.#itemField] = i;
  }

  #inItems(): boolean {
    return this.#field >= 0 && this.#field === this.#array && this.types[this.#field] === JSON_TYPE.array;
  }

  #itemEnds(bytes: Buffer, i: number): void {
    if (this.#itemStart >= 0 && this.#itemNames.length > 0) {
      if (this.itemTypes[0] !== JSON_TYPE.string) {
        if (this.unlabelled < 0) this.unlabelled = this.itemCount;
      } else if (this.#isMarked(bytes)) {
        this.markedStart = this.#itemStart;
        this.markedEnd = i;
      }
      if (this.#itemNames.length === 2 && this.itemCount < MAX_ITEMS) this.#noteItem(i);
    }
    this.itemCount++;
    this.#itemStart = -1;
  }

  #noteItem(end: number): void {
    const at = this.itemCount * ITEM_WORDS;
    itemTable[at + ITEM_PLACE.start] = this.#itemStart;
    itemTable[at + ITEM_PLACE.end] = end;
    itemTable[at + ITEM_PLACE.first] = this.itemStarts[0] as number;
    itemTable[at + ITEM_PLACE.second] = this.itemStarts[1] as number;
    itemTable[at + ITEM_PLACE.secondEnd] = this.itemEnds[1] as number;
    itemTable[at + ITEM_PLACE.secondType] = this.itemTypes[1] as number;
  }

  #isMarked(bytes: Buffer): boolean {
    const mark = this.#mark;
    const from = this.itemStarts[0] as number;
    if (mark === null || (this.itemEnds[0] as number) - from !== mark.length) return false;
    for (let k = 0; k < mark.length; k++) if (bytes[from + k] !== mark[k]) return false;
    return true;
  }

  #unexpected(bytes: Buffer, i: number): -1 {
    if (i >= bytes.length) return this.#fail("unexpected end of JSON", bytes.length);
    return this.#fail("invalid JSON: unexpected character", i);
  }

  #badString(bytes: Buffer, i: number): -1 {
    if (i >= bytes.length) return this.#fail("unfinished string", bytes.length);
    return this.#fail((bytes[i] as number) < 32 ? "control character in a string" : "invalid escape in a string", i);
  }
}

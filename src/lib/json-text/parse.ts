// Reads JSON with comments from bytes in one pass: plain values that know their places, every duplicate name, and what is broken where.
import { CLOSE_BRACE, CLOSE_BRACKET, JsonCursor, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./cursor.ts";
import { LongList } from "./long-list.ts";
import { OpenNames } from "./names.ts";
import { PlainObject, placeAt } from "./places.ts";
import { JsonBreak, type JsonDuplicate, type JsonProblem } from "./problems.ts";
import { StringPool } from "./strings.ts";

const COLON = 0x3a;
const COMMA = 0x2c;
/** A list of more objects becomes a LongList, where it may. */
const LONG = 256;

export interface ParseOptions {
  /** Levels of nesting. */
  readonly deepest: number;
  /** Values that may be held at once: bounds the memory, whatever the text. Items of long lists do not count. */
  readonly mostValues: number;
  /** The names of members whose lists may become LongLists. */
  readonly longLists: ReadonlySet<string>;
}

export interface ParsedJson {
  /** Undefined when the text is broken. */
  readonly value: unknown;
  /** In the order of the text; a break ends the reading. */
  readonly problems: readonly JsonProblem[];
  /** Of each name the first member counts. */
  readonly duplicates: readonly JsonDuplicate[];
}

/** Reads UTF-8 bytes without a byte order mark. Objects are PlainObjects, lists are arrays, or LongLists where they may be. */
export function parseJson(bytes: Buffer, options: ParseOptions): ParsedJson {
  return new Parser(bytes, options).parse();
}

class Parser {
  readonly #cursor: JsonCursor;
  readonly #options: ParseOptions;
  readonly #open: OpenNames;
  readonly #names: StringPool;
  readonly #texts: StringPool;
  readonly #problems: JsonProblem[] = [];
  readonly #duplicates: JsonDuplicate[] = [];
  /** The items of all open lists: a list of its own would keep room for more. */
  readonly #items: unknown[] = [];
  #count = 0;

  constructor(bytes: Buffer, options: ParseOptions) {
    this.#cursor = new JsonCursor(bytes);
    this.#options = options;
    this.#names = new StringPool(bytes.length);
    this.#texts = new StringPool(bytes.length);
    this.#open = new OpenNames(this.#cursor);
  }

  parse(): ParsedJson {
    const cursor = this.#cursor;
    let value: unknown;
    try {
      cursor.skipSpace();
      value = this.#value();
      cursor.skipSpace();
      if (cursor.at < cursor.end) cursor.breakHere("more-follows");
    } catch (error) {
      if (!(error instanceof JsonBreak)) throw error;
      this.#problems.push(error.problem);
    }
    const isWhole = this.#problems.length === 0;
    return { value: isWhole ? value : undefined, problems: this.#problems, duplicates: this.#duplicates };
  }

  #value(): unknown {
    const cursor = this.#cursor;
    if (++this.#count > this.#options.mostValues) cursor.break("too-many", cursor.at, 1);
    switch (cursor.bytes[cursor.at]) {
      case QUOTE:
        return cursor.readText(this.#texts);
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#list(false);
      case 0x74:
        cursor.passWord("true");
        return true;
      case 0x66:
        cursor.passWord("false");
        return false;
      case 0x6e:
        cursor.passWord("null");
        return null;
      default:
        return cursor.readNumber();
    }
  }

  #object(): unknown {
    const cursor = this.#cursor;
    const start = cursor.open(this.#options.deepest);
    const object = new PlainObject(start);
    const base = this.#open.begin();
    for (let isLast = cursor.bytes[cursor.at] === CLOSE_BRACE; !isLast; isLast = this.#isLast(CLOSE_BRACE)) {
      const nameAt = cursor.at;
      if (cursor.bytes[nameAt] !== QUOTE) cursor.breakAtName();
      const name = cursor.readText(this.#names);
      const isNew = this.#note(start, base, nameAt);
      this.#passColon();
      const mayBeLong = cursor.bytes[cursor.at] === OPEN_BRACKET && this.#options.longLists.has(name);
      const value = mayBeLong ? this.#list(true) : this.#value();
      if (isNew) object[name] = value;
    }
    this.#open.end(base);
    cursor.close();
    return object;
  }

  #list(mayBeLong: boolean): unknown {
    const cursor = this.#cursor;
    const before = { problems: this.#problems.length, duplicates: this.#duplicates.length, count: this.#count };
    const start = cursor.open(this.#options.deepest);
    const items = this.#items;
    const base = items.length;
    for (let isLast = cursor.bytes[cursor.at] === CLOSE_BRACKET; !isLast; isLast = this.#isLast(CLOSE_BRACKET)) {
      if (mayBeLong && items.length - base >= LONG && typeof items[base] === "object") {
        // begun anew: of the items only their places are kept
        this.#problems.length = before.problems;
        this.#duplicates.length = before.duplicates;
        this.#count = before.count;
        items.length = base;
        return this.#longList(start);
      }
      items.push(this.#value());
    }
    cursor.close();
    return placeAt(takeFrom(items, base), start);
  }

  #longList(start: number): unknown {
    const cursor = this.#cursor;
    const places: number[] = [];
    cursor.at = start + 1;
    cursor.skipSpace();
    do {
      places.push(cursor.at);
      this.#check();
    } while (!this.#isLast(CLOSE_BRACKET));
    cursor.close();
    const depth = cursor.openers.length + 1;
    return placeAt(new LongList(places, (place) => this.#readAgain(place, depth)), start);
  }

  /** The value at this place, which was checked before. */
  #readAgain(offset: number, depth: number): unknown {
    this.#cursor.at = offset;
    this.#cursor.openers.length = depth;
    this.#count = 0;
    const found = this.#duplicates.length;
    const value = this.#value();
    this.#duplicates.length = found;
    return value;
  }

  /** Goes over a value without making it. */
  #check(): void {
    const cursor = this.#cursor;
    switch (cursor.bytes[cursor.at]) {
      case QUOTE:
        return cursor.checkText();
      case OPEN_BRACE:
        return this.#checkObject();
      case OPEN_BRACKET:
        return this.#checkList();
      case 0x74:
        return cursor.passWord("true");
      case 0x66:
        return cursor.passWord("false");
      case 0x6e:
        return cursor.passWord("null");
      default:
        cursor.readNumber();
    }
  }

  #checkObject(): void {
    const cursor = this.#cursor;
    const start = cursor.open(this.#options.deepest);
    const base = this.#open.begin();
    for (let isLast = cursor.bytes[cursor.at] === CLOSE_BRACE; !isLast; isLast = this.#isLast(CLOSE_BRACE)) {
      const nameAt = cursor.at;
      if (cursor.bytes[nameAt] !== QUOTE) cursor.breakAtName();
      cursor.checkText();
      this.#note(start, base, nameAt);
      this.#passColon();
      this.#check();
    }
    this.#open.end(base);
    cursor.close();
  }

  #checkList(): void {
    const cursor = this.#cursor;
    cursor.open(this.#options.deepest);
    for (let isLast = cursor.bytes[cursor.at] === CLOSE_BRACKET; !isLast; isLast = this.#isLast(CLOSE_BRACKET))
      this.#check();
    cursor.close();
  }

  /** Notes the name that was read last; false when it is a duplicate. */
  #note(object: number, base: number, nameAt: number): boolean {
    const { hash, at } = this.#cursor;
    if (this.#open.isNew(base, hash, nameAt)) return true;
    this.#duplicates.push({ name: this.#cursor.textAt(nameAt), object, offset: nameAt, length: at - nameAt });
    return false;
  }

  #passColon(): void {
    const cursor = this.#cursor;
    cursor.skipSpace();
    if (cursor.bytes[cursor.at] !== COLON) cursor.breakHere("colon-expected");
    cursor.at++;
    cursor.skipSpace();
  }

  /** After an entry: true at the closing bracket, false at the beginning of the next entry. */
  #isLast(closing: number): boolean {
    const cursor = this.#cursor;
    cursor.skipSpace();
    const byte = cursor.bytes[cursor.at];
    if (byte === closing) return true;
    if (byte !== COMMA) cursor.breakBetween(closing);
    const comma = cursor.at++;
    cursor.skipSpace();
    if (cursor.bytes[cursor.at] !== closing) return false;
    this.#problems.push({ kind: "trailing-comma", offset: comma, length: 1, opener: cursor.openers.at(-1) ?? -1 });
    return true;
  }
}

/** Takes the items from this index on. Most lists have one or two: those are made without a call. */
function takeFrom(items: unknown[], base: number): unknown[] {
  const count = items.length - base;
  if (count === 0) return [];
  if (count === 1) return [items.pop()];
  if (count > 2) return items.splice(base);
  const last = items.pop();
  return [items.pop(), last];
}

// Finds where the members and items of a JSON text stand, when somebody asks: only the brackets' places were kept.
import { CLOSE_BRACE, CLOSE_BRACKET, JsonCursor } from "./cursor.ts";

const COMMA = 0x2c;
/** A container that took longer to search is searched once for all its members, bytes. */
const LONG_WAY = 4096;

/** Byte offsets; the ends are exclusive. */
export interface MemberPlace {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Looks into a text that `parseJson` has read without a problem. */
export class JsonLookup {
  readonly #cursor: JsonCursor;
  readonly #known = new Map<number, ReadonlyMap<string, MemberPlace>>();

  constructor(bytes: Buffer) {
    this.#cursor = new JsonCursor(bytes);
  }

  /** The member of the object that begins at this offset; of equal names the first. */
  member(object: number, name: string): MemberPlace | undefined {
    return this.#find(object, name, true);
  }

  /** The item of the list that begins at this offset. */
  item(list: number, index: number): MemberPlace | undefined {
    return this.#find(list, String(index), false);
  }

  #find(container: number, name: string, isObject: boolean): MemberPlace | undefined {
    const known = this.#known.get(container);
    if (known !== undefined) return known.get(name);
    const cursor = this.#cursor;
    let at = this.#enter(container);
    for (let index = 0; !this.#isEnd(at); index++) {
      if (at - container > LONG_WAY) return this.#index(container, isObject).get(name);
      const entry = this.#entry(at, index, isObject);
      if (entry.name === name) return entry.place;
      cursor.at = entry.place.valueStart;
      cursor.skipValue();
      at = this.#next();
    }
    return undefined;
  }

  /** All entries of a container that takes long to search. */
  #index(container: number, isObject: boolean): ReadonlyMap<string, MemberPlace> {
    const entries = new Map<string, MemberPlace>();
    let at = this.#enter(container);
    for (let index = 0; !this.#isEnd(at); index++) {
      const { name, place } = this.#entry(at, index, isObject);
      if (!entries.has(name)) entries.set(name, place);
      this.#cursor.at = place.valueEnd;
      at = this.#next();
    }
    this.#known.set(container, entries);
    return entries;
  }

  #entry(at: number, index: number, isObject: boolean): { name: string; place: MemberPlace } {
    const cursor = this.#cursor;
    if (!isObject) return { name: String(index), place: new Place(cursor, at, at, at) };
    cursor.at = at;
    cursor.checkText();
    const nameEnd = cursor.at;
    cursor.skipSpace();
    cursor.at++;
    cursor.skipSpace();
    return { name: cursor.textAt(at), place: new Place(cursor, at, nameEnd, cursor.at) };
  }

  #isEnd(at: number): boolean {
    const byte = this.#cursor.bytes[at];
    return byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte === undefined;
  }

  #enter(container: number): number {
    this.#cursor.at = container + 1;
    this.#cursor.skipSpace();
    return this.#cursor.at;
  }

  /** Where the next entry or the closing bracket stands. */
  #next(): number {
    const cursor = this.#cursor;
    cursor.skipSpace();
    if (cursor.bytes[cursor.at] !== COMMA) return cursor.at;
    cursor.at++;
    cursor.skipSpace();
    return cursor.at;
  }
}

/** Where the value ends is found when somebody asks: it may be far. */
class Place implements MemberPlace {
  readonly #cursor: JsonCursor;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;

  constructor(cursor: JsonCursor, nameStart: number, nameEnd: number, valueStart: number) {
    this.#cursor = cursor;
    this.nameStart = nameStart;
    this.nameEnd = nameEnd;
    this.valueStart = valueStart;
  }

  get valueEnd(): number {
    this.#cursor.at = this.valueStart;
    this.#cursor.skipValue();
    return this.#cursor.at;
  }
}

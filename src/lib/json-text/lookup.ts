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
    const known = this.#known.get(object);
    if (known !== undefined) return known.get(name);
    for (const [found, place] of this.#members(object)) {
      if (place.nameStart - object > LONG_WAY) return this.#index(object, this.#members(object)).get(name);
      if (found === name) return place;
    }
    return undefined;
  }

  /** The item of the list that begins at this offset. */
  item(list: number, index: number): MemberPlace | undefined {
    const name = String(index);
    const known = this.#known.get(list);
    if (known !== undefined) return known.get(name);
    for (const [found, place] of this.#items(list)) {
      if (place.valueStart - list > LONG_WAY) return this.#index(list, this.#items(list)).get(name);
      if (found === name) return place;
    }
    return undefined;
  }

  #index(container: number, entries: Iterable<readonly [string, MemberPlace]>): ReadonlyMap<string, MemberPlace> {
    const index = new Map<string, MemberPlace>();
    for (const [name, place] of entries) if (!index.has(name)) index.set(name, place);
    this.#known.set(container, index);
    return index;
  }

  *#members(object: number): Generator<readonly [string, MemberPlace]> {
    const cursor = this.#cursor;
    let at = this.#enter(object);
    while (cursor.bytes[at] !== CLOSE_BRACE && at < cursor.end) {
      cursor.at = at;
      cursor.checkText();
      const nameEnd = cursor.at;
      cursor.skipSpace();
      cursor.at++;
      cursor.skipSpace();
      const valueStart = cursor.at;
      cursor.skipValue();
      const place = { nameStart: at, nameEnd, valueStart, valueEnd: cursor.at };
      at = this.#next();
      yield [cursor.textAt(place.nameStart), place];
    }
  }

  *#items(list: number): Generator<readonly [string, MemberPlace]> {
    const cursor = this.#cursor;
    let at = this.#enter(list);
    for (let index = 0; cursor.bytes[at] !== CLOSE_BRACKET && at < cursor.end; index++) {
      cursor.at = at;
      cursor.skipValue();
      const place = { nameStart: at, nameEnd: at, valueStart: at, valueEnd: cursor.at };
      at = this.#next();
      yield [String(index), place];
    }
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

// The names of all objects that are open while JSON is read, so that one that stands twice is found at once.
import type { JsonCursor } from "./cursor.ts";

/** Up to so many names are compared one by one; more are kept in a set. */
const FEW = 32;

export class OpenNames {
  readonly #cursor: JsonCursor;
  /** Of one object after the other, two numbers a name: its hash, and where it stands. */
  #notes = new Int32Array(1024);
  #top = 0;
  /** Of the objects with many names, by where theirs begin. */
  readonly #sets = new Map<number, Set<string>>();

  constructor(cursor: JsonCursor) {
    this.#cursor = cursor;
  }

  /** Begins an object; hand the answer to `isNew` and `end`. */
  begin(): number {
    return this.#top;
  }

  /** Notes the name at this place; false when the object has it already. */
  isNew(base: number, hash: number, offset: number): boolean {
    const notes = this.#notes;
    const top = this.#top;
    if (top - base >= 2 * FEW) return this.#isNewOfMany(base, offset);
    for (let index = base; index < top; index += 2)
      if (notes[index] === hash && this.#cursor.textAt(notes[index + 1]!) === this.#cursor.textAt(offset)) return false;
    notes[top] = hash;
    notes[top + 1] = offset;
    this.#top = top + 2;
    if (this.#top + 2 > notes.length) this.#grow();
    return true;
  }

  #isNewOfMany(base: number, offset: number): boolean {
    let names = this.#sets.get(base);
    if (names === undefined) {
      names = new Set();
      for (let index = base + 1; index < this.#top; index += 2) names.add(this.#cursor.textAt(this.#notes[index]!));
      this.#sets.set(base, names);
    }
    const name = this.#cursor.textAt(offset);
    if (names.has(name)) return false;
    names.add(name);
    return true;
  }

  end(base: number): void {
    if (this.#top - base >= 2 * FEW) this.#sets.delete(base);
    this.#top = base;
  }

  #grow(): void {
    const notes = new Int32Array(this.#notes.length * 2);
    notes.set(this.#notes);
    this.#notes = notes;
  }
}

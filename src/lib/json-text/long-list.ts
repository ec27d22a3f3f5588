// A list with too many items to hold them all: each is read from the text whenever it is asked for.

export class LongList<T = unknown> implements Iterable<T> {
  readonly length: number;
  readonly #places: readonly number[];
  readonly #read: (place: number, index: number) => T;

  /** `places`: where each item begins in the text. */
  constructor(places: readonly number[], read: (place: number, index: number) => T) {
    this.length = places.length;
    this.#places = places;
    this.#read = read;
  }

  /** Where the item begins in the text. */
  place(index: number): number {
    return this.#places[index]!;
  }

  /** The item, made anew each time. */
  item(index: number): T {
    return this.#read(this.place(index), index);
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.length; index++) yield this.item(index);
  }

  *entries(): Generator<[number, T]> {
    for (let index = 0; index < this.length; index++) yield [index, this.item(index)];
  }

  /** The same list with other items; `change` is called whenever an item is asked for. */
  map<U>(change: (item: T, index: number) => U): LongList<U> {
    return new LongList(this.#places, (place, index) => change(this.#read(place, index), index));
  }

  toJSON(): T[] {
    return [...this];
  }
}

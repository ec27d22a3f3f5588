// A list of things under way, to which thousands a second are added and from which they are taken.

/** What stands in a roster keeps its place there; -1 = in none. */
export interface Listed {
  place: number;
}

/**
 * Not a Set: a Set that is used so makes a new table again and again, each dead table points to its successor, and once
 * one of them is in the old generation all later ones, with what they held, outlive every scavenge: a third of all
 * finished requests did, and 8 ms went into each.
 */
export class Roster<T extends Listed> {
  readonly #list: T[] = [];

  get size(): number {
    return this.#list.length;
  }

  add(item: T): void {
    item.place = this.#list.length;
    this.#list.push(item);
  }

  /** Nothing happens when it is not listed. */
  remove(item: T): void {
    const { place } = item;
    if (this.#list[place] !== item) return;
    const last = this.#list.pop() as T;
    item.place = -1;
    if (last === item) return;
    last.place = place;
    this.#list[place] = last;
  }

  /** Each item, the newest first; `visit` may remove the one it is given. */
  each(visit: (item: T) => void): void {
    for (let i = this.#list.length - 1; i >= 0; i--) {
      const item = this.#list[i];
      if (item !== undefined) visit(item);
    }
  }
}

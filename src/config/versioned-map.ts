// A map with versions: a change costs what it changes, and a version that was sealed before keeps seeing what it saw.

/** One sealed version. */
export interface MapVersion<V> {
  get(key: string): V | undefined;
}

/**
 * It knows what was different in it and the version after it, never the one before: when the last request that began with
 * it ends, it is garbage together with its differences.
 */
class Version<V> implements MapVersion<V> {
  readonly #newest: ReadonlyMap<string, V>;
  readonly past = new Map<string, V | undefined>();
  next: Version<V> | null = null;

  constructor(newest: ReadonlyMap<string, V>) {
    this.#newest = newest;
  }

  get(key: string): V | undefined {
    if (this.past.has(key)) return this.past.get(key);
    let later = this.next;
    while (later !== null && !later.past.has(key)) later = later.next;
    return later === null ? this.#newest.get(key) : later.past.get(key);
  }
}

export class VersionedMap<V> {
  readonly #entries = new Map<string, V>();
  #sealed: Version<V> | null = null;
  #isChanged = false;

  get size(): number {
    return this.#entries.size;
  }

  /** As it is now. */
  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  set(key: string, value: V): void {
    this.#keep(key);
    this.#entries.set(key, value);
  }

  delete(key: string): boolean {
    if (!this.#entries.has(key)) return false;
    this.#keep(key);
    return this.#entries.delete(key);
  }

  #keep(key: string): void {
    this.#isChanged = true;
    const past = this.#sealed?.past;
    if (past !== undefined && !past.has(key)) past.set(key, this.#entries.get(key));
  }

  /** The map as it is now, for good; the same version while nothing changed. */
  seal(): MapVersion<V> {
    if (this.#sealed !== null && !this.#isChanged) return this.#sealed;
    const version = new Version<V>(this.#entries);
    if (this.#sealed !== null) this.#sealed.next = version;
    this.#sealed = version;
    this.#isChanged = false;
    return version;
  }
}

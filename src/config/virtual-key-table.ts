// Virtual keys in one map for all versions: a change costs what it changes, and an old snapshot still sees its own keys.
import type { VirtualKey } from "../core/snapshot.ts";

/** What changed after a version was sealed, as it was in that version; undefined = was not there. */
interface Past {
  readonly byId: Map<string, VirtualKey | undefined>;
  readonly byHash: Map<string, VirtualKey | undefined>;
}

/**
 * One sealed version. It knows what was different in it and the version after it, never the one before: when the last
 * request that began with it ends, it is garbage together with its differences, so nothing has to be swept.
 */
export class VirtualKeyVersion {
  readonly #live: LiveTables;
  readonly #past: Past = { byId: new Map(), byHash: new Map() };
  #next: VirtualKeyVersion | null = null;
  readonly count: number;

  constructor(live: LiveTables) {
    this.#live = live;
    this.count = live.byId.size;
  }

  byHash(hash: string): VirtualKey | undefined {
    return this.#find("byHash", hash);
  }

  byId(id: string): VirtualKey | undefined {
    return this.#find("byId", id);
  }

  /** The newest version looks into one empty map and the live one; an older one passes what was changed since. */
  #find(table: "byHash" | "byId", name: string): VirtualKey | undefined {
    let past: Past = this.#past;
    let next = this.#next;
    while (!past[table].has(name)) {
      if (next === null) return this.#live[table].get(name);
      past = next.#past;
      next = next.#next;
    }
    return past[table].get(name);
  }

  /** Keeps what stood there before the first change after this version. */
  keepId(id: string, key: VirtualKey | undefined): void {
    if (!this.#past.byId.has(id)) this.#past.byId.set(id, key);
  }

  keepHash(hash: string, key: VirtualKey | undefined): void {
    if (!this.#past.byHash.has(hash)) this.#past.byHash.set(hash, key);
  }

  followedBy(next: VirtualKeyVersion): void {
    this.#next = next;
  }
}

interface LiveTables {
  readonly byId: Map<string, VirtualKey>;
  readonly byHash: Map<string, VirtualKey>;
}

/** The table that the next version is made in. */
export class VirtualKeyTable {
  readonly #live: LiveTables = { byId: new Map(), byHash: new Map() };
  #newest: VirtualKeyVersion | null = null;

  set(key: VirtualKey): void {
    this.remove(key.id);
    this.#newest?.keepId(key.id, this.#live.byId.get(key.id));
    this.#live.byId.set(key.id, key);
    const hash = key.entity.valueHash;
    // a key without a secret is found by nobody
    if (hash === "") return;
    this.#newest?.keepHash(hash, this.#live.byHash.get(hash));
    this.#live.byHash.set(hash, key);
  }

  remove(id: string): void {
    const key = this.#live.byId.get(id);
    if (key === undefined) return;
    this.#newest?.keepId(id, key);
    this.#live.byId.delete(id);
    const hash = key.entity.valueHash;
    // two keys may have swapped their secrets: the hash may be another's already
    if (this.#live.byHash.get(hash) !== key) return;
    this.#newest?.keepHash(hash, key);
    this.#live.byHash.delete(hash);
  }

  /** The table as it is now, for good. */
  seal(): VirtualKeyVersion {
    const version = new VirtualKeyVersion(this.#live);
    this.#newest?.followedBy(version);
    this.#newest = version;
    return version;
  }

  /** The keys of the newest state, in the order in which they came. */
  keys(): Iterable<VirtualKey> {
    return this.#live.byId.values();
  }
}

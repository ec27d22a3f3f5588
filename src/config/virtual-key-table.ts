// Virtual keys of all versions: a change costs what it changes, and an old snapshot still sees its own keys.
import type { VirtualKey } from "../core/snapshot.ts";
import { HASH_BYTES, idEnd, KEY_FLAGS, type PackedVirtualKeys, readLabel } from "../core/virtual-key-codec.ts";
import { labelIn, VirtualKeyShelf } from "./virtual-key-shelf.ts";

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
  readonly #shelf: VirtualKeyShelf;
  readonly #past: Past = { byId: new Map(), byHash: new Map() };
  #next: VirtualKeyVersion | null = null;
  readonly count: number;

  constructor(shelf: VirtualKeyShelf) {
    this.#shelf = shelf;
    this.count = shelf.count;
  }

  byHash(hash: string): VirtualKey | undefined {
    return this.#find("byHash", hash);
  }

  byId(id: string): VirtualKey | undefined {
    return this.#find("byId", id);
  }

  /** The newest version looks into one empty map and the shelf; an older one passes what was changed since. */
  #find(table: "byHash" | "byId", name: string): VirtualKey | undefined {
    let past: Past = this.#past;
    let next = this.#next;
    while (!past[table].has(name)) {
      if (next === null) return this.#shelf[table](name);
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

/** The table that the next version is made in. */
export class VirtualKeyTable {
  readonly #shelf = new VirtualKeyShelf();
  #newest: VirtualKeyVersion | null = null;

  /** Puts every key of the packet in, in the place of the one with its id. */
  set(packed: PackedVirtualKeys): void {
    for (let index = 0; index < packed.labelEnds.length; index++) this.#set(packed, index);
  }

  #set(packed: PackedVirtualKeys, index: number): void {
    const id = idIn(packed, index);
    this.remove(id);
    this.#newest?.keepId(id, undefined);
    if (this.#newest !== null && (packed.flags[index]! & KEY_FLAGS.hasSecret) !== 0) {
      const hash = Buffer.from(packed.hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)).toString("base64");
      this.#newest.keepHash(hash, this.#shelf.byHash(hash));
    }
    this.#shelf.put(packed, index);
  }

  remove(id: string): void {
    const slot = this.#shelf.slotOf(id);
    if (slot < 0) return;
    if (this.#newest !== null) {
      const key = this.#shelf.keyAt(slot);
      this.#newest.keepId(id, key);
      if (key.valueHash !== "") this.#newest.keepHash(key.valueHash, key);
    }
    this.#shelf.take(slot);
  }

  /** The table as it is now, for good. */
  seal(): VirtualKeyVersion {
    const version = new VirtualKeyVersion(this.#shelf);
    this.#newest?.followedBy(version);
    this.#newest = version;
    return version;
  }

  /** The keys of the newest state. */
  keys(): Iterable<VirtualKey> {
    return this.#shelf.keys();
  }
}

function idIn(packed: PackedVirtualKeys, index: number): string {
  const { bytes, start } = labelIn(packed, index);
  return readLabel(bytes, start, idEnd(bytes, start))[0]!;
}

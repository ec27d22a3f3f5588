// The newest state of all virtual keys in a few bytes each: what a key may use is kept once for all keys with the same plan.
import type { VirtualKeyEntity } from "../core/entities.ts";
import type { VirtualKey, VirtualKeyProvider } from "../core/snapshot.ts";
import {
  HASH_BYTES,
  idEnd,
  KEY_FLAGS,
  type KeyPlan,
  labelPart,
  ownersOf,
  type PackedVirtualKeys,
  planWithIds,
  readLabel,
} from "../core/virtual-key-codec.ts";
import { SlotIndex } from "../lib/slot-index.ts";
import { compileScopes, SetPool } from "./compile-virtual-key.ts";
import { LabelSlabs, type Run } from "./label-slabs.ts";

/** What keys have in common. */
class Plan {
  readonly text: string;
  /** How many keys have it. */
  users = 0;
  #content: KeyPlan | null = null;
  #scopes: readonly VirtualKeyProvider[] | null | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Made when the first request comes with such a key. */
  get content(): KeyPlan {
    this.#content ??= JSON.parse(this.text) as KeyPlan;
    return this.#content;
  }

  scopes(pool: SetPool): readonly VirtualKeyProvider[] | null {
    if (this.#scopes === undefined) this.#scopes = compileScopes(this.content.providers, pool);
    return this.#scopes;
  }
}

/** A key as requests see it; its entity is made when somebody asks. */
class ShelvedKey implements VirtualKey {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly expiresAt: number | null;
  readonly providers: readonly VirtualKeyProvider[] | null;
  readonly valueHash: string;
  readonly #plan: Plan;
  /** What stands behind the name in its label. */
  readonly #rest: readonly string[];
  readonly #flags: number;
  #entity: VirtualKeyEntity | null = null;

  constructor(
    own: Pick<VirtualKeyEntity, "expiresAt" | "valueHash"> & { readonly flags: number },
    { bytes, start, end }: Run,
    plan: Plan,
    pool: SetPool,
  ) {
    const [id = "", name = "", ...rest] = readLabel(bytes, start, end);
    this.id = id;
    this.name = name;
    this.active = (own.flags & KEY_FLAGS.active) !== 0;
    this.expiresAt = own.expiresAt;
    this.valueHash = own.valueHash;
    this.providers = plan.scopes(pool);
    this.#plan = plan;
    this.#rest = rest;
    this.#flags = own.flags;
  }

  get entity(): VirtualKeyEntity {
    if (this.#entity !== null) return this.#entity;
    const { id, name, valueHash, active, expiresAt } = this;
    const { limitIds, ...owners } = ownersOf(this.#rest, this.#flags);
    this.#entity = Object.freeze({
      kind: "virtual-key",
      id,
      name,
      valueHash,
      active,
      expiresAt,
      ...owners,
      ...planWithIds(this.#plan.content, limitIds),
    });
    return this.#entity;
  }
}

/** Keys in so many slots share one block of hashes. */
const BLOCK = 4096;
/** Of the keys that were asked for lately, so many are kept made; twice as many at most. */
const RECENT = 2048;

export class VirtualKeyShelf {
  readonly #pool = new SetPool();
  readonly #plans = new Map<string, Plan>();
  readonly #byHash = new SlotIndex();
  readonly #byId = new SlotIndex();
  readonly #labels = new LabelSlabs();
  readonly #planOf: (Plan | null)[] = [];
  readonly #hashes: Uint8Array[] = [];
  readonly #flags: Uint8Array[] = [];
  /** Only of keys that expire. */
  readonly #expiresAt = new Map<number, number>();
  readonly #free: number[] = [];
  #recent = new Map<string, VirtualKey>();
  #older = new Map<string, VirtualKey>();

  get count(): number {
    return this.#byId.count;
  }

  /** Takes one key of a packet; the key that had its id must have been taken off before. */
  put(packed: PackedVirtualKeys, index: number): void {
    const slot = this.#free.pop() ?? this.#planOf.length;
    const { bytes, start, end } = labelIn(packed, index);
    const plan = this.#shared(packed.plans[packed.planOf[index]!]!);
    plan.users++;
    this.#planOf[slot] = plan;
    this.#labels.put(slot, bytes, start, end);
    this.#byId.add(hashOfBytes(bytes, start, idEnd(bytes, start)), slot);
    const flags = packed.flags[index]!;
    const [block, at] = this.#place(slot);
    this.#flags[block]![at] = flags;
    const expiresAt = packed.expiresAt[index]!;
    if (!Number.isNaN(expiresAt)) this.#expiresAt.set(slot, expiresAt);
    if ((flags & KEY_FLAGS.hasSecret) === 0) return;
    const hash = packed.hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    this.#hashes[block]!.set(hash, at * HASH_BYTES);
    this.#byHash.add(wordOf(hash, 0), slot);
  }

  /** The key of the slot is no more. */
  take(slot: number): void {
    const { bytes, start } = this.#labels.get(slot);
    const plan = this.#planOf[slot]!;
    if (--plan.users === 0) this.#plans.delete(plan.text);
    this.#byId.remove(hashOfBytes(bytes, start, idEnd(bytes, start)), slot);
    const [block, at] = this.#place(slot);
    if ((this.#flags[block]![at]! & KEY_FLAGS.hasSecret) !== 0) {
      this.#byHash.remove(wordOf(this.#hashes[block]!, at * HASH_BYTES), slot);
      this.#forget(this.#hashOf(slot));
    }
    this.#expiresAt.delete(slot);
    this.#labels.free(slot);
    this.#planOf[slot] = null;
    this.#free.push(slot);
  }

  #forget(hash: string): void {
    this.#recent.delete(hash);
    this.#older.delete(hash);
  }

  /** The slot of the key with this id; -1 = there is none. */
  slotOf(id: string): number {
    const wanted = labelPart(id);
    return this.#byId.find(hashOfBytes(wanted, 0, wanted.length), (slot) => {
      const { bytes, start, end } = this.#labels.get(slot);
      const ends = start + wanted.length;
      return ends <= end && bytes.compare(wanted, 0, wanted.length, start, ends) === 0;
    });
  }

  /** The key, made anew. */
  keyAt(slot: number): ShelvedKey {
    const [block, at] = this.#place(slot);
    const flags = this.#flags[block]![at]!;
    const own = {
      flags,
      expiresAt: this.#expiresAt.get(slot) ?? null,
      valueHash: (flags & KEY_FLAGS.hasSecret) === 0 ? "" : this.#hashOf(slot),
    };
    return new ShelvedKey(own, this.#labels.get(slot), this.#planOf[slot]!, this.#pool);
  }

  byId(id: string): VirtualKey | undefined {
    const slot = this.slotOf(id);
    return slot < 0 ? undefined : this.keyAt(slot);
  }

  /** The same object for the same key, as long as it is asked for often. */
  byHash(hash: string): VirtualKey | undefined {
    const known = this.#recent.get(hash) ?? this.#older.get(hash);
    if (known !== undefined) {
      if (!this.#recent.has(hash)) this.#keep(hash, known);
      return known;
    }
    const bytes = Buffer.from(hash, "base64");
    if (bytes.length !== HASH_BYTES) return undefined;
    const slot = this.#byHash.find(wordOf(bytes, 0), (candidate) => this.#hasHash(candidate, bytes));
    if (slot < 0) return undefined;
    const key = this.keyAt(slot);
    this.#keep(hash, key);
    return key;
  }

  #keep(hash: string, key: VirtualKey): void {
    if (this.#recent.size >= RECENT) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(hash, key);
  }

  /** Every key, made one by one. */
  *keys(): Generator<ShelvedKey> {
    for (const [slot, plan] of this.#planOf.entries()) if (plan !== null) yield this.keyAt(slot);
  }

  #shared(text: string): Plan {
    const known = this.#plans.get(text);
    if (known !== undefined) return known;
    const plan = new Plan(text);
    this.#plans.set(text, plan);
    return plan;
  }

  #place(slot: number): [number, number] {
    const block = Math.floor(slot / BLOCK);
    if (block === this.#flags.length) {
      this.#flags.push(new Uint8Array(BLOCK));
      this.#hashes.push(new Uint8Array(BLOCK * HASH_BYTES));
    }
    return [block, slot % BLOCK];
  }

  #hasHash(slot: number, bytes: Buffer): boolean {
    const [block, at] = this.#place(slot);
    return bytes.compare(this.#hashes[block]!, at * HASH_BYTES, (at + 1) * HASH_BYTES) === 0;
  }

  #hashOf(slot: number): string {
    const [block, at] = this.#place(slot);
    const bytes = this.#hashes[block]!;
    return Buffer.from(bytes.buffer, bytes.byteOffset + at * HASH_BYTES, HASH_BYTES).toString("base64");
  }
}

/** Four bytes of a hash are as good as a hash of it. */
function wordOf(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function hashOfBytes(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash;
}

/** Where the label of a key stands in its packet. */
export function labelIn({ labels, labelEnds }: PackedVirtualKeys, index: number): Run {
  const bytes = Buffer.from(labels.buffer, labels.byteOffset, labels.length);
  return { bytes, start: index === 0 ? 0 : labelEnds[index - 1]!, end: labelEnds[index]! };
}

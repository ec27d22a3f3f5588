// Virtual keys on their way to the loop, and as it keeps them: what many keys have in common once, the rest in a few bytes.
import type { BudgetEntity, RateLimitEntity, VirtualKeyEntity, VirtualKeyProviderEntity } from "./entities.ts";

/** Some virtual keys, member by member. */
export interface PackedVirtualKeys {
  /** Of each key its id, its name and the ids of its limits, see `readLabel`, one after another. */
  readonly labels: Uint8Array;
  /** Where the label of each key ends. */
  readonly labelEnds: Uint32Array;
  /** 32 bytes a key: SHA-256 of its secret; zeros where it has none. */
  readonly hashes: Uint8Array;
  /** What the keys may use, see `KeyPlan`, each once, as JSON. */
  readonly plans: readonly string[];
  /** Which of the plans each key has. */
  readonly planOf: Uint16Array;
  /** KEY_FLAGS of each key. */
  readonly flags: Uint8Array;
  /** Unix ms; NaN = never. */
  readonly expiresAt: Float64Array;
}

export const KEY_FLAGS = { active: 1, hasSecret: 2 } as const;
export const HASH_BYTES = 32;

/** Everything of a key that others may have too. The ids of limits are empty: they stand in the label, in this order. */
export type KeyPlan = Pick<VirtualKeyEntity, "budgets" | "rateLimit" | "providers">;

export function packVirtualKeys(entities: readonly VirtualKeyEntity[]): PackedVirtualKeys {
  const count = entities.length;
  const plans = new Map<string, number>();
  const packed = {
    ...packLabels(entities),
    hashes: new Uint8Array(count * HASH_BYTES),
    planOf: new Uint16Array(count),
    flags: new Uint8Array(count),
    expiresAt: new Float64Array(count),
  };
  for (const [index, entity] of entities.entries()) {
    const text = planText(entity);
    const plan = plans.get(text) ?? plans.size;
    plans.set(text, plan);
    packed.planOf[index] = plan;
    packed.flags[index] = flagsOf(entity);
    packed.expiresAt[index] = entity.expiresAt ?? Number.NaN;
    if (entity.valueHash !== "") packed.hashes.set(Buffer.from(entity.valueHash, "base64"), index * HASH_BYTES);
  }
  return { ...packed, plans: [...plans.keys()] };
}

function packLabels(entities: readonly VirtualKeyEntity[]): Pick<PackedVirtualKeys, "labels" | "labelEnds"> {
  const labelEnds = new Uint32Array(entities.length);
  const parts: Buffer[] = [];
  let end = 0;
  for (const [index, entity] of entities.entries()) {
    for (const text of [entity.id, entity.name, ...limitIds(entity)]) {
      const bytes = labelPart(text);
      parts.push(bytes);
      end += bytes.length;
    }
    labelEnds[index] = end;
  }
  // its own memory: what crosses to another thread takes the whole buffer along
  const labels = new Uint8Array(end);
  let at = 0;
  for (const bytes of parts) {
    labels.set(bytes, at);
    at += bytes.length;
  }
  return { labels, labelEnds };
}

function flagsOf(entity: VirtualKeyEntity): number {
  return (entity.active ? KEY_FLAGS.active : 0) | (entity.valueHash === "" ? 0 : KEY_FLAGS.hasSecret);
}

const NAMELESS = "";

function planText(entity: VirtualKeyEntity): string {
  const plan: KeyPlan = {
    budgets: withoutIds(entity.budgets),
    rateLimit: withoutId(entity.rateLimit),
    providers: entity.providers === null ? null : entity.providers.map(scopeWithoutIds),
  };
  return JSON.stringify(plan);
}

function scopeWithoutIds(scope: VirtualKeyProviderEntity): VirtualKeyProviderEntity {
  if (scope.budgets.length === 0 && scope.rateLimit === null) return scope;
  return { ...scope, budgets: withoutIds(scope.budgets), rateLimit: withoutId(scope.rateLimit) };
}

function withoutIds(budgets: readonly BudgetEntity[]): readonly BudgetEntity[] {
  return budgets.length === 0 ? budgets : budgets.map((budget) => ({ ...budget, id: NAMELESS }));
}

function withoutId(limit: RateLimitEntity | null): RateLimitEntity | null {
  return limit === null ? null : { ...limit, id: NAMELESS };
}

/** The ids of all limits, in the order in which they stand in the plan. */
function limitIds(entity: VirtualKeyEntity): string[] {
  const ids: string[] = [];
  for (const owner of [entity, ...(entity.providers ?? [])]) {
    for (const budget of owner.budgets) ids.push(budget.id);
    if (owner.rateLimit !== null) ids.push(owner.rateLimit.id);
  }
  return ids;
}

/** The plan with its ids, which are taken off the front of `ids`. */
export function planWithIds(plan: KeyPlan, ids: readonly string[]): KeyPlan {
  let next = 0;
  const named = <T extends Pick<KeyPlan, "budgets" | "rateLimit">>(owner: T): T => ({
    ...owner,
    budgets: owner.budgets.map((budget) => ({ ...budget, id: ids[next++] ?? NAMELESS })),
    rateLimit: owner.rateLimit === null ? null : { ...owner.rateLimit, id: ids[next++] ?? NAMELESS },
  });
  const own = named(plan);
  return { ...own, providers: plan.providers === null ? null : plan.providers.map(named) };
}

/** The longest part of a label, bytes: what is longer is cut. */
const LONGEST = 0xffff;
const LENGTH_BYTES = 2;

/** A text behind its length. */
export function labelPart(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Math.min(bytes.length, LONGEST);
  const part = Buffer.allocUnsafe(LENGTH_BYTES + length);
  part.writeUInt16LE(length);
  bytes.copy(part, LENGTH_BYTES, 0, length);
  return part;
}

/** The parts of the label that stands there: id, name, ids of limits. */
export function readLabel(bytes: Buffer, start: number, end: number): string[] {
  const parts: string[] = [];
  for (let at = start; at < end; ) {
    const from = at + LENGTH_BYTES;
    at = from + bytes.readUInt16LE(at);
    parts.push(bytes.toString("utf8", from, at));
  }
  return parts;
}

/** Where the id of the label at `start` ends; with its length before it, it is what `labelPart` makes of the id. */
export function idEnd(bytes: Buffer, start: number): number {
  return start + LENGTH_BYTES + bytes.readUInt16LE(start);
}

/** The names of the keys of a packet. */
export function namesOf({ labels, labelEnds }: PackedVirtualKeys): string[] {
  const bytes = Buffer.from(labels.buffer, labels.byteOffset, labels.length);
  return Array.from(labelEnds, (end, index) => readLabel(bytes, labelEnds[index - 1] ?? 0, end)[1] ?? "");
}

// Virtual keys on their way to the loop, and as it keeps them: what many keys have in common once, the rest in a few bytes.
import type { BudgetEntity, RateLimitEntity, VirtualKeyEntity, VirtualKeyProviderEntity } from "./entities.ts";

/** Some virtual keys, member by member. */
export interface PackedVirtualKeys {
  /** Of each key its id, its name and the ids of its limits, see `readLabel`. */
  readonly labels: readonly string[];
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
    labels: entities.map(labelOf),
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

/** Id, name and the ids of the limits in one text, each behind its length: one text a key takes the least memory. */
function labelOf(entity: VirtualKeyEntity): string {
  let label = part(entity.id) + part(entity.name);
  for (const id of limitIds(entity)) label += part(id);
  return label;
}

/** Lengths in two signs below 256, so that a text of such signs stays one byte a sign; the longest is what fits. */
const BASE = 256;
const LONGEST = BASE * BASE - 1;

function part(text: string): string {
  const length = Math.min(text.length, LONGEST);
  return String.fromCharCode(Math.floor(length / BASE), length % BASE) + text.slice(0, LONGEST);
}

/** The parts of a label: id, name, ids of limits. */
export function readLabel(label: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < label.length; ) {
    const end = at + 2 + lengthAt(label, at);
    parts.push(label.slice(at + 2, end));
    at = end;
  }
  return parts;
}

function lengthAt(label: string, at: number): number {
  return label.charCodeAt(at) * BASE + label.charCodeAt(at + 1);
}

/** True for the label of the key with this id. */
export function isLabelOf(label: string, id: string): boolean {
  return lengthAt(label, 0) === id.length && label.startsWith(id, 2);
}

/** The id of a label alone. */
export function idOfLabel(label: string): string {
  return label.slice(2, 2 + lengthAt(label, 0));
}

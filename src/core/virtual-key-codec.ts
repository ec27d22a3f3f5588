// Virtual keys on their way to the loop, and as it keeps them: what many keys have in common once, the rest in a few bytes.
import type {
  BudgetEntity,
  OwnedLimits,
  RateLimitEntity,
  VirtualKeyEntity,
  VirtualKeyProviderEntity,
} from "./entities.ts";

/** Some virtual keys, member by member. */
export interface PackedVirtualKeys {
  /** Of each key its id, its name, its team or customer and the ids of its limits, see `readLabel`, one after another. */
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

export const KEY_FLAGS = { active: 1, hasSecret: 2, hasTeam: 4, hasCustomer: 8 } as const;
export const HASH_BYTES = 32;

/** Everything of a key that others may have too. The ids of limits are empty: they stand in the label, in this order. */
export type KeyPlan = Pick<
  VirtualKeyEntity,
  "budgets" | "rateLimit" | "providers" | "onStoreDown" | "unpricedModels" | "requiredHeaders" | "contentLevel"
>;

export function packVirtualKeys(entities: readonly VirtualKeyEntity[]): PackedVirtualKeys {
  const count = entities.length;
  const plans = new Map<string, number>();
  const hashes = new Uint8Array(count * HASH_BYTES);
  const hashBytes = Buffer.from(hashes.buffer);
  const packed = {
    ...packLabels(entities),
    hashes,
    planOf: new Uint16Array(count),
    flags: new Uint8Array(count),
    expiresAt: new Float64Array(count),
  };
  for (let index = 0; index < count; index++) {
    const entity = entities[index]!;
    const text = planText(entity);
    const plan = plans.get(text) ?? plans.size;
    plans.set(text, plan);
    packed.planOf[index] = plan;
    packed.flags[index] = flagsOf(entity);
    packed.expiresAt[index] = entity.expiresAt ?? Number.NaN;
    if (entity.valueHash !== "") hashBytes.write(entity.valueHash, index * HASH_BYTES, HASH_BYTES, "base64");
  }
  return { ...packed, plans: [...plans.keys()] };
}

/** The memory of a packet: what crosses to another thread is handed over and not copied. */
export function buffersOf(packed: PackedVirtualKeys): ArrayBuffer[] {
  const { labels, labelEnds, hashes, planOf, flags, expiresAt } = packed;
  return [labels, labelEnds, hashes, planOf, flags, expiresAt].map(({ buffer }) => buffer as ArrayBuffer);
}

function packLabels(entities: readonly VirtualKeyEntity[]): Pick<PackedVirtualKeys, "labels" | "labelEnds"> {
  const labelEnds = new Uint32Array(entities.length);
  const writer = new LabelWriter();
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index]!;
    writer.add(entity.id);
    writer.add(entity.name);
    if (isNamed(entity.teamId)) writer.add(entity.teamId);
    if (isNamed(entity.customerId)) writer.add(entity.customerId);
    addLimitIds(writer, entity);
    if (entity.providers !== null) for (const scope of entity.providers) addScopeIds(writer, scope);
    labelEnds[index] = writer.end;
  }
  return { labels: writer.bytes(), labelEnds };
}

function isNamed(id: string | null | undefined): id is string {
  return id !== undefined && id !== null;
}

/** In the order in which they stand in the plan. */
function addScopeIds(writer: LabelWriter, scope: VirtualKeyProviderEntity): void {
  addLimitIds(writer, scope);
  if (scope.modelLimits !== undefined) for (const limits of scope.modelLimits) addLimitIds(writer, limits);
}

function addLimitIds(writer: LabelWriter, { budgets, rateLimit }: OwnedLimits): void {
  for (const budget of budgets) writer.add(budget.id);
  if (rateLimit !== null) writer.add(rateLimit.id);
}

function flagsOf(entity: VirtualKeyEntity): number {
  return (
    (entity.active ? KEY_FLAGS.active : 0) |
    (entity.valueHash === "" ? 0 : KEY_FLAGS.hasSecret) |
    (isNamed(entity.teamId) ? KEY_FLAGS.hasTeam : 0) |
    (isNamed(entity.customerId) ? KEY_FLAGS.hasCustomer : 0)
  );
}

const NAMELESS = "";

function planText(entity: VirtualKeyEntity): string {
  // what is not there leaves no trace in the text
  const { onStoreDown, unpricedModels, requiredHeaders, contentLevel } = entity;
  return JSON.stringify({
    budgets: withoutIds(entity.budgets),
    rateLimit: withoutId(entity.rateLimit),
    providers: entity.providers === null ? null : entity.providers.map(scopeWithoutIds),
    onStoreDown,
    unpricedModels,
    requiredHeaders,
    contentLevel,
  });
}

function scopeWithoutIds(scope: VirtualKeyProviderEntity): VirtualKeyProviderEntity {
  const { modelLimits } = scope;
  if (modelLimits !== undefined) return { ...limitsWithoutIds(scope), modelLimits: modelLimits.map(limitsWithoutIds) };
  return scope.budgets.length === 0 && scope.rateLimit === null ? scope : limitsWithoutIds(scope);
}

function limitsWithoutIds<T extends OwnedLimits>(owner: T): T {
  return { ...owner, budgets: withoutIds(owner.budgets), rateLimit: withoutId(owner.rateLimit) };
}

function withoutIds(budgets: readonly BudgetEntity[]): readonly BudgetEntity[] {
  return budgets.length === 0 ? budgets : budgets.map((budget) => ({ ...budget, id: NAMELESS }));
}

function withoutId(limit: RateLimitEntity | null): RateLimitEntity | null {
  return limit === null ? null : { ...limit, id: NAMELESS };
}

/** The plan with its ids, which are taken off the front of `ids`. */
export function planWithIds(plan: KeyPlan, ids: readonly string[]): KeyPlan {
  let next = 0;
  const named = <T extends OwnedLimits>(owner: T): T => ({
    ...owner,
    budgets: owner.budgets.map((budget) => ({ ...budget, id: ids[next++] ?? NAMELESS })),
    rateLimit: owner.rateLimit === null ? null : { ...owner.rateLimit, id: ids[next++] ?? NAMELESS },
  });
  const namedScope = (scope: VirtualKeyProviderEntity): VirtualKeyProviderEntity => {
    const own = named(scope);
    return own.modelLimits === undefined ? own : { ...own, modelLimits: own.modelLimits.map(named) };
  };
  const own = named(plan);
  return { ...own, providers: plan.providers === null ? null : plan.providers.map(namedScope) };
}

/** The longest part of a label, bytes: what is longer is cut. */
const LONGEST = 0xffff;
const LENGTH_BYTES = 2;

/** A text behind its length. */
export function labelPart(text: string): Buffer {
  const writer = new LabelWriter();
  writer.add(text);
  return Buffer.from(writer.bytes().buffer);
}

/** Room for the labels of a packet, kept from one to the next: it grows and is never given back. */
let room = Buffer.alloc(64 * 1024);

/** Writes parts of labels one behind another; only one of them writes at a time. */
class LabelWriter {
  end = 0;

  add(text: string): void {
    const from = this.end + LENGTH_BYTES;
    // no UTF-16 unit takes more than three bytes
    this.#demand(from + text.length * 3);
    const length = Math.min(room.write(text, from), LONGEST);
    room.writeUInt16LE(length, this.end);
    this.end = from + length;
  }

  /** A copy in memory of its own: what crosses to another thread takes the whole buffer along. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(room.subarray(0, this.end));
  }

  #demand(size: number): void {
    if (size <= room.length) return;
    const grown = Buffer.alloc(Math.max(size, room.length * 2));
    room.copy(grown, 0, 0, this.end);
    room = grown;
  }
}

/** The parts of the label that stands there: id, name, team or customer, ids of limits. */
export function readLabel(bytes: Buffer, start: number, end: number): string[] {
  const parts: string[] = [];
  for (let at = start; at < end; ) {
    const from = at + LENGTH_BYTES;
    at = from + bytes.readUInt16LE(at);
    parts.push(bytes.toString("utf8", from, at));
  }
  return parts;
}

/** What stands behind id and name in the label of a key with these flags. */
export function ownersOf(
  rest: readonly string[],
  flags: number,
): Pick<VirtualKeyEntity, "teamId" | "customerId"> & { readonly limitIds: readonly string[] } {
  const hasTeam = (flags & KEY_FLAGS.hasTeam) !== 0;
  const hasCustomer = (flags & KEY_FLAGS.hasCustomer) !== 0;
  return {
    ...(hasTeam ? { teamId: rest[0]! } : {}),
    ...(hasCustomer ? { customerId: rest[hasTeam ? 1 : 0]! } : {}),
    limitIds: rest.slice(Number(hasTeam) + Number(hasCustomer)),
  };
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

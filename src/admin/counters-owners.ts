// Declares counters when they are first asked for, by the limits of whoever owns them, and follows what becomes of the owners.
import { limitsWithin } from "../config/book/limits-within.ts";
import { declarationsOf } from "../core/counter-declarations.ts";
import {
  type CounterDeclaration,
  type CounterStore,
  CountersUnavailableError,
  type GrantAsk,
  type GrantRequest,
  type OwnerCounters,
} from "../core/counters.ts";
import { type Entity, entityId, type OwnedLimits } from "../core/entities.ts";

export interface CounterOwnersParts {
  readonly store: CounterStore;
  /** null = there is no such owner. Throws while the configuration cannot be read. */
  limitsOf(entityId: string): Promise<readonly OwnedLimits[] | null>;
  log(level: "warn", text: string, fields: Readonly<Record<string, string>>): void;
}

/** What became of owners; other entities may stand among them. */
export interface OwnerChange {
  readonly upserts: readonly Entity[];
  readonly removes: readonly string[];
}

interface KnownCounter {
  readonly owner: string;
  readonly isBudget: boolean;
}

/** So many counters are remembered as declared; of the others it is looked up again. */
const REMEMBERED = 50_000;
/** Owners of one look at the store: it takes a few ms. */
const PAGE = 50;
/** A change that the counters could not take is tried again this often, ms. */
const AGAIN = 1000;

const OWNER = /^(?:virtual-key|team|customer|model-limit|provider-limit):/;

export class CounterOwners {
  readonly #parts: CounterOwnersParts;
  /** Those asked for last stand last. */
  readonly #known = new Map<string, KnownCounter>();
  readonly #looking = new Map<string, Promise<readonly CounterDeclaration[]>>();
  /** Changes that the counters do not have yet. Null: the owner is gone. */
  readonly #due = new Map<string, OwnerCounters>();
  #changes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: CounterOwnersParts) {
    this.#parts = parts;
  }

  /** Whether all of these may be asked for at once. */
  knows(requests: readonly GrantRequest[]): boolean {
    let isKnown = true;
    for (const { asks } of requests) for (const ask of asks) if (!this.#isKnown(ask)) isKnown = false;
    return isKnown;
  }

  #isKnown({ counter, owner }: GrantAsk): boolean {
    if (owner === undefined) return true;
    const known = this.#known.get(counter);
    if (known === undefined) return false;
    this.#known.delete(counter);
    this.#known.set(counter, known);
    return true;
  }

  /** Declares what is not known yet; what nobody owns stays unknown. Rejects while it cannot be found out. */
  async declare(requests: readonly GrantRequest[]): Promise<void> {
    const owners = new Set<string>();
    for (const { asks } of requests)
      for (const ask of asks) if (ask.owner !== undefined && !this.#known.has(ask.counter)) owners.add(ask.owner);
    for (;;) {
      const changes = this.#changes;
      const found = await Promise.all([...owners].map((owner) => this.#look(owner)));
      // what was read before a change is not declared behind it
      if (changes !== this.#changes) continue;
      const counters = found.flat();
      if (counters.length === 0) return;
      const declared = this.#parts.store.declare(counters);
      for (const { id, owner, kind } of counters)
        this.#remember(id, { owner: owner ?? "", isBudget: kind === "budget" });
      try {
        return await declared;
      } catch (error) {
        for (const { id } of counters) this.#known.delete(id);
        throw error;
      }
    }
  }

  /** One look at an owner serves all who ask meanwhile. */
  #look(owner: string): Promise<readonly CounterDeclaration[]> {
    const looking = this.#looking.get(owner);
    if (looking !== undefined) return looking;
    const look = this.#parts
      .limitsOf(owner)
      .then((limits) => countersOf(owner, limits ?? []))
      .finally(() => this.#looking.delete(owner));
    this.#looking.set(owner, look);
    return look;
  }

  #remember(counter: string, known: KnownCounter): void {
    this.#known.delete(counter);
    this.#known.set(counter, known);
    if (this.#known.size <= REMEMBERED) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      if (this.#known.size <= REMEMBERED * 0.9) return;
    }
  }

  /** Budgets that were asked for last, newest first. */
  budgetsInUse(most: number): readonly string[] {
    const budgets: string[] = [];
    for (const [counter, { isBudget }] of this.#known) if (isBudget) budgets.push(counter);
    return budgets.slice(-most).toReversed();
  }

  /** Resolves when the counters of these owners are as they are now, and no lease of before is held. */
  async changed({ upserts, removes }: OwnerChange): Promise<void> {
    this.#changes++;
    this.#looking.clear();
    for (let at = 0; at < removes.length; at++) {
      const owner = removes[at] as string;
      if (OWNER.test(owner)) this.#due.set(owner, { owner, counters: [], isClosed: true });
    }
    for (let at = 0; at < upserts.length; at++) {
      const entity = upserts[at] as Entity;
      const owner = entityId(entity);
      if (OWNER.test(owner))
        this.#due.set(owner, { owner, counters: countersOfEntity(entity), isClosed: isClosed(entity) });
      if (at % PAGE === PAGE - 1) await this.#settle();
    }
    await this.#settle();
  }

  async #settle(): Promise<void> {
    while (this.#due.size > 0) {
      const owners = [...this.#due.values()].slice(0, PAGE);
      this.#forget(owners);
      try {
        await this.#parts.store.change(owners);
      } catch (error) {
        if (!(error instanceof CountersUnavailableError)) throw error;
        return this.#later(error.reason);
      }
      for (const one of owners) if (this.#due.get(one.owner) === one) this.#due.delete(one.owner);
    }
  }

  /** What an owner has no more is looked up when it is asked for. */
  #forget(owners: readonly OwnerCounters[]): void {
    if (owners.length === 0 || this.#known.size === 0) return;
    const changed = new Set(owners.map(({ owner }) => owner));
    const kept = new Set(owners.flatMap(({ counters }) => counters.map(({ id }) => id)));
    for (const [counter, { owner }] of this.#known)
      if (changed.has(owner) && !kept.has(counter)) this.#known.delete(counter);
  }

  #later(reason: string): void {
    if (this.#timer !== null) return;
    this.#parts.log("warn", "changed limits are not in the counters yet", { reason });
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#settle().catch((error: unknown) => this.#later(String(error)));
    }, AGAIN);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

function countersOf(owner: string, limits: readonly OwnedLimits[]): CounterDeclaration[] {
  return limits.flatMap((one) => declarationsOf(one, owner));
}

function countersOfEntity(entity: Entity): CounterDeclaration[] {
  switch (entity.kind) {
    case "virtual-key":
    case "customer":
    case "team":
    case "model-limit":
    case "provider-limit":
      return countersOf(entityId(entity), limitsWithin(entity) ?? []);
    default:
      return [];
  }
}

function isClosed(entity: Entity): boolean {
  return entity.kind === "virtual-key" && !entity.active;
}

// The lists governance.budgets and governance.rate_limits: their entries found by their own id and by their owner.
import type { Reading } from "./reading.ts";
import type { BudgetConfig, GovernanceConfig, RateLimitConfig } from "./schema/governance.ts";

type Entry = BudgetConfig | RateLimitConfig;

/** The members by which an entry names its owner. */
export const OWNER_MEMBERS = [
  "virtual_key_id",
  "provider_config_id",
  "model_config_id",
  "team_id",
  "customer_id",
  "provider",
] as const;

export type OwnerKind = (typeof OWNER_MEMBERS)[number];

export class SharedLimits {
  readonly #reading: Reading;
  readonly #budgets: Entries<BudgetConfig>;
  readonly #rateLimits: Entries<RateLimitConfig>;

  constructor(reading: Reading, governance: GovernanceConfig | undefined) {
    this.#reading = reading;
    this.#budgets = new Entries(governance?.budgets ?? []);
    this.#rateLimits = new Entries(governance?.rate_limits ?? []);
  }

  get isEmpty(): boolean {
    return this.#budgets.all.length + this.#rateLimits.all.length === 0;
  }

  /** Those of the owner that is called by any of these names, and the one with this id. */
  budgetsOf(kind: OwnerKind, names: readonly string[], id: string | undefined): readonly BudgetConfig[] {
    return this.#budgets.find(kind, names, id);
  }

  rateLimitsOf(kind: OwnerKind, names: readonly string[], id: string | undefined): readonly RateLimitConfig[] {
    return this.#rateLimits.find(kind, names, id);
  }

  /** Names the entries that limit nothing: their owner is not in the file. */
  warnUnused(): void {
    const { document } = this.#reading;
    for (const entry of [...this.#budgets.unused(), ...this.#rateLimits.unused()])
      document.warn(document.at(entry), "reference", "the owner of this limit is not in the file; it limits nothing", {
        remedy: `Name its owner with one of ${OWNER_MEMBERS.join(", ")}, or remove it.`,
      });
  }
}

const NONE: readonly never[] = Object.freeze([]);

/** One of the lists, with an index: it may be as long as the list of owners. */
class Entries<E extends Entry> {
  readonly all: readonly E[];
  readonly #byName = new Map<string, E[]>();
  readonly #used = new Set<E>();

  constructor(list: readonly (E | undefined)[]) {
    this.all = list.filter((entry) => entry !== undefined);
    for (const entry of this.all) {
      if (entry.id !== undefined && entry.id !== "") this.#note(`id ${entry.id}`, entry);
      for (const kind of OWNER_MEMBERS) if (entry[kind] !== undefined) this.#note(`${kind} ${entry[kind]}`, entry);
    }
  }

  #note(name: string, entry: E): void {
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, [entry]);
    else known.push(entry);
  }

  find(kind: OwnerKind, names: readonly string[], id: string | undefined): readonly E[] {
    if (this.all.length === 0) return NONE;
    const found = new Set(names.flatMap((name) => this.#byName.get(`${kind} ${name}`) ?? []));
    if (id !== undefined && id !== "") for (const entry of this.#byName.get(`id ${id}`) ?? []) found.add(entry);
    for (const entry of found) this.#used.add(entry);
    return [...found];
  }

  unused(): E[] {
    return this.all.filter((entry) => !this.#used.has(entry));
  }
}

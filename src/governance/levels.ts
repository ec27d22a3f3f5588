// The levels of a request: which counters hold for a virtual key and a target, worked out once for each key.
import type { ModelLimitEntity, VirtualKeyEntity, VirtualKeyProviderEntity } from "../core/entities.ts";
import type { GovernanceBook } from "../core/governance.ts";
import type { VirtualKey } from "../core/snapshot.ts";
import { type CounterSpec, type Owner, specsOf } from "./counter-spec.ts";
import type { LearnedHere } from "./estimator.ts";
import type { LoopCounter } from "./loop-counter.ts";

/** The counters of one target for one caller. */
export interface TargetLevels {
  readonly specs: readonly CounterSpec[];
  /** One of them is a budget that is never exceeded. */
  readonly hasHard: boolean;
  readonly hasBudget: boolean;
  /** The counters of `specs`, found once and looked up again when one was forgotten; the engine's. */
  readonly live: (LoopCounter | undefined)[];
  /** What was learned of this caller's requests, by model as the provider spells it; the governor's. */
  readonly learned: Map<string, LearnedHere>;
}

function levelsFrom(specs: readonly CounterSpec[]): TargetLevels {
  const budgets = specs.filter(({ kind }) => kind === "budget");
  return {
    specs,
    hasHard: budgets.some(({ hard }) => hard),
    hasBudget: budgets.length > 0,
    live: specs.map(() => undefined),
    learned: new Map(),
  };
}

/** No limits at all. */
export const NO_LEVELS: TargetLevels = levelsFrom([]);

/** What holds of one caller. */
interface CallerLevels {
  /** Entity id of the key; empty without one. */
  readonly entity: string;
  /** By provider, of models that have no limits of their own. */
  readonly plain: Map<string, TargetLevels>;
  /** By provider and model, of models that have; as many as are configured. */
  readonly special: Map<string, Map<string, TargetLevels>>;
  readonly scopes: ReadonlyMap<string, readonly VirtualKeyProviderEntity[]>;
  readonly modelLimits: readonly HeldModelLimit[];
  readonly shared: readonly CounterSpec[];
}

/** Models that `models` must not outgrow: callers name what they like where a pattern holds for all models. */
const MOST_SPECIAL = 1000;

/** The levels of one version of the configuration; made anew with each, filled as keys are used. */
export class LevelTable {
  readonly #book: GovernanceBook;
  /** A key that is no longer used goes with its object. */
  readonly #callers = new WeakMap<VirtualKey, CallerLevels>();
  readonly #nobody: CallerLevels;
  readonly #global: readonly ModelLimitEntity[];

  constructor(book: GovernanceBook) {
    this.#book = book;
    this.#global = book.modelLimitsOf(null);
    this.#nobody = this.#compile(null);
  }

  /** What a request of this caller to this model of this provider must reserve. `model` as it was asked, without provider. */
  of(key: VirtualKey | null, provider: string, model: string): TargetLevels {
    const caller = this.#caller(key);
    if (caller.modelLimits.length === 0 && this.#global.length === 0) return this.#plain(caller, provider);
    const known = caller.special.get(provider)?.get(model);
    if (known !== undefined) return known;
    if (!this.#isSpecial(caller, provider, model)) return this.#plain(caller, provider);
    let models = caller.special.get(provider);
    if (models === undefined) caller.special.set(provider, (models = new Map()));
    if (models.size >= MOST_SPECIAL) models.clear();
    const made = levelsFrom(this.#specs(caller, provider, model));
    models.set(model, made);
    return made;
  }

  #caller(key: VirtualKey | null): CallerLevels {
    if (key === null) return this.#nobody;
    const known = this.#callers.get(key);
    if (known !== undefined) return known;
    const made = this.#compile(key.entity);
    this.#callers.set(key, made);
    return made;
  }

  #plain(caller: CallerLevels, provider: string): TargetLevels {
    const known = caller.plain.get(provider);
    if (known !== undefined) return known;
    const specs = this.#specs(caller, provider, null);
    const made = specs.length === 0 ? NO_LEVELS : levelsFrom(specs);
    caller.plain.set(provider, made);
    return made;
  }

  #compile(key: VirtualKeyEntity | null): CallerLevels {
    const scopes = new Map<string, VirtualKeyProviderEntity[]>();
    for (const scope of key?.providers ?? []) {
      const list = scopes.get(scope.provider);
      if (list === undefined) scopes.set(scope.provider, [scope]);
      else list.push(scope);
    }
    return {
      entity: key === null ? "" : `virtual-key:${key.id}`,
      plain: new Map(),
      special: new Map(),
      scopes,
      modelLimits: key === null ? [] : [...this.#book.modelLimitsOf(key.id), ...scopedModelLimits(key)],
      shared: key === null ? [] : this.#shared(key),
    };
  }

  /** Key, team and customer: whatever the target. */
  #shared(key: VirtualKeyEntity): readonly CounterSpec[] {
    const team = key.teamId ? this.#book.findTeam(key.teamId) : undefined;
    const customerId = key.customerId ?? team?.customerId;
    const customer = customerId ? this.#book.findCustomer(customerId) : undefined;
    return [
      ...specsOf({ kind: "VK", name: key.name, entity: `virtual-key:${key.id}` }, key),
      ...(team === undefined ? [] : specsOf({ kind: "Team", name: team.name, entity: `team:${team.id}` }, team)),
      ...(customer === undefined
        ? []
        : specsOf({ kind: "Customer", name: customer.name, entity: `customer:${customer.id}` }, customer)),
    ];
  }

  #isSpecial(caller: CallerLevels, provider: string, model: string): boolean {
    const holds = (limit: ModelLimitEntity): boolean => holdsFor(limit, provider, model);
    return this.#global.some(holds) || caller.modelLimits.some(holds);
  }

  /** In the order in which they are told: provider, model, provider config, key, team, customer, models of the key. */
  #specs(caller: CallerLevels, provider: string, model: string | null): readonly CounterSpec[] {
    const own = this.#book.findProviderLimit(provider);
    const specs = [
      ...(own === undefined
        ? []
        : specsOf({ kind: "Provider", name: provider, entity: `provider-limit:${provider}` }, own)),
      ...modelSpecs(this.#global, provider, model),
      ...(caller.scopes.get(provider) ?? []).flatMap((scope) =>
        specsOf({ kind: "Provider config", name: provider, entity: caller.entity }, scope),
      ),
      ...caller.shared,
      ...modelSpecs(caller.modelLimits, provider, model),
    ];
    return onceEach(specs);
  }
}

/** A model limit, and where it stands when that is no entity of its own. */
interface HeldModelLimit extends ModelLimitEntity {
  readonly holder?: string;
}

function scopedModelLimits(key: VirtualKeyEntity): HeldModelLimit[] {
  return (key.providers ?? []).flatMap(({ provider, modelLimits = [] }) =>
    modelLimits.map((limit) => ({
      kind: "model-limit",
      id: `${key.id}/${provider}/${limit.model}`,
      provider,
      virtualKeyId: key.id,
      holder: `virtual-key:${key.id}`,
      ...limit,
    })),
  );
}

function holdsFor(limit: ModelLimitEntity, provider: string, model: string): boolean {
  return (limit.model === model || limit.model === "*") && (limit.provider === null || limit.provider === provider);
}

function modelSpecs(limits: readonly HeldModelLimit[], provider: string, model: string | null): CounterSpec[] {
  if (model === null) return [];
  return limits.filter((limit) => holdsFor(limit, provider, model)).flatMap((limit) => specsOf(ownerOf(limit), limit));
}

function ownerOf({ id, provider, model, holder }: HeldModelLimit): Owner {
  return {
    kind: "Model",
    name: provider === null ? model : `${provider}/${model}`,
    entity: holder ?? `model-limit:${id}`,
  };
}

/** A limit that two owners share by its id is reserved once. */
function onceEach(specs: readonly CounterSpec[]): readonly CounterSpec[] {
  const seen = new Set<string>();
  return specs.filter(({ id }) => !seen.has(id) && seen.add(id) !== undefined);
}

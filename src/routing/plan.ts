// The planner: a pure function from what is asked, configured and known of the present to the order of targets to try.
import type {
  Assumptions,
  Candidate,
  Decision,
  PlannedTarget,
  RemovalReason,
  RequestFeatures,
  RoutingEngine,
  StateView,
  TargetReason,
} from "../core/decision.ts";
import type { Snapshot, VirtualKeyProvider } from "../core/snapshot.ts";
import { Random } from "../lib/random.ts";
import { weightedPick } from "../lib/weighted-pick.ts";
import { examine, isKnownToOffer, type Option, splitModel } from "./candidates.ts";
import { chooseKey, wireModel } from "./choose-key.ts";
import { refusal } from "./refuse.ts";

const NONE: ReadonlySet<string> = new Set();
const NO_FALLBACKS = { options: [], reason: "automatic fallback" as const, removed: [] };

interface Found {
  readonly engine: RoutingEngine;
  readonly options: Option[];
  readonly removed: Candidate[];
}

/** What is found, and how the first draw is weighed. */
interface Prospect {
  readonly found: Found;
  /** By option; their sum, 0 where nothing is drawn. */
  readonly weights: readonly number[];
  readonly total: number;
  /** Index of the option that is taken without a draw; -1: none. */
  readonly undrawn: number;
  readonly candidates: readonly Candidate[];
}

/** A prospect that is kept, with what a request must have in common with the one that it was made for. */
interface KeptProspect extends Prospect {
  readonly operation: RequestFeatures["operation"];
  readonly stream: boolean;
  readonly convertText: boolean;
  readonly ownProvider: string | null;
}

/** What a virtual key may use: all keys with the same plan share one list. Texts stand for keys that may use everything, and for none. */
type Scopes = readonly VirtualKeyProvider[] | "any" | "none";

/** By model, then by scopes: the prospects of requests alike while every key is healthy. */
type Kept = Map<string, Map<Scopes, KeptProspect[]>>;
const prospects = new WeakMap<Snapshot, Kept>();
/** So many models, and so many different scopes for one model. */
const MAX_MODELS = 2_000;
const MAX_SCOPES = 2_000;

function scopesOf({ virtualKey }: RequestFeatures): Scopes {
  return virtualKey === null ? "none" : (virtualKey.providers ?? "any");
}

/** The list for requests with this model and these scopes; empty at first. */
function keptFor(snapshot: Snapshot, features: RequestFeatures): KeptProspect[] {
  let models = prospects.get(snapshot);
  if (models === undefined || models.size > MAX_MODELS) prospects.set(snapshot, (models = new Map()));
  let byScopes = models.get(features.model);
  if (byScopes === undefined || byScopes.size > MAX_SCOPES) models.set(features.model, (byScopes = new Map()));
  const scopes = scopesOf(features);
  let list = byScopes.get(scopes);
  if (list === undefined) byScopes.set(scopes, (list = []));
  return list;
}

function kindOf(features: RequestFeatures): Omit<KeptProspect, keyof Prospect> {
  const { operation, stream, convertText, ownProvider } = features;
  return { operation, stream, convertText: convertText === true, ownProvider };
}

function isAlike(known: KeptProspect, features: RequestFeatures): boolean {
  return (
    known.operation === features.operation &&
    known.stream === features.stream &&
    known.convertText === (features.convertText === true) &&
    known.ownProvider === features.ownProvider
  );
}

/** The primary is drawn by weight and health; the caller's or the catalogue's own order is kept. */
function weigh(found: Found): Prospect {
  const { options } = found;
  const prospect = (weights: readonly number[], total: number, undrawn: number): Prospect => {
    const shares = options.map((_, i) => (total > 0 ? (weights[i] as number) / total : i === undrawn ? 1 : 0));
    return { found, weights, total, undrawn, candidates: [...describeOptions(options, shares), ...found.removed] };
  };
  if (found.engine !== "governance") return prospect([], 0, firstHealthy(options, found.engine));
  const pool = options.map((option) => (option.weight ?? 0) * option.health);
  const weights = pool.some((weight) => weight > 0) ? pool : options.map((option) => option.weight ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return prospect(
    weights,
    total,
    options.findIndex((option) => option.weight !== null),
  );
}

/** One planning under way. */
class Planner {
  readonly features: RequestFeatures;
  readonly snapshot: Snapshot;
  readonly view: StateView;
  readonly assume: Assumptions | null;
  readonly random: Random;

  constructor(
    features: RequestFeatures,
    snapshot: Snapshot,
    view: StateView,
    seed: number,
    assume: Assumptions | null,
  ) {
    this.features = features;
    this.snapshot = snapshot;
    this.view = view;
    this.assume = assume;
    this.random = new Random(seed);
  }

  /** Adds the pair to the options or, with its reason, to the removed. */
  add(found: Found, provider: string, model: string): void {
    const option = examine(provider, model, this.features, {
      snapshot: this.snapshot,
      view: this.view,
      assume: this.assume,
    });
    if (typeof option === "string") found.removed.push(removed(provider, model, option));
    else found.options.push(option);
  }

  find(): Found {
    const asked = splitModel(this.features.model, this.snapshot);
    if (asked.provider !== null) return this.named(asked.provider, asked.model);
    const scopes = this.features.virtualKey?.providers ?? null;
    if (scopes !== null)
      return this.governed(
        scopes.map((scope) => scope.provider),
        asked.model,
      );
    return this.catalogued(asked.model);
  }

  named(provider: string, model: string): Found {
    const found: Found = { engine: "explicit", options: [], removed: [] };
    this.add(found, provider, model);
    return found;
  }

  /** The providers of the virtual key. One without an allow-list takes what it is known to offer, or anything where nothing is known. */
  governed(providers: readonly string[], model: string): Found {
    const found: Found = { engine: "governance", options: [], removed: [] };
    for (const provider of providers) this.add(found, provider, model);
    const doubtful = found.options.filter((option) => option.scope?.allowed === null && !this.offers(option));
    const sure = found.options.filter((option) => !doubtful.includes(option));
    const unknown = doubtful.filter((option) => isKnownToOffer(option.provider, model, this.snapshot) === null);
    const kept = sure.length > 0 ? sure : unknown;
    for (const option of found.options)
      if (!kept.includes(option))
        found.removed.push(removed(option.provider.name, model, "no key serves the model", option.weight));
    const dropped = found.options.length > 0 && kept.length === 0;
    return { engine: "governance", options: kept, removed: dropped ? [] : found.removed };
  }

  offers(option: Option): boolean {
    return isKnownToOffer(option.provider, option.model, this.snapshot) === true;
  }

  catalogued(model: string): Found {
    const found: Found = { engine: "model-catalog", options: [], removed: [] };
    const own = this.features.ownProvider;
    if (own !== null && this.snapshot.providers.has(own)) this.add(found, own, model);
    for (const provider of this.snapshot.offers.get(model) ?? [])
      if (provider !== own) this.add(found, provider, model);
    return found;
  }

  /** What stands before the draw. With every key healthy it is the same for all requests alike, and kept. */
  prospect(): Prospect {
    const { features, snapshot, view, assume } = this;
    const isUsual = view.keys.size === 0 && assume === null && features.pinnedKey === null;
    if (!isUsual || (features.usedUp ?? null) !== null) return weigh(this.find());
    const list = keptFor(snapshot, features);
    for (const known of list) if (isAlike(known, features)) return known;
    const prospect = { ...weigh(this.find()), ...kindOf(features) };
    list.push(prospect);
    return prospect;
  }

  target(option: Option, reason: TargetReason): PlannedTarget {
    const key = chooseKey(option.keys, NONE, this.view, this.random) as PlannedTarget["key"];
    const model = wireModel(key, option.model);
    const known = option.provider.models.get(model) ?? option.provider.models.get(option.model);
    return {
      provider: option.provider,
      model,
      askedModel: option.model,
      key,
      keys: option.keys,
      scope: option.scope,
      reason,
      contextWindow: known?.contextWindow ?? null,
    };
  }

  /** The fallbacks: those that the caller named, as given; else, for a virtual key, its other providers by weight. */
  fallbacks(found: Found, first: number): { options: Option[]; reason: TargetReason; removed: Candidate[] } {
    if (this.features.fallbacks.length > 0) {
      const named: Found = { engine: "explicit", options: [], removed: [] };
      for (const entry of this.features.fallbacks) this.addFallback(named, entry);
      return { options: named.options, reason: "fallback named by the caller", removed: named.removed };
    }
    if (found.engine !== "governance" || found.options.length < 2) return NO_FALLBACKS;
    const others = found.options.filter((option, index) => index !== first && option.weight !== null);
    others.sort((a, b) => b.health - a.health || (b.weight ?? 0) - (a.weight ?? 0));
    return { options: others, reason: "automatic fallback", removed: [] };
  }

  addFallback(named: Found, entry: string): void {
    const { provider, model } = splitModel(entry, this.snapshot);
    const name = provider ?? this.snapshot.offers.get(model)?.[0];
    if (name === undefined) named.removed.push(removed("", model, "provider not configured"));
    else this.add(named, name, model);
  }
}

function removed(provider: string, model: string, reason: RemovalReason, weight: number | null = null): Candidate {
  return { provider, model, weight, share: 0, health: 0, removed: reason };
}

/** In the catalogue's order the first that does not rest; a named provider is taken as it is. */
function firstHealthy(options: readonly Option[], engine: RoutingEngine): number {
  if (options.length === 0) return -1;
  if (engine === "explicit") return 0;
  const healthy = options.findIndex((option) => option.health > 0);
  return healthy < 0 ? 0 : healthy;
}

function primaryReason(found: Found, draw: number | null): TargetReason {
  if (found.engine === "explicit") return "named";
  if (found.engine === "model-catalog") return "catalogue";
  return found.options.length === 1 || draw === null ? "only candidate" : "drawn";
}

function describeOptions(options: readonly Option[], shares: readonly number[]): Candidate[] {
  return options.map((option, index) => {
    const share = shares[index] ?? 0;
    const base = {
      provider: option.provider.name,
      model: option.model,
      weight: option.weight,
      share,
      health: option.health,
    };
    return option.weight === null && share === 0
      ? { ...base, removed: "weight is null: used only when named" as const }
      : base;
  });
}

/**
 * Decides where a request goes. Pure: the same features, snapshot, view, seed and assumptions give the same decision,
 * in the data plane, in a simulation and in a replay. Never throws; without a target `refusal` says why.
 */
export function plan(
  features: RequestFeatures,
  snapshot: Snapshot,
  view: StateView,
  seed: number,
  assume: Assumptions | null = null,
): Decision {
  const planner = new Planner(features, snapshot, view, seed, assume);
  const { found, weights, total, undrawn, candidates: known } = planner.prospect();
  const draw = total > 0 ? planner.random.next() : null;
  const first = draw === null ? undrawn : weightedPick(weights, draw);
  const order: PlannedTarget[] = [];
  const primary = found.options[first];
  if (primary !== undefined) order.push(planner.target(primary, primaryReason(found, draw)));
  const others = planner.fallbacks(found, first);
  const extra: Candidate[] = [];
  for (const option of others.options) {
    const repeated = order.some((t) => t.provider === option.provider && t.askedModel === option.model);
    if (repeated) extra.push(removed(option.provider.name, option.model, "repeated", option.weight));
    else order.push(planner.target(option, others.reason));
  }
  const candidates = extra.length + others.removed.length === 0 ? known : [...known, ...extra, ...others.removed];
  return {
    seed,
    draw,
    engine: found.engine,
    candidates,
    order,
    snapshotVersion: snapshot.version,
    refusal: order.length === 0 ? refusal(features, candidates, snapshot) : null,
  };
}

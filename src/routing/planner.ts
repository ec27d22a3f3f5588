// One planning under way: finds who could serve a request, and makes targets of them.
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
import type { Snapshot } from "../core/snapshot.ts";
import type { Random } from "../lib/random.ts";
import { examine, isKnownToOffer, type Option, splitModel } from "./candidates.ts";
import { chooseKey, wireModel } from "./choose-key.ts";

const NONE: ReadonlySet<string> = new Set();

/** Who could serve a request, and who not. */
export interface Found {
  readonly engine: RoutingEngine;
  readonly options: Option[];
  readonly removed: Candidate[];
}

/** What a decision says but for where it comes from. */
export type Decided = Pick<Decision, "draw" | "engine" | "candidates" | "order" | "refusal">;

/** What is tried behind the first target. */
export interface Fallbacks {
  readonly options: readonly Option[];
  readonly reason: TargetReason;
  readonly removed: readonly Candidate[];
}

const NO_FALLBACKS: Fallbacks = { options: [], reason: "automatic fallback", removed: [] };

/** One planning under way. */
export class Planner {
  readonly features: RequestFeatures;
  readonly snapshot: Snapshot;
  readonly view: StateView;
  readonly assume: Assumptions | null;
  readonly random: Random;

  constructor(
    features: RequestFeatures,
    snapshot: Snapshot,
    view: StateView,
    random: Random,
    assume: Assumptions | null,
  ) {
    this.features = features;
    this.snapshot = snapshot;
    this.view = view;
    this.assume = assume;
    this.random = random;
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
    return asked.provider === null ? this.findBare(asked.model) : this.named(asked.provider, asked.model);
  }

  /** For a model without a provider. */
  findBare(model: string): Found {
    const scopes = this.features.virtualKey?.providers ?? null;
    if (scopes !== null)
      return this.governed(
        scopes.map((scope) => scope.provider),
        model,
      );
    return this.catalogued(model);
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
  fallbacks(found: Found, first: number): Fallbacks {
    if (this.features.fallbacks.length > 0)
      return this.namedFallbacks(this.features.fallbacks, "fallback named by the caller");
    if (found.engine !== "governance" || found.options.length < 2) return NO_FALLBACKS;
    const others = found.options.filter((option, index) => index !== first && option.weight !== null);
    others.sort((a, b) => b.health - a.health || (b.weight ?? 0) - (a.weight ?? 0));
    return { options: others, reason: "automatic fallback", removed: [] };
  }

  /** These, in their order. */
  namedFallbacks(entries: readonly string[], reason: TargetReason): Fallbacks {
    const named: Found = { engine: "explicit", options: [], removed: [] };
    for (const entry of entries) this.addFallback(named, entry);
    return { options: named.options, reason, removed: named.removed };
  }

  addFallback(named: Found, entry: string): void {
    const { provider, model } = splitModel(entry, this.snapshot);
    const name = provider ?? this.snapshot.offers.get(model)?.[0];
    if (name === undefined) named.removed.push(removed("", model, "provider not configured"));
    else this.add(named, name, model);
  }
}

/** A candidate that is not tried. */
export function removed(
  provider: string,
  model: string,
  reason: RemovalReason,
  weight: number | null = null,
): Candidate {
  return { provider, model, weight, share: 0, health: 0, removed: reason };
}

/** Puts the fallbacks behind what is in the order; what stands there twice is told among the removed. */
export function follow(planner: Planner, order: PlannedTarget[], others: Fallbacks): readonly Candidate[] {
  const extra: Candidate[] = [];
  for (const option of others.options) {
    const repeated = order.some((t) => t.provider === option.provider && t.askedModel === option.model);
    if (repeated) extra.push(removed(option.provider.name, option.model, "repeated", option.weight));
    else order.push(planner.target(option, others.reason));
  }
  return extra.length + others.removed.length === 0 ? extra : [...extra, ...others.removed];
}

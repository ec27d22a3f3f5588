// What stands before the draw of a first target: weights and shares, kept for requests that are alike.
import type { Candidate, RequestFeatures, RoutingEngine } from "../core/decision.ts";
import type { Snapshot, VirtualKeyProvider } from "../core/snapshot.ts";
import type { Option } from "./candidates.ts";
import type { Found, Planner } from "./planner.ts";

/** What is found, and how the first draw is weighed. */
export interface Prospect {
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
export function weigh(found: Found): Prospect {
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

/** In the catalogue's order the first that does not rest; a named provider is taken as it is. */
function firstHealthy(options: readonly Option[], engine: RoutingEngine): number {
  if (options.length === 0) return -1;
  if (engine === "explicit") return 0;
  const healthy = options.findIndex((option) => option.health > 0);
  return healthy < 0 ? 0 : healthy;
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

/** What stands before the draw. With every key healthy it is the same for all requests alike, and kept. */
export function prospectOf(planner: Planner): Prospect {
  const { features, snapshot, view, assume } = planner;
  const isUsual = view.keys.size === 0 && assume === null && features.pinnedKey === null;
  if (!isUsual || (features.usedUp ?? null) !== null) return weigh(planner.find());
  const list = keptFor(snapshot, features);
  for (const known of list) if (isAlike(known, features)) return known;
  const prospect = { ...weigh(planner.find()), ...kindOf(features) };
  list.push(prospect);
  return prospect;
}

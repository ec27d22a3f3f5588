// GET /v1/models: the live lists of all configured providers together, as far as the caller may use them.
import { GatewayError } from "../core/errors.ts";
import type { Provider, Snapshot, VirtualKey, VirtualKeyProvider } from "../core/snapshot.ts";
import type { PlaneAnswer, PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { nearestName } from "../lib/nearest.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { LiveModels } from "./live-models.ts";
import { type ModelEntry, modelEntries } from "./model-entries.ts";
import type { PriceLookup } from "./prices-port.ts";
import type { Route } from "./router.ts";

const PATHS = [
  "/v1/models",
  "/openai/v1/models",
  "/openai/models",
  "/openai/openai/v1/models",
  "/openai/openai/models",
];
const MOST_ON_A_PAGE = 10_000;

interface Asked {
  readonly provider: Provider;
  readonly scope: VirtualKeyProvider | null;
}

interface Failed {
  readonly provider: string;
  readonly reason: string;
}

/** One route for each spelling. `live` is handed over in tests. */
export function modelRoutes(
  house: AdminHouse,
  live = new LiveModels({ upstream: house.upstream, now: house.now }),
): Route[] {
  const handle = (request: PlaneRequest): Promise<PlaneAnswer> => answer(request, house, live);
  return PATHS.map((path) => ({ method: "GET", path, demands: "inference", handle }) as const);
}

async function answer(request: PlaneRequest, house: AdminHouse, live: LiveModels): Promise<PlaneAnswer> {
  const startedAt = performance.now();
  const known = house.configuration();
  const { snapshot } = known;
  const virtualKey = await house.identify(request.headers, known);
  const page = readPage(request.query);
  const asked = askedProviders(request.query.get("provider"), snapshot, virtualKey);
  const lookup = await house.prices.lookup();
  const lists = await Promise.all(asked.map((one) => listOf(one, live, lookup)));
  const entries = lists.flatMap((list) => list.entries);
  const next = page.from + page.size;
  return jsonAnswer({
    object: "list",
    data: entries.slice(page.from, next),
    extra_fields: {
      request_type: "list_models",
      latency: Math.round(performance.now() - startedAt),
      providers: asked.map((one) => one.provider.name),
      failed_providers: lists.flatMap((list) => list.failed),
    },
    ...(next < entries.length ? { next_page_token: Buffer.from(String(next)).toString("base64url") } : {}),
  });
}

async function listOf(
  asked: Asked,
  live: LiveModels,
  lookup: PriceLookup,
): Promise<{ entries: ModelEntry[]; failed: Failed[] }> {
  const listing = await live.list(asked.provider);
  if (listing.type === "models")
    return { entries: modelEntries(asked.provider, listing.models, asked.scope, lookup), failed: [] };
  return { entries: [], failed: [{ provider: asked.provider.name, reason: listing.reason }] };
}

/** The providers to ask: those of the virtual key that have a list, or the one that was named. */
function askedProviders(named: string | null, snapshot: Snapshot, virtualKey: VirtualKey | null): Asked[] {
  if (named !== null && named !== "") demandServed(named, snapshot);
  const asked: Asked[] = [];
  for (const provider of snapshot.providers.values()) {
    if (named !== null && named !== "" && provider.name !== named) continue;
    const scope = scopeOf(virtualKey, provider.name);
    if (scope === undefined) {
      if (named !== provider.name) continue;
      throw new GatewayError("provider_blocked", `Provider '${named}' is not allowed for this virtual key`);
    }
    if (hasList(provider)) asked.push({ provider, scope });
  }
  return asked;
}

/** The provider as it is served. Throws GatewayError with the nearest name. */
export function demandServed(name: string, snapshot: Snapshot): Provider {
  const provider = snapshot.providers.get(name);
  if (provider !== undefined) return provider;
  const nearest = nearestName(name, snapshot.providers.keys());
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  throw new GatewayError("provider_not_found", `provider '${name.slice(0, 100)}' is not configured${hint}`, {
    param: "provider",
  });
}

/** Whether the provider can be asked for its models. */
export function hasList(provider: Provider): boolean {
  const allowed = provider.entity.allowedRequests;
  return provider.adapter.operations.includes("models") && (allowed === null || allowed.includes("list_models"));
}

/** null: everything of this provider; undefined: nothing. */
export function scopeOf(virtualKey: VirtualKey | null, provider: string): VirtualKeyProvider | null | undefined {
  if (virtualKey === null || virtualKey.providers === null) return null;
  return virtualKey.providers.find((entry) => entry.provider === provider);
}

function readPage(query: URLSearchParams): { from: number; size: number } {
  const size = query.get("page_size") ?? "";
  if (size !== "" && !/^[1-9]\d{0,5}$/.test(size))
    throw new GatewayError("invalid_request", "'page_size' must be a whole number from 1 on", { param: "page_size" });
  const from = Buffer.from(query.get("page_token") ?? "", "base64url").toString();
  if (from !== "" && !/^\d{1,9}$/.test(from))
    throw new GatewayError("invalid_request", "'page_token' is none that this gateway gave", { param: "page_token" });
  return { from: Number(from), size: size === "" ? MOST_ON_A_PAGE : Math.min(Number(size), MOST_ON_A_PAGE) };
}

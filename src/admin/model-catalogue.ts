// The routes of /api/models: the models of the configured providers as the management pages list them: live lists joined with the catalogue.
import { GatewayError } from "../core/errors.ts";
import type { Provider, VirtualKey, VirtualKeyProvider } from "../core/snapshot.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import type { LiveModels } from "./live-models.ts";
import { aliasesOf, isOffered } from "./model-entries.ts";
import { demandServed, hasList, scopeOf } from "./models.ts";
import type { PriceLookup } from "./prices-port.ts";
import { priceOfModel, shownPricing } from "./prices-shown.ts";
import { readNumber } from "./read-number.ts";
import type { Route } from "./router.ts";

/** What Bifrost gives when the caller names no number. */
const LIST_LIMIT = 5;
const DETAILS_LIMIT = 20;

interface Listed {
  readonly provider: Provider;
  readonly name: string;
  /** Ids of the keys that were asked about and serve it. */
  readonly keys: readonly string[];
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
}

interface Wanted {
  /** Lower case; empty = every name. */
  readonly part: string;
  readonly keys: ReadonlySet<string> | null;
  readonly unfiltered: boolean;
  readonly limit: number;
  readonly offset: number;
}

export function modelCatalogueRoutes(house: AdminHouse, live: LiveModels): Route[] {
  return [
    read("/api/models", (request) => listModels(house, live, request)),
    read("/api/models/base", (request) => listBaseModels(house, live, request)),
    read("/api/models/details", (request) => listDetails(house, live, request)),
    read("/api/models/parameters", async (request) => refuseParameters(request)),
    { method: "PUT", path: "/api/models/catalog", demands: "write", handle: refuseCatalog },
  ];
}

function read(path: string, handle: (request: PlaneRequest) => Promise<object>): Route {
  return { method: "GET", path, demands: "read", handle: async (request) => jsonAnswer(await handle(request)) };
}

async function listModels(house: AdminHouse, live: LiveModels, request: PlaneRequest): Promise<object> {
  const wanted = readWanted(request, LIST_LIMIT);
  const found = await find(house, live, request, wanted);
  return {
    models: page(found, wanted).map((model) => ({ ...nameOf(model), ...accessOf(model) })),
    total: found.length,
  };
}

async function listDetails(house: AdminHouse, live: LiveModels, request: PlaneRequest): Promise<object> {
  const wanted = readWanted(request, DETAILS_LIMIT);
  const [found, lookup] = await Promise.all([find(house, live, request, wanted), house.prices.lookup()]);
  return { models: page(found, wanted).map((model) => detailsOf(model, lookup)), total: found.length };
}

/** The names alone, each once. */
async function listBaseModels(house: AdminHouse, live: LiveModels, request: PlaneRequest): Promise<object> {
  const wanted = readWanted(request, DETAILS_LIMIT);
  const found = await find(house, live, request, wanted);
  const names = [...new Set(found.map((model) => model.name.slice(model.name.lastIndexOf("/") + 1)))].toSorted();
  return { models: page(names, wanted), total: names.length };
}

function nameOf(model: Listed): object {
  return { name: model.name, provider: model.provider.name };
}

function accessOf(model: Listed): object {
  return model.keys.length === 0 ? {} : { accessible_by_keys: model.keys };
}

/** A model without a price has no `pricing`: it is unknown, not free. */
function detailsOf(model: Listed, lookup: PriceLookup): object {
  const price = priceOfModel(lookup, model.provider, model.name);
  const window = model.contextWindow ?? price?.maxInputTokens ?? null;
  const output = model.maxOutputTokens ?? price?.maxOutputTokens ?? null;
  return {
    ...nameOf(model),
    ...(window === null ? {} : { context_length: window, max_input_tokens: window }),
    ...(output === null ? {} : { max_output_tokens: output }),
    ...(price === null ? {} : { pricing: shownPricing(price.rates), pricing_source: price.source }),
    ...accessOf(model),
  };
}

function page<T>(found: readonly T[], wanted: Wanted): T[] {
  return found.slice(wanted.offset, wanted.limit === 0 ? undefined : wanted.offset + wanted.limit);
}

/** Sorted by provider and name. */
async function find(house: AdminHouse, live: LiveModels, request: PlaneRequest, wanted: Wanted): Promise<Listed[]> {
  const { snapshot } = house.configuration();
  const named = request.query.get("provider") ?? "";
  const providers = named === "" ? [...snapshot.providers.values()] : [demandServed(named, snapshot)];
  const virtualKey = await carriedKey(house, request);
  const lists = await Promise.all(providers.map((one) => modelsOf(one, live, virtualKey, wanted)));
  return lists.flat().sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

function orderOf(model: Listed): string {
  return `${model.provider.name}/${model.name}`;
}

/** With x-bf-vk the list is that of the virtual key. The other carriers hold the operator's own login. */
async function carriedKey(house: AdminHouse, request: PlaneRequest): Promise<VirtualKey | null> {
  const value = request.headers.get("x-bf-vk");
  if (value === undefined) return null;
  const found = await house.findSecret(value, house.configuration());
  if (found === undefined)
    throw new GatewayError("virtual_key_not_found", "the virtual key of x-bf-vk is not known here");
  return found;
}

async function modelsOf(
  provider: Provider,
  live: LiveModels,
  virtualKey: VirtualKey | null,
  wanted: Wanted,
): Promise<Listed[]> {
  const scope = scopeOf(virtualKey, provider.name);
  if (scope === undefined) return [];
  const windows = await windowsOf(provider, live);
  const found: Listed[] = [];
  for (const [name, window] of windows) {
    if (!name.toLowerCase().includes(wanted.part)) continue;
    const keys = servingKeys(provider, name, scope, wanted);
    if (keys === null) continue;
    const known = provider.models.get(name);
    found.push({
      provider,
      name,
      keys,
      contextWindow: window ?? known?.contextWindow ?? null,
      maxOutputTokens: known?.maxOutputTokens ?? null,
    });
  }
  return found;
}

/** Every name with its window as the provider told it: its own list, or what is known where it gives none, and what the keys name. */
async function windowsOf(provider: Provider, live: LiveModels): Promise<Map<string, number | null>> {
  const listing = hasList(provider) ? await live.list(provider) : null;
  const models = new Map<string, number | null>();
  if (listing?.type === "models") for (const model of listing.models) models.set(model.id, model.contextWindow);
  else for (const name of provider.models.keys()) models.set(name, null);
  const keys = provider.keys.filter((key) => key.enabled);
  const named = [...keys.flatMap((key) => [...(key.models ?? [])]), ...aliasesOf(keys).keys()];
  for (const name of named) if (!models.has(name)) models.set(name, null);
  return models;
}

/** Null: nobody may have it. Empty: it may be had, and no keys were asked about. */
function servingKeys(
  provider: Provider,
  name: string,
  scope: VirtualKeyProvider | null,
  wanted: Wanted,
): string[] | null {
  if (wanted.unfiltered) return [];
  const ids = scope?.keyIds ?? null;
  const keys = provider.keys.filter(
    (key) =>
      key.enabled &&
      (ids === null || ids.has(key.id) || ids.has(key.name)) &&
      (wanted.keys === null || wanted.keys.has(key.id) || wanted.keys.has(key.name)),
  );
  const serving = keys.filter((key) => isOffered(name, [key], scope));
  if (serving.length === 0) return null;
  return wanted.keys === null ? [] : serving.map((key) => key.id);
}

function readWanted({ query }: PlaneRequest, limit: number): Wanted {
  const keys = (query.get("keys") ?? "").split(",").flatMap((id) => (id.trim() === "" ? [] : [id.trim()]));
  return {
    part: (query.get("query") ?? "").toLowerCase(),
    keys: keys.length === 0 ? null : new Set(keys),
    unfiltered: query.get("unfiltered") === "true",
    // 0: all of them
    limit: readNumber(query, "limit", limit),
    offset: readNumber(query, "offset", 0),
  };
}

function refuseParameters({ query }: PlaneRequest): never {
  const model = query.get("model") ?? "";
  if (model === "") throw new GatewayError("missing_field", "'model' must name a model", { param: "model" });
  throw new GatewayError(
    "not_found",
    `no parameters found for model ${model.slice(0, 100)}: this version of the gateway has no sheet of model parameters`,
  );
}

function refuseCatalog(): never {
  throw new GatewayError(
    "unsupported_operation",
    "PUT /api/models/catalog is not supported yet by this version of the gateway: it keeps no attributes of models of your own",
    { status: 501 },
  );
}

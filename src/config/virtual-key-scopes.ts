// Reads the provider configs of a virtual key: what it may use of each provider, and the limits of that.
import type { OwnedLimits, ProviderEntity, ScopedModelLimit, VirtualKeyProviderEntity } from "../core/entities.ts";
import { nearestName } from "../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { readLimits } from "./limits.ts";
import { type OwnerLookup, warnAbove } from "./owners.ts";
import { bareModel } from "./provider-keys.ts";
import { type Reading, readAllowList, withoutRepeats } from "./reading.ts";
import type { ProviderConfigConfig, VirtualKeyConfig } from "./schema/governance.ts";
import type { SharedLimits } from "./shared-limits.ts";
import { quoted } from "./texts.ts";

/** What virtual keys may refer to. */
export interface Referable {
  readonly providers: ReadonlyMap<string, ProviderEntity>;
  /** Declared, but not supported yet. */
  readonly leftOut: ReadonlySet<string>;
  /** Teams and customers. */
  readonly owners: OwnerLookup;
}

/** The key that the provider configs are within. */
export interface ScopesContext {
  readonly path: string;
  readonly shared: SharedLimits;
  readonly referable: Referable;
  readonly id: string;
  readonly limits: OwnedLimits;
}

/** Null = every provider with every model. */
export function readProviderConfigs(
  reading: Reading,
  config: VirtualKeyConfig,
  context: ScopesContext,
): VirtualKeyProviderEntity[] | null {
  const list = config.provider_configs;
  if (list === undefined || list.length === 0) {
    if (reading.emptyMeansAll) return null;
    reading.document.warn(
      reading.document.at(config, list === undefined ? undefined : "provider_configs"),
      "unused",
      `${context.path} may use no provider`,
      {
        remedy: 'Add "provider_configs": [{"provider": "openai"}].',
      },
    );
    return [];
  }
  const every = list.findIndex((item) => item?.provider === EVERY_PROVIDER);
  if (every >= 0) {
    if (list.length > 1 || isRestricted(list[every]!)) refuseEvery(reading, list[every]!, context.path);
    return null;
  }
  if (list.every((item) => item?.weight === null))
    reading.document.warn(
      reading.document.nameAt(config, "provider_configs"),
      "unused",
      `every weight in ${context.path}.provider_configs is null: requests that name no provider are refused`,
      { remedy: "Give a provider a weight; 0 makes it a fallback." },
    );
  const seen = new Set<string>();
  const entities: VirtualKeyProviderEntity[] = [];
  for (const [index, item] of list.entries()) {
    if (item === undefined) continue;
    const path = `${context.path}.provider_configs[${index}]`;
    const entity = readProviderConfig(reading, item, { ...context, path });
    if (entity === null) continue;
    if (seen.has(entity.provider))
      reading.document.refuse(
        reading.document.at(item, "provider"),
        "duplicate",
        `${path}: ${quoted(entity.provider)} is listed a second time`,
      );
    seen.add(entity.provider);
    entities.push(entity);
  }
  // a list that grew keeps room for more; there may be a hundred thousand of these
  return entities.slice();
}

/** What version 1 means by no providers at all: it is written so where it is kept. */
const EVERY_PROVIDER = "*";

function isAll(names: readonly (string | undefined)[] | undefined): boolean {
  return names === undefined || (names.length === 1 && names[0] === "*");
}

function isRestricted(config: ProviderConfigConfig): boolean {
  const limits = [
    config.budget,
    config.rate_limit,
    config.budget_id,
    config.rate_limit_id,
    ...(config.budgets ?? []),
    ...(config.model_budgets ?? []),
  ];
  return (
    !isAll(config.allowed_models) ||
    !(isAll(config.key_ids) || config.allow_all_keys === true) ||
    (config.blacklisted_models ?? []).length > 0 ||
    (config.weight ?? 1) !== 1 ||
    limits.some((limit) => limit !== undefined && limit !== null)
  );
}

function refuseEvery(reading: Reading, config: ProviderConfigConfig, path: string): void {
  reading.document.refuse(
    reading.document.at(config, "provider"),
    "wrong-value",
    `${path}.provider_configs: the provider "*" stands for all of them, so it stands alone and without limits and lists`,
    { remedy: "Name the providers one by one." },
  );
}

function readProviderConfig(
  reading: Reading,
  config: ProviderConfigConfig,
  context: ScopesContext,
): VirtualKeyProviderEntity | null {
  const { document } = reading;
  const { path, referable, id: virtualKey } = context;
  const { provider } = config;
  if (provider === undefined || provider === "") {
    if (provider === "" || !document.has(config, "provider"))
      document.refuse(document.at(config), "missing", `${path} names no provider`, { expected: 'a member "provider"' });
    return null;
  }
  checkProvider(reading, config, provider, context);
  const allowed = readAllowList(reading, config, "allowed_models", config.allowed_models, `${path}.allowed_models`);
  const blocked = withoutRepeats(reading, config.blacklisted_models ?? [], `${path}.blacklisted_models`);
  warnBothLists(reading, config, provider, path);
  const seed = `${virtualKey}/${provider}`;
  const id = config.id === undefined ? seed : String(config.id);
  const owner = { kind: "provider_config_id", names: [id], seed, path } as const;
  const limits = readLimits(reading, config, owner, context.shared);
  warnAbove(reading, config, path, limits, context.limits, "the virtual key");
  const modelLimits = readModelLimits(reading, config, { path, seed, limits, shared: context.shared });
  return {
    provider,
    weight: config.weight === undefined ? 1 : config.weight,
    allowedModels: blocked.includes("*") ? [] : (allowed?.map((model) => bareModel(model, provider)) ?? null),
    blacklistedModels: blocked.map((model) => bareModel(model, provider)),
    keyIds: readKeyIds(reading, config, path, referable.providers.get(provider)),
    ...limits,
    ...(modelLimits === undefined ? {} : { modelLimits }),
  };
}

/** A model that is allowed and blocked is blocked; whoever wrote it meant one of the two. */
function warnBothLists({ document }: Reading, config: ProviderConfigConfig, provider: string, path: string): void {
  const { allowed_models: allowed = [], blacklisted_models: blocked = [] } = config;
  if (allowed.length === 0 || blocked.length === 0) return;
  const names = new Set((allowed as readonly (string | undefined)[]).map((name) => bareModel(name ?? "", provider)));
  for (const [index, name] of (blocked as readonly (string | undefined)[]).entries()) {
    if (name === undefined || name === "" || name === "*" || !names.has(bareModel(name, provider))) continue;
    document.warn(
      document.at(blocked, index),
      "unused",
      `${path}: the model ${quoted(name)} is in allowed_models and in blacklisted_models, so it is blocked`,
      { remedy: "Keep it in one of them." },
    );
  }
}

interface ScopeContext {
  readonly path: string;
  readonly seed: string;
  readonly limits: OwnedLimits;
  readonly shared: SharedLimits;
}

/** Undefined where there are none. */
function readModelLimits(
  reading: Reading,
  config: ProviderConfigConfig,
  context: ScopeContext,
): ScopedModelLimit[] | undefined {
  const found: ScopedModelLimit[] = [];
  for (const [index, item] of (config.model_budgets ?? []).entries()) {
    if (item === undefined) continue;
    const path = `${context.path}.model_budgets[${index}]`;
    const model = bareModel(item.model_name ?? "", config.provider ?? "");
    const problem =
      model === "" ? "names no model" : found.some((other) => other.model === model) ? "repeats a model" : null;
    if (problem !== null)
      reading.document.refuse(reading.document.at(item), model === "" ? "missing" : "duplicate", `${path} ${problem}`, {
        expected: 'a member "model_name" that stands once',
      });
    const owner = { kind: "provider_config_id", names: [], seed: `${context.seed}/${model}`, path } as const;
    const limits = readLimits(reading, item, owner, context.shared);
    warnAbove(reading, item, path, limits, context.limits, "the provider config");
    found.push({ model, ...limits });
  }
  return found.length === 0 ? undefined : found;
}

/** A name that the file does not declare may still come from elsewhere later: it is told, not refused. */
function checkProvider(
  reading: Reading,
  config: ProviderConfigConfig,
  provider: string,
  { path, referable }: ScopesContext,
): void {
  if (referable.providers.has(provider) || referable.leftOut.has(provider)) return;
  const isKnown = reading.registry.get(provider) !== undefined || KNOWN_PROVIDERS.includes(provider);
  const configured = [...referable.providers.keys()];
  const nearest = isKnown
    ? undefined
    : nearestName(provider, [...configured, ...reading.registry.all().map((adapter) => adapter.name)]);
  reading.document.warn(
    reading.document.at(config, "provider"),
    "reference",
    `${path}: provider ${quoted(provider)} is not configured, so this entry serves nothing`,
    {
      nearest,
      remedy:
        nearest === undefined
          ? `Declare it under "providers"; configured are ${configured.join(", ") || "none"}.`
          : undefined,
    },
  );
}

function readKeyIds(
  reading: Reading,
  config: ProviderConfigConfig,
  path: string,
  provider: ProviderEntity | undefined,
): string[] | null {
  if (config.allow_all_keys === true) return null;
  if (config.key_ids === undefined && config.keys !== undefined && config.keys.length > 0) {
    return config.keys.flatMap((key) => {
      const name = typeof key === "string" ? key : (key?.id ?? key?.key_id ?? key?.name);
      return name === undefined ? [] : String(name);
    });
  }
  const ids = readAllowList(reading, config, "key_ids", config.key_ids, `${path}.key_ids`);
  if (ids === null || provider === undefined) return ids;
  const known = new Set(provider.keys.flatMap((key) => [key.id, key.name]));
  for (const [index, id] of (config.key_ids ?? []).entries()) {
    if (id === undefined || id === "" || known.has(id)) continue;
    reading.document.warn(
      reading.document.at(config.key_ids!, index),
      "reference",
      `${path}.key_ids: provider ${quoted(provider.name)} has no key ${quoted(id)}`,
      {
        nearest: nearestName(id, known),
      },
    );
  }
  return ids;
}

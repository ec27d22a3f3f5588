// Reads governance.virtual_keys into entities: secrets hashed, lists by the file's version, references checked.
import { hash } from "node:crypto";
import type {
  OwnedLimits,
  ProviderEntity,
  ScopedModelLimit,
  VirtualKeyEntity,
  VirtualKeyProviderEntity,
} from "../core/entities.ts";
import { isHeaderValue } from "../lib/header-block.ts";
import { nearestName } from "../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { readLimits } from "./limits.ts";
import { nameProblem } from "./names.ts";
import { type OwnerLookup, warnAbove, warnUnknownOwner } from "./owners.ts";
import { bareModel } from "./provider-keys.ts";
import { type Reading, readAllowList, resolve, stableId, unresolved, withoutRepeats } from "./reading.ts";
import type { GovernanceConfig, ProviderConfigConfig, VirtualKeyConfig } from "./schema/governance.ts";
import { SharedLimits } from "./shared-limits.ts";
import { quoted } from "./texts.ts";
import { parseTime } from "./times.ts";
import { VirtualKeyClaims } from "./virtual-key-claims.ts";

/** What the file says about virtual keys. */
export interface VirtualKeysRead {
  /** Empty when they were only to be checked. */
  readonly entities: readonly VirtualKeyEntity[];
  /** How many have their secret as their name. */
  readonly namedBySecret: number;
}

/** What virtual keys may refer to. */
export interface Referable {
  readonly providers: ReadonlyMap<string, ProviderEntity>;
  /** Declared, but not supported yet. */
  readonly leftOut: ReadonlySet<string>;
  /** Teams and customers. */
  readonly owners: OwnerLookup;
}

/** Is shown a virtual key as the file has it, and its place in the list. */
export type KeyVisit = (given: object, index: number) => void;

export interface KeyReading {
  /** False: they are only checked. */
  readonly keeps?: boolean;
  readonly visit?: KeyVisit | undefined;
  /** The lists of limits that name their owners; absent = they are read here. */
  readonly shared?: SharedLimits | undefined;
  /** Is told id and name of each. */
  readonly note?: ((id: string, name: string) => void) | undefined;
}

/** The SHA-256 of a virtual key's secret as the snapshot looks it up. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64");
}

export function readVirtualKeys(
  given: Reading,
  governance: GovernanceConfig | undefined,
  referable: Referable,
  { keeps = true, visit, note, shared = new SharedLimits(given, governance) }: KeyReading = {},
): VirtualKeysRead {
  const reading: Reading = keeps ? given : { ...given, checksOnly: true };
  const claims = new VirtualKeyClaims();
  const entities: VirtualKeyEntity[] = [];
  let namedBySecret = 0;
  for (const [index, config] of (governance?.virtual_keys ?? []).entries()) {
    if (config === undefined) continue;
    const path = `governance.virtual_keys[${index}]`;
    const secret = readSecret(reading, config, path);
    if (isNamedBySecret(config, secret)) namedBySecret++;
    const entity = readVirtualKey(reading, config, { path, secret, shared, referable });
    const { id, name, valueHash } = entity;
    claims.note(index, config, keeps ? entity : { id, name, valueHash });
    note?.(id, name);
    if (keeps) entities.push(entity);
    visit?.(config, index);
  }
  claims.refuseEqual(reading.document);
  shared.warnUnused();
  return { entities, namedBySecret };
}

function isNamedBySecret(config: VirtualKeyConfig, secret: string | null): boolean {
  return secret !== null && (config.name === undefined || config.name === "" || config.name === secret);
}

interface KeyContext {
  readonly path: string;
  readonly secret: string | null;
  readonly shared: SharedLimits;
  readonly referable: Referable;
}

function readVirtualKey(reading: Reading, config: VirtualKeyConfig, context: KeyContext): VirtualKeyEntity {
  const { path, secret, shared } = context;
  refuseTwoOwners(reading, config, path);
  const problem = config.name === undefined ? null : nameProblem(config.name);
  if (problem !== null)
    reading.document.refuse(reading.document.at(config, "name"), "wrong-value", `${path}.name ${problem}`);
  const name = config.name !== undefined && config.name !== "" ? config.name : (secret ?? path);
  const id = config.id !== undefined && config.id !== "" ? config.id : stableId("virtual-key", name);
  const limits = readLimits(reading, config, { kind: "virtual_key_id", names: [id, name], seed: id, path }, shared);
  return {
    kind: "virtual-key",
    id,
    name,
    // no secret has the empty text as its hash: a key without one is found by nobody
    valueHash: secret === null ? "" : valueHashOf(secret, reading),
    active: config.is_active !== false && secret !== null,
    expiresAt: readExpiry(reading, config, path),
    providers: readProviderConfigs(reading, config, { ...context, id, limits }),
    ...limits,
    ...readOwner(reading, config, { ...context, limits }),
    ...(config.on_store_down === undefined ? {} : { onStoreDown: config.on_store_down }),
    ...(config.unpriced_models === undefined ? {} : { unpricedModels: config.unpriced_models }),
  };
}

/** An owner that nobody knows is kept as it was written. */
function readOwner(
  reading: Reading,
  config: VirtualKeyConfig,
  { path, referable, limits }: KeyContext & { readonly limits: OwnedLimits },
): Pick<VirtualKeyEntity, "teamId" | "customerId"> {
  const member = (config.team_id ?? "") !== "" ? "team_id" : "customer_id";
  const written = config[member] ?? "";
  if (written === "") return {};
  const { owners } = referable;
  const owner = member === "team_id" ? owners.findTeam(written) : owners.findCustomer(written);
  if (owner === undefined) warnUnknownOwner(reading, config, member, `${path}.${member}`);
  else warnAbove(reading, config, path, limits, owner, `the ${owner.kind} ${quoted(owner.name)}`);
  const id = owner?.id ?? written;
  return member === "team_id" ? { teamId: id } : { customerId: id };
}

/** Where nothing is kept the secret itself tells whether two are the same: hashing costs more than all the rest. */
function valueHashOf(secret: string, reading: Reading): string {
  return reading.checksOnly === true ? secret : hashSecret(secret);
}

/** A key belongs to a team or to a customer: limits above it would be ambiguous. */
function refuseTwoOwners(reading: Reading, config: VirtualKeyConfig, path: string): void {
  if ((config.team_id ?? "") === "" || (config.customer_id ?? "") === "") return;
  reading.document.refuse(
    reading.document.nameAt(config, "customer_id"),
    "wrong-value",
    `${path} has both team_id and customer_id`,
    { remedy: "Keep one of them; a team has its customer by its own customer_id." },
  );
}

/** The secret in clear, or null after telling why there is none. */
function readSecret(reading: Reading, config: VirtualKeyConfig, path: string): string | null {
  const { document } = reading;
  const member = config.value === undefined ? "virtual_key" : "value";
  const written = config[member];
  if (written === undefined || written === "") {
    document.warn(document.at(config), "missing", `${path} has no value, so nobody can use it`, {
      remedy: 'Give it a "value"; "env.NAME" reads it from the environment.',
    });
    return null;
  }
  const resolved = resolve(written, reading.environment);
  if (resolved.type !== "text") {
    const { code, problem, remedy } = unresolved(resolved);
    document.warn(document.at(config, member), code, `${path} is switched off: ${problem}`, { remedy });
    return null;
  }
  if (resolved.text !== "" && resolved.text === resolved.text.trim() && isHeaderValue(resolved.text))
    return resolved.text;
  document.refuse(document.at(config, member), "wrong-value", `${path}: the value cannot be sent in a header`, {
    expected: "text without line ends, control characters and spaces at either end",
  });
  return null;
}

function readExpiry(reading: Reading, config: VirtualKeyConfig, path: string): number | null {
  const written = config.expires_at;
  if (written === undefined || written === null || written === "") return null;
  const time = parseTime(written);
  if (time !== null) return time;
  reading.document.refuse(
    reading.document.at(config, "expires_at"),
    "wrong-value",
    `${path}.expires_at is not a time`,
    {
      expected: 'a time such as "2027-01-31T00:00:00Z"',
      found: quoted(written),
    },
  );
  return null;
}

/** Of the key that the provider configs are within. */
interface ScopesContext extends KeyContext {
  readonly id: string;
  readonly limits: OwnedLimits;
}

function readProviderConfigs(
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
  { path, referable }: KeyContext,
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

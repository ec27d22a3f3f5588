// Reads the providers block, as a map or as a list, into entities; what cannot run here yet is told by name and left out.
import type { KeyEntity, ProviderEntity } from "../core/entities.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import { nearestName } from "../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { nameProblem } from "./names.ts";
import { readNetwork, readProxy, STANDARD_NETWORK } from "./network.ts";
import { readKeys } from "./provider-keys.ts";
import { plainRecord, type Reading, stableId } from "./reading.ts";
import type { KeyConfig, ProviderConfig } from "./schema/providers.ts";
import type { Span } from "./source-text.ts";
import { quoted } from "./texts.ts";

type ProvidersConfig = Record<string, ProviderConfig> | ProviderConfig[];

interface Declared {
  readonly name: string;
  readonly config: ProviderConfig;
  readonly path: string;
  /** Where the name stands. */
  readonly span: Span;
}

/** What the file says about providers. */
export interface ProvidersRead {
  readonly entities: readonly ProviderEntity[];
  /** Names that the file declares and that cannot run here yet. */
  readonly leftOut: ReadonlySet<string>;
}

export function readProviders(reading: Reading, config: ProvidersConfig | undefined): ProvidersRead {
  const entities: ProviderEntity[] = [];
  const leftOut = new Set<string>();
  const all = declarations(reading, config);
  const names = new Set(all.map(({ name }) => name));
  for (const declared of all) {
    const base = findBase(reading, declared, names);
    if (base === "refused") continue;
    const entity = base === "unsupported" ? "unsupported" : readProvider(reading, declared, base);
    if (entity === "unsupported") leftOut.add(declared.name);
    else entities.push(entity);
  }
  refuseEqualIds(reading, entities);
  return { entities, leftOut };
}

/** Both spellings as one list. */
function declarations(reading: Reading, config: ProvidersConfig | undefined): Declared[] {
  if (config === undefined) return [];
  const { document } = reading;
  const found: Declared[] = Array.isArray(config)
    ? config.flatMap((item, index) => (item === undefined ? [] : [ofList(reading, item, `providers[${index}]`)]))
    : Object.entries(config).map(([name, item]) => ({
        name,
        config: item,
        path: `providers.${name}`,
        span: document.nameAt(config, name),
      }));
  const seen = new Set<string>();
  return found.filter(({ name, span, path }) => {
    const problem = nameProblem(name);
    if (name === "")
      document.refuse(span, "missing", `${path} has no name`, {
        expected: 'a member "provider" with the name of the provider',
      });
    else if (name.includes("/"))
      document.refuse(span, "wrong-value", `${path}: the name of a provider may not hold a slash`);
    else if (problem !== null) document.refuse(span, "wrong-value", `the name of a provider ${problem}`);
    else if (seen.has(name))
      document.refuse(span, "duplicate", `${path}: ${quoted(name)} is declared a second time`, {
        remedy: "Put all its keys into one entry.",
      });
    const isGood = name !== "" && !name.includes("/") && problem === null && !seen.has(name);
    seen.add(name);
    return isGood;
  });
}

function ofList(reading: Reading, config: ProviderConfig, path: string): Declared {
  const member = config.provider === undefined ? "name" : "provider";
  return { name: config[member] ?? "", config, path, span: reading.document.at(config, member) };
}

/** The adapter behind the name, `unsupported` when it is known but not here yet, `refused` when nobody knows it. */
function findBase(
  reading: Reading,
  declared: Declared,
  names: ReadonlySet<string>,
): ProviderAdapter | "unsupported" | "refused" {
  const { document, registry } = reading;
  const { config, name, path } = declared;
  const custom = config.custom_provider_config;
  const isOwn = registry.get(name) !== undefined || KNOWN_PROVIDERS.includes(name);
  const type = custom?.base_provider_type ?? (custom !== undefined && !isOwn ? "" : name);
  const span = custom?.base_provider_type === undefined ? declared.span : document.at(custom, "base_provider_type");
  if (isOwn && type !== name) {
    document.refuse(
      span,
      "wrong-value",
      `${path}: ${quoted(name)} is a provider of its own and cannot stand for ${quoted(type)}`,
      { remedy: "Choose another name for the custom provider." },
    );
    return "refused";
  }
  if (type === "") {
    document.refuse(
      document.at(custom ?? config),
      "missing",
      `${path}.custom_provider_config needs base_provider_type`,
      { expected: '"openai", "anthropic" or another provider type' },
    );
    return "refused";
  }
  const adapter = registry.get(type);
  if (adapter !== undefined) return adapter;
  if (KNOWN_PROVIDERS.includes(type)) {
    document.warn(
      span,
      "not-supported-yet",
      `provider ${quoted(type)} is not supported yet${type === name ? "" : `, so ${quoted(name)} is left out`}; everything else starts`,
    );
    return "unsupported";
  }
  const known = registry.all().map((one) => one.name);
  // one custom provider cannot stand on another: so they can make no circle
  const isOther = type !== name && names.has(type);
  const problem = isOther
    ? "is a provider of this file and no provider type"
    : "is no provider type that is known here";
  document.refuse(span, "wrong-value", `${quoted(type)} ${problem}`, {
    nearest: nearestName(type, [...known, ...KNOWN_PROVIDERS]),
    remedy:
      custom === undefined
        ? 'A name of your own needs "custom_provider_config": {"base_provider_type": "openai"}.'
        : `Known types: ${known.join(", ")}.`,
  });
  return "refused";
}

function readProvider(reading: Reading, declared: Declared, adapter: ProviderAdapter): ProviderEntity {
  const { config, name, path } = declared;
  const { document } = reading;
  const custom = config.custom_provider_config;
  const proxy = readProxy(reading, config.proxy_config, `${path}.proxy_config`);
  checkQueue(reading, config, path);
  const keyless = adapter.keyless || custom?.is_key_less === true;
  const keys = readKeys(reading, config, { provider: name, adapter, keyless, path });
  const entity: ProviderEntity = {
    kind: "provider",
    name,
    base: adapter.name,
    custom: adapter.name !== name,
    keyless,
    keys: keyless && keys.length === 0 ? [emptyKey(name)] : keys,
    network: readNetwork(reading, config.network_config, adapter, `${path}.network_config`),
    proxy,
    allowedRequests: allowedRequests(custom?.allowed_requests),
    pathOverrides: readPaths(
      reading,
      custom?.request_path_overrides,
      `${path}.custom_provider_config.request_path_overrides`,
    ),
    source: `${document.source.label}:${document.source.position(declared.span.offset).line}`,
  };
  if (entity.keys.length === 0) {
    document.warn(declared.span, "unused", `${path} has no keys, so it is never used`, {
      remedy: 'Add "keys": [{"name": "first", "value": "env.NAME"}].',
    });
  }
  return {
    ...entity,
    keys: entity.keys.map((key, index) =>
      connectable(reading, entity, key, placeOf(document, config, index, declared.span), adapter),
    ),
  };
}

/** More requests at once than may wait is a slip of the two. */
function checkQueue(reading: Reading, config: ProviderConfig, path: string): void {
  const block = config.concurrency_and_buffer_size;
  if (block === undefined) return;
  const { concurrency = 1000, buffer_size: size = 5000 } = block;
  if (concurrency <= size) return;
  reading.document.refuse(
    reading.document.at(block, block.concurrency === undefined ? "buffer_size" : "concurrency"),
    "wrong-value",
    `${path}.concurrency_and_buffer_size: concurrency ${concurrency} is more than buffer_size ${size}`,
    { expected: "concurrency (1000 when absent) not above buffer_size (5000 when absent)" },
  );
}

function placeOf(document: Reading["document"], config: ProviderConfig, index: number, otherwise: Span): Span {
  const items: readonly (KeyConfig | string | undefined)[] = [...(config.keys ?? []), ...(config.api_keys ?? [])];
  const item = items[index];
  return typeof item === "object" ? document.at(item) : otherwise;
}

/** A key that its adapter cannot use (an Azure key without endpoint) is told and switched off; the others start. */
function connectable(
  reading: Reading,
  entity: ProviderEntity,
  key: KeyEntity,
  span: Span,
  adapter: ProviderAdapter,
): KeyEntity {
  if (!key.enabled) return key;
  try {
    adapter.connect(entity, key);
    return key;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it cannot be used";
    reading.document.warn(
      span,
      "missing",
      `key ${quoted(key.name)} of provider ${quoted(entity.name)} is switched off: ${reason}`,
    );
    return { ...key, enabled: false };
  }
}

function allowedRequests(config: Record<string, boolean> | undefined): string[] | null {
  if (config === undefined) return null;
  return Object.keys(config).filter((name) => config[name] === true);
}

function readPaths(reading: Reading, config: Record<string, string> | undefined, path: string): Record<string, string> {
  const entries = Object.entries(config ?? {});
  for (const [name, value] of entries) {
    if (/^\/[\x21-\x7e]*$/.test(value)) continue;
    reading.document.refuse(reading.document.at(config!, name), "wrong-value", `${path}.${name} is no path`, {
      expected: "a path such as /v1/chat/completions",
    });
  }
  return plainRecord(entries);
}

/** The one key of a provider that asks for none. */
function emptyKey(provider: string): KeyEntity {
  return {
    id: stableId("provider-key", provider, "keyless"),
    name: "keyless",
    value: "",
    enabled: true,
    weight: 1,
    models: null,
    blacklistedModels: [],
    aliases: {},
    url: null,
    azure: null,
  };
}

/** A provider that needs no configuration: built in, or found in the environment. */
export function providerWith(adapter: ProviderAdapter, key: Partial<KeyEntity>, source: string): ProviderEntity {
  return {
    kind: "provider",
    name: adapter.name,
    base: adapter.name,
    custom: false,
    keyless: adapter.keyless,
    keys: [{ ...emptyKey(adapter.name), ...key }],
    network: STANDARD_NETWORK,
    proxy: { type: "environment" },
    allowedRequests: null,
    pathOverrides: {},
    source,
  };
}

function refuseEqualIds(reading: Reading, entities: readonly ProviderEntity[]): void {
  const owners = new Map<string, string>();
  for (const entity of entities) {
    for (const key of entity.keys) {
      const owner = owners.get(key.id);
      if (owner !== undefined && owner !== entity.name) {
        reading.document.refuse(
          { offset: 0, length: 1 },
          "duplicate",
          `a key of ${quoted(owner)} and a key of ${quoted(entity.name)} have the same id ${quoted(key.id)}`,
        );
      }
      owners.set(key.id, entity.name);
    }
  }
}

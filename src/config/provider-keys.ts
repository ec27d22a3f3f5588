// Reads the keys of one provider, from `keys` and `api_keys` together.
import type { AzureKeySettings, KeyEntity } from "../core/entities.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import { isHeaderValue } from "../lib/header-block.ts";
import { readEntra } from "./entra-key.ts";
import { nameProblem } from "./names.ts";
import { withoutVersion } from "./network.ts";
import {
  checkAddress,
  plainRecord,
  type Reading,
  readAddress,
  readAllowList,
  resolve,
  resolveOrRefuse,
  stableId,
  unresolved,
  withoutRepeats,
} from "./reading.ts";
import { KEY_BLOCKS, type KeyConfig } from "./schema/keys.ts";
import type { ProviderConfig } from "./schema/providers.ts";
import { quoted } from "./texts.ts";

/** What Bifrost assumes when a key of Azure names no version. */
const AZURE_API_VERSION = "2024-10-21";

/** Where 1.4 keeps what aliases are for; Azure's are deployments, whose names stand in the path. */
const DEPLOYMENT_BLOCKS = [
  "vertex_key_config",
  "bedrock_key_config",
  "bedrock_mantle_key_config",
  "replicate_key_config",
] as const;

interface Place {
  readonly provider: string;
  readonly adapter: ProviderAdapter;
  /** Answers without a key. */
  readonly keyless: boolean;
  readonly path: string;
}

/** The keys in their order; equal ones once. */
export function readKeys(reading: Reading, config: ProviderConfig, place: Place): KeyEntity[] {
  const keys: KeyEntity[] = [];
  const taken = {
    names: new Set<string>(),
    ids: new Set<string>(),
    credentials: new Map<string, { member: string; weight: number }>(),
  };
  for (const member of ["keys", "api_keys"] as const) {
    for (const [index, item] of (config[member] ?? []).entries()) {
      if (item === undefined) continue;
      const path = `${place.path}.${member}[${index}]`;
      const owner = typeof item === "string" ? config[member]! : item;
      const keyConfig: KeyConfig = typeof item === "string" ? { value: item, enabled: true, weight: 1 } : item;
      const key = readKey(
        reading,
        keyConfig,
        { ...place, path },
        { owner, member: typeof item === "string" ? index : undefined, number: keys.length + 1 },
      );
      const credential = JSON.stringify([key.value, key.url, key.azure?.endpoint]);
      const known = key.value === "" ? undefined : taken.credentials.get(credential);
      const span = reading.document.at(owner, typeof item === "string" ? index : undefined);
      if (known !== undefined) {
        // the same key in both lists is how a file is moved from one spelling to the other
        if (known.weight !== key.weight)
          reading.document.warn(
            span,
            "duplicate",
            `${path} has the same value as a key before it, but weight ${key.weight} where that one has ${known.weight}`,
            { remedy: `It is counted once, with weight ${known.weight}: keep one of the two.` },
          );
        else if (known.member === member)
          reading.document.warn(span, "duplicate", `${path} has the same value as a key before it; it is counted once`);
        continue;
      }
      taken.credentials.set(credential, { member, weight: key.weight });
      if (taken.names.has(key.name))
        reading.document.refuse(
          typeof item === "string" ? span : reading.document.at(item, "name"),
          "duplicate",
          `${path}: another key of ${place.provider} is called ${quoted(key.name)}`,
        );
      else if (taken.ids.has(key.id))
        reading.document.refuse(span, "duplicate", `${path}: another key of ${place.provider} has the same id`);
      taken.names.add(key.name);
      taken.ids.add(key.id);
      keys.push(key);
    }
  }
  return keys;
}

interface KeySpot {
  readonly owner: object;
  readonly member: number | undefined;
  readonly number: number;
}

function readKey(reading: Reading, config: KeyConfig, place: Place, spot: KeySpot): KeyEntity {
  const { path, provider } = place;
  const name = config.name === undefined || config.name === "" ? `${provider}-${spot.number}` : config.name;
  const problem = nameProblem(name);
  if (problem !== null)
    reading.document.refuse(reading.document.at(config, "name"), "wrong-value", `${path}.name ${problem}`);
  const entra = place.adapter.name === "azure" ? readEntra(reading, config, path) : null;
  const value = readValueOf(reading, config, { ...place, keyless: place.keyless || entra !== null }, spot);
  const models = readAllowList(reading, config, "models", config.models, `${path}.models`);
  const blacklistedModels = withoutRepeats(reading, config.blacklisted_models ?? [], `${path}.blacklisted_models`);
  const aliases = readAliases(reading, config, path);
  const modelNames = pricedNames(config);
  warnForeignBlocks(reading, config, place);
  if (models?.length === 0 || blacklistedModels.includes("*"))
    warnIdle(reading, config, path, models === null ? "blacklisted_models" : "models");
  return {
    id: config.id === undefined || config.id === "" ? stableId("provider-key", provider, name) : config.id,
    name,
    value: value ?? "",
    enabled: config.enabled !== false && value !== null,
    weight: config.weight ?? 1,
    models: blacklistedModels.includes("*") ? [] : (models?.map((model) => bareModel(model, provider)) ?? null),
    blacklistedModels: blacklistedModels.map((model) => bareModel(model, provider)),
    aliases,
    ...(modelNames === null ? {} : { modelNames }),
    url: readKeyAddress(reading, config, place),
    azure: readAzure(reading, config, path),
    ...(entra === null ? {} : { entra }),
  };
}

/** A list belongs to one provider already: its own name before a model is left out. */
export function bareModel(model: string, provider: string): string {
  return model.startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model;
}

/** The secret; empty where none is needed; null when the key cannot be used, which has been told. */
function readValueOf(reading: Reading, config: KeyConfig, place: Place, spot: KeySpot): string | null {
  const { document } = reading;
  const member = config.value === undefined && config.key !== undefined ? "key" : "value";
  const written = config[member];
  const span = spot.member === undefined ? document.at(config, member) : document.at(spot.owner, spot.member);
  const off = config.enabled === false;
  if (written === undefined || written === "") {
    if (place.keyless || off || document.isRefused) return "";
    document.warn(span, "missing", `${place.path} is switched off: it has no value`, {
      remedy: 'Give it a "value", such as "env.NAME".',
    });
    return null;
  }
  const resolved = resolve(written, reading.environment);
  if (resolved.type !== "text") {
    const { code, problem, remedy } = unresolved(resolved);
    if (!off || code !== "unset-variable")
      document.warn(span, code, `${place.path} is switched off: ${problem}`, { remedy });
    return null;
  }
  if (isHeaderValue(resolved.text)) return resolved.text;
  document.refuse(
    span,
    "wrong-value",
    `${place.path}: the value holds characters that no credential may have (a line end?)`,
  );
  return null;
}

/** What is meant for another kind of provider does nothing here. */
function warnForeignBlocks(reading: Reading, config: KeyConfig, { path, adapter }: Place): void {
  for (const [member, base] of Object.entries(KEY_BLOCKS)) {
    const block = config[member as keyof KeyConfig] as object | undefined;
    if (block === undefined || base === adapter.name || Object.keys(block).length === 0) continue;
    // an address of its own is taken for every kind of server
    if ("url" in block && READ_EVERYWHERE.has(member)) continue;
    reading.document.warn(
      reading.document.nameAt(config, member),
      "unused",
      `${path}.${member} is for provider ${base} and has no effect on ${adapter.name}`,
    );
  }
}

const READ_EVERYWHERE: ReadonlySet<string> = new Set(["vllm_key_config", "ollama_key_config", "sgl_key_config"]);

function warnIdle(reading: Reading, config: KeyConfig, path: string, member: "models" | "blacklisted_models"): void {
  reading.document.warn(
    reading.document.at(config, member),
    "unused",
    `${path} may serve no model, so it is never used`,
    {
      remedy:
        member === "models"
          ? 'Write "models": ["*"] for all, or leave the member out.'
          : 'Take "*" out of blacklisted_models.',
    },
  );
}

function readAliases(reading: Reading, config: KeyConfig, path: string): Record<string, string> {
  const entries: [string, string][] = [];
  for (const member of DEPLOYMENT_BLOCKS) entries.push(...Object.entries(config[member]?.deployments ?? {}));
  const { aliases } = config;
  for (const [model, target] of Object.entries(aliases ?? {})) {
    const id = typeof target === "string" ? target : target?.model_id;
    if (id === undefined || id === "") {
      reading.document.refuse(
        reading.document.at(aliases!, model),
        "missing",
        `${path}.aliases: ${quoted(model)} names no model`,
        {
          expected: "the model's name at the provider, or an object with model_id",
        },
      );
    } else entries.push([model, id]);
  }
  return plainRecord(entries);
}

/** What aliases say of the model that stands behind them. */
function pricedNames({ aliases }: KeyConfig): Record<string, string> | null {
  const entries = Object.entries(aliases ?? {}).flatMap(([alias, target]): [string, string][] => {
    const name = typeof target === "object" ? target.model_name : undefined;
    return name === undefined || name === "" ? [] : [[alias, name]];
  });
  return entries.length === 0 ? null : plainRecord(entries);
}

function readKeyAddress(reading: Reading, config: KeyConfig, place: Place): string | null {
  for (const member of ["vllm_key_config", "ollama_key_config", "sgl_key_config"] as const) {
    const block = config[member];
    if (block === undefined) continue;
    const address = readAddress(reading, block, "url", block.url, `${place.path}.${member}.url`);
    if (address !== undefined) return withoutVersion(address, place.adapter);
  }
  return null;
}

function readAzure(reading: Reading, config: KeyConfig, path: string): AzureKeySettings | null {
  const block = config.azure_key_config;
  if (block === undefined) return null;
  const where = `${path}.azure_key_config`;
  const written = resolveOrRefuse(reading, block, "endpoint", block.endpoint, `${where}.endpoint`);
  return {
    endpoint:
      written === undefined ? "" : (checkAddress(reading, block, "endpoint", bareEndpoint(written), where) ?? ""),
    apiVersion:
      resolveOrRefuse(reading, block, "api_version", block.api_version, `${where}.api_version`) ?? AZURE_API_VERSION,
    deployments: plainRecord(Object.entries(block.deployments ?? {})),
  };
}

/** The portal shows host names alone, and whole calls with their query. */
function bareEndpoint(endpoint: string): string {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
  return withScheme.split("?", 1)[0]!;
}

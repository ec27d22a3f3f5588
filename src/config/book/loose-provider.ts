// Providers that are not stored, as bodies: what the environment or the build brings along, written as config.json would say it.
import type { ItemSource } from "../../core/config-book.ts";
import type { JsonObject } from "../../core/config-store.ts";
import type { KeyEntity, ProviderEntity } from "../../core/entities.ts";
import type { Environment } from "../reading.ts";
import { maskSecret } from "./secrets.ts";

/** How the loader names what the build brings along. */
const BUILT_IN = "built in";

export function looseSource(entity: ProviderEntity): ItemSource {
  return entity.source === BUILT_IN ? { type: "built-in" } : { type: "environment", place: entity.source };
}

/** The body of a key with its secret as a reference; null for the empty key of a provider that asks for none. */
export function looseKeyBody(
  entity: ProviderEntity,
  key: KeyEntity,
  environment: Environment,
): { readonly body: JsonObject; readonly masked: Readonly<Record<string, string>> } | null {
  if (key.value === "" && key.url === null) return null;
  const common = { id: key.id, name: key.name, models: ["*"], weight: key.weight, enabled: key.enabled };
  const reference = `env.${entity.source}`;
  if (key.url !== null) return { body: { ...common, ...addressOf(entity, key.url, environment) }, masked: {} };
  const { azure } = key;
  const body = {
    ...common,
    value: reference,
    ...(azure === null ? {} : { azure_key_config: { endpoint: azure.endpoint, api_version: azure.apiVersion } }),
  };
  return { body, masked: { "/value": maskSecret(key.value) } };
}

/** Servers that need an address and no key keep it in a block of their own. */
function addressOf(entity: ProviderEntity, url: string, environment: Environment): JsonObject {
  const written = environment[entity.source]?.trim();
  const block = { url: written === url ? `env.${entity.source}` : url };
  if (entity.base === "vllm") return { vllm_key_config: block };
  if (entity.base === "sgl") return { sgl_key_config: block };
  return { ollama_key_config: block };
}

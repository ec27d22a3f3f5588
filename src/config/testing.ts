// For tests of this room: a small registry, and a loader of texts with a fixed environment.
import assert from "node:assert/strict";
import type { Entity, ProviderEntity, SettingsEntity, VirtualKeyEntity } from "../core/entities.ts";
import type { Connection, ProviderAdapter, ProviderRegistry } from "../core/provider.ts";
import { type LoadResult, loadConfiguration } from "./load.ts";
import type { Environment } from "./reading.ts";

type Peculiar = Partial<ProviderAdapter> & Pick<ProviderAdapter, "name">;

/** An adapter that only connects: what loading and compiling look at. */
export function testAdapter(own: Peculiar): ProviderAdapter {
  const adapter: ProviderAdapter = {
    label: own.name,
    baseUrl: `https://api.${own.name}.example`,
    environment: [`${own.name.toUpperCase()}_API_KEY`],
    keyFields: [],
    keyless: false,
    dialect: "openai",
    // loading and compiling never look into it
    format: {} as ProviderAdapter["format"],
    operations: ["chat"],
    takesStreamOptions: true,
    defaultMaxOutputTokens: 4096,
    renames: () => [],
    connect(provider, key): Connection {
      const baseUrl = key.url ?? provider.network.baseUrl ?? adapter.baseUrl;
      if (baseUrl === null) throw new Error(`provider ${provider.name}: no base URL is known`);
      return { baseUrl, headers: key.value === "" ? [] : [["authorization", `Bearer ${key.value}`]] };
    },
    path: () => "/v1/chat/completions",
    adjust: () => [],
    readError: () => ({ message: "" }),
    hint: () => null,
    restHint: () => null,
    readModels: () => [],
    ...own,
  };
  return adapter;
}

const adapters = [
  testAdapter({ name: "openai", label: "OpenAI", environment: ["OPENAI_API_KEY", "OPENAI_KEY"] }),
  testAdapter({
    name: "azure",
    environment: ["AZURE_OPENAI_API_KEY"],
    baseUrl: null,
    path: (_operation, model) => `/openai/deployments/${model}/chat/completions`,
    connect(_provider, key) {
      if (!key.azure?.endpoint) throw new Error("no endpoint is known; set azure_key_config.endpoint");
      return { baseUrl: key.azure.endpoint, headers: [["api-key", key.value]] };
    },
  }),
  testAdapter({
    name: "anthropic",
    environment: ["ANTHROPIC_API_KEY", "ANTHROPIC_KEY"],
    dialect: "anthropic",
    connect: (provider, key) => ({
      baseUrl: provider.network.baseUrl ?? "https://api.anthropic.example",
      headers: [
        ["x-api-key", key.value],
        ["anthropic-version", "2023-06-01"],
      ],
    }),
  }),
  testAdapter({ name: "ollama", environment: ["OLLAMA_HOST"], baseUrl: null, keyless: true }),
  testAdapter({ name: "demo", environment: [], baseUrl: "demo:", keyless: true }),
];

export const testRegistry: ProviderRegistry = {
  get: (name) => adapters.find((adapter) => adapter.name === name),
  all: () => adapters,
};

/** Loads a text as `config.json`. */
export function loadText(text: string, environment: Environment = {}): LoadResult {
  return loadConfiguration({
    appDir: "/nowhere",
    configPath: null,
    text,
    environment,
    registry: testRegistry,
    catalogue: [],
  });
}

/** Loads an object as `config.json`; throws with every reason when it is refused. */
export function loadObject(config: unknown, environment: Environment = {}): Extract<LoadResult, { ok: true }> {
  const result = loadText(JSON.stringify(config, null, 2), environment);
  if (!result.ok) throw new Error(result.errors.map((error) => error.text).join("\n\n"));
  return result;
}

/** The provider of this name; fails when there is none. */
export function providerIn(entities: readonly Entity[], name: string): ProviderEntity {
  const found = entities.find((entity) => entity.kind === "provider" && entity.name === name);
  assert.ok(found?.kind === "provider", `provider ${name}`);
  return found;
}

/** The virtual key of this name; fails when there is none. */
export function virtualKeyIn(entities: readonly Entity[], name: string): VirtualKeyEntity {
  const found = entities.find((entity) => entity.kind === "virtual-key" && entity.name === name);
  assert.ok(found?.kind === "virtual-key", `virtual key ${name}`);
  return found;
}

/** The settings; fails when there are none. */
export function settingsIn(entities: readonly Entity[]): SettingsEntity {
  const found = entities.find((entity) => entity.kind === "settings");
  assert.ok(found?.kind === "settings");
  return found;
}

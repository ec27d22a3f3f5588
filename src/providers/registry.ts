// Every provider, one line each: config, catalogue, admin and docs read this list.
import type { ProviderAdapter, ProviderRegistry } from "../core/provider.ts";
import { anthropic } from "./anthropic/provider.ts";
import { azure } from "./azure/provider.ts";
import { demo } from "./demo/provider.ts";
import { openai } from "./openai/provider.ts";

const adapters: readonly ProviderAdapter[] = [openai, azure, anthropic, demo];

const byName = new Map(adapters.map((adapter) => [adapter.name, adapter]));

/** The adapters by name, in the order in which people see them. */
export const registry: ProviderRegistry = {
  get: (name) => byName.get(name),
  all: () => adapters,
};

// Zero configuration: the providers that need no file, found by their usual environment variables, and the built-in demo.
import type { AzureKeySettings, ProviderEntity } from "../core/entities.ts";
import type { ProviderAdapter, ProviderRegistry } from "../core/provider.ts";
import { isHeaderValue } from "../lib/header-block.ts";
import { type Diagnostic, diagnosticOf } from "./diagnostic.ts";
import { providerWith } from "./providers.ts";
import type { Environment } from "./reading.ts";

/** The provider that answers without any account. */
const DEMO = "demo";
const AZURE_ENDPOINTS = ["AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"];
const AZURE_VERSIONS = ["AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION", "AZURE_API_VERSION"];

export interface EnvironmentProviders {
  readonly entities: readonly ProviderEntity[];
  readonly warnings: readonly Diagnostic[];
}

/** The demo provider, where the registry has it: present in every configuration that does not declare it otherwise. */
export function demoProvider(registry: ProviderRegistry): ProviderEntity | undefined {
  const adapter = registry.get(DEMO);
  return adapter === undefined ? undefined : providerWith(adapter, {}, "built in");
}

/**
 * The providers whose variable is set, in the order of the registry. They count only where there is no file: with one,
 * the file alone says which providers there are, so that a variable left in a shell opens nothing.
 */
export function environmentProviders(registry: ProviderRegistry, environment: Environment): EnvironmentProviders {
  const entities: ProviderEntity[] = [];
  const warnings: Diagnostic[] = [];
  for (const adapter of registry.all()) {
    if (adapter.name === DEMO) continue;
    const variable = adapter.environment.find((name) => (environment[name] ?? "").trim() !== "");
    if (variable === undefined) continue;
    const problem = addProvider(adapter, variable, environment, entities);
    if (problem !== null)
      warnings.push(
        diagnosticOf(
          "environment",
          "warning",
          "unused",
          `${variable} is set, but ${adapter.label} is not used: ${problem}`,
        ),
      );
  }
  return { entities, warnings };
}

/** Adds the provider; the reason when it cannot be used. */
function addProvider(
  adapter: ProviderAdapter,
  variable: string,
  environment: Environment,
  entities: ProviderEntity[],
): string | null {
  const value = (environment[variable] ?? "").trim();
  if (!isHeaderValue(value)) return "the value holds characters that no credential may have";
  const name = `${variable}_auto_detected`;
  // a provider without keys and without an address of its own is switched on by its address
  const key =
    adapter.keyless && adapter.baseUrl === null
      ? { name, url: addressOf(value) }
      : { name, value, azure: azureOf(adapter, environment) };
  const entity = providerWith(adapter, key, variable);
  try {
    adapter.connect(entity, entity.keys[0]!);
  } catch (error) {
    return error instanceof Error ? error.message : "it cannot be used";
  }
  entities.push(entity);
  return null;
}

function addressOf(value: string): string {
  return (/^https?:\/\//.test(value) ? value : `http://${value}`).replace(/\/+$/, "").replace(/\/v1$/, "");
}

function azureOf(adapter: ProviderAdapter, environment: Environment): AzureKeySettings | null {
  if (adapter.name !== "azure") return null;
  const first = (names: readonly string[]) =>
    names.map((name) => (environment[name] ?? "").trim()).find((value) => value !== "");
  return {
    endpoint: (first(AZURE_ENDPOINTS) ?? "").replace(/\/+$/, ""),
    apiVersion: first(AZURE_VERSIONS) ?? "2024-10-21",
    deployments: {},
  };
}

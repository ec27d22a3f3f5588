// Small snapshots for the tests of routing, built by hand without the loader.

import type { KeyEntity, ProviderEntity, SettingsEntity, VirtualKeyEntity } from "../core/entities.ts";
import { NO_OWNERS } from "../core/governance.ts";
import type { OriginSettings } from "../core/http.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import type { Provider, ProviderKey, Snapshot, VirtualKey, VirtualKeyProvider } from "../core/snapshot.ts";
import { NO_HEADERS } from "../lib/header-block.ts";

export interface KeyFixture {
  readonly id: string;
  readonly weight?: number;
  readonly models?: readonly string[];
  readonly enabled?: boolean;
  readonly aliases?: Readonly<Record<string, string>>;
}

export interface ProviderFixture {
  readonly name: string;
  readonly models?: readonly string[];
  readonly keys?: readonly KeyFixture[];
  readonly operations?: readonly ("chat" | "embeddings")[];
}

export interface ScopeFixture {
  readonly provider: string;
  readonly weight?: number | null;
  readonly allowed?: readonly string[];
  readonly blocked?: readonly string[];
  readonly keyIds?: readonly string[];
}

const ORIGIN: OriginSettings = {
  url: "demo:",
  proxy: { type: "none" },
  caPem: undefined,
  insecureSkipVerify: false,
  keepAlive: 30_000,
  maxConnections: 10,
  allowPrivateNetwork: false,
};

function key(fixture: KeyFixture): ProviderKey {
  const entity = {
    id: fixture.id,
    name: fixture.id,
    value: "",
    aliases: fixture.aliases ?? {},
  } as unknown as KeyEntity;
  return {
    entity,
    id: fixture.id,
    name: fixture.id,
    weight: fixture.weight ?? 1,
    enabled: fixture.enabled ?? true,
    models: fixture.models === undefined ? null : new Set(fixture.models),
    blocked: new Set(),
    origin: ORIGIN,
    basePath: "",
    headers: NO_HEADERS,
    ownHeaders: new Set(),
  };
}

function provider(fixture: ProviderFixture): Provider {
  const models = (fixture.models ?? []).map((id) => [id, { id, contextWindow: null, maxOutputTokens: null }] as const);
  return {
    entity: { allowedRequests: null } as unknown as ProviderEntity,
    name: fixture.name,
    adapter: { operations: fixture.operations ?? ["chat", "embeddings"] } as unknown as ProviderAdapter,
    keys: (fixture.keys ?? [{ id: `${fixture.name}-key` }]).map(key),
    models: new Map(models),
  };
}

export function virtualKey(name: string, scopes: readonly ScopeFixture[] | null): VirtualKey {
  const providers: VirtualKeyProvider[] | null =
    scopes === null
      ? null
      : scopes.map((scope) => ({
          provider: scope.provider,
          weight: scope.weight === undefined ? 1 : scope.weight,
          allowed: scope.allowed === undefined ? null : new Set(scope.allowed),
          blocked: new Set(scope.blocked ?? []),
          keyIds: scope.keyIds === undefined ? null : new Set(scope.keyIds),
        }));
  return { entity: {} as VirtualKeyEntity, id: name, name, active: true, expiresAt: null, providers };
}

export function snapshot(providers: readonly ProviderFixture[]): Snapshot {
  const offers = new Map<string, string[]>();
  for (const one of providers)
    for (const model of one.models ?? []) offers.set(model, [...(offers.get(model) ?? []), one.name]);
  return {
    version: 1,
    settings: {} as SettingsEntity,
    providers: new Map(providers.map((one) => [one.name, provider(one)])),
    knownProviders: new Set(["openai", "azure", "anthropic", "groq"]),
    offers,
    governance: NO_OWNERS,
    priceOverrides: [],
    routingRules: [],
    complexity: null,
    findVirtualKey: () => undefined,
    findVirtualKeyById: () => undefined,
    virtualKeyCount: 0,
  };
}

// Makes a provider's entity ready for use: every key connected, its headers written, equal origins shared.
import type { CatalogueModel, KeyEntity, ProviderEntity } from "../core/entities.ts";
import type { OriginSettings } from "../core/http.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import type { Provider, ProviderKey } from "../core/snapshot.ts";
import { headerBlock } from "../lib/header-block.ts";
import { plainRecord } from "./reading.ts";

/** Headers in which credentials travel, whatever the provider: no caller may set one. */
const CREDENTIAL_HEADERS = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "cookie"];
const DEMO_ORIGIN = "demo:";

/** Shares origins by their values, so that the outbound door pools connections over keys and versions. */
export class OriginPool {
  readonly #origins = new Map<string, OriginSettings>();

  share(origin: OriginSettings): OriginSettings {
    const content = JSON.stringify(origin);
    const known = this.#origins.get(content);
    if (known !== undefined) return known;
    this.#origins.set(content, Object.freeze(origin));
    return origin;
  }

  /** Forgets what no provider uses any more. */
  keepOnly(used: Iterable<Provider>): void {
    const kept = new Set<OriginSettings>();
    for (const provider of used) for (const key of provider.keys) kept.add(key.origin);
    for (const [content, origin] of this.#origins) if (!kept.has(origin)) this.#origins.delete(content);
  }
}

/** What compiling a provider needs besides its entity. */
export interface ProviderContext {
  readonly adapter: ProviderAdapter;
  readonly models: ReadonlyMap<string, CatalogueModel>;
  readonly origins: OriginPool;
  /** Told when a key that is switched on cannot be used. */
  readonly warn: (text: string) => void;
}

export function compileProvider(entity: ProviderEntity, context: ProviderContext): Provider {
  const keys = entity.keys.flatMap((key) => compileKey(entity, key, context) ?? []);
  return Object.freeze({
    entity,
    name: entity.name,
    adapter: context.adapter,
    keys: Object.freeze(keys),
    models: context.models,
  });
}

/** Undefined for a key that cannot be connected: it serves nobody, and the others go on. */
function compileKey(provider: ProviderEntity, given: KeyEntity, context: ProviderContext): ProviderKey | undefined {
  const key = withPlainRecords(given);
  try {
    const connection = context.adapter.connect(provider, key);
    const { origin, basePath } = splitAddress(connection.baseUrl);
    // the operator's own headers win over the adapter's
    const extra = Object.entries(provider.network.extraHeaders);
    const replaced = new Set(extra.map(([name]) => name));
    const fields = [...connection.headers.filter(([name]) => !replaced.has(name)), ...extra];
    return Object.freeze({
      entity: key,
      id: key.id,
      name: key.name,
      weight: key.weight,
      enabled: key.enabled,
      models: key.models === null ? null : new Set(key.models),
      blocked: new Set(key.blacklistedModels),
      origin: context.origins.share(originOf(origin, provider)),
      basePath,
      headers: headerBlock(fields),
      ownHeaders: ownHeaders(key, fields, replaced),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it cannot be connected";
    if (key.enabled) context.warn(`key "${key.name}" of provider "${provider.name}" is not used: ${reason}`);
    return undefined;
  }
}

/**
 * Records that crossed a thread have a prototype again: a model called `constructor` must stay unknown. Deployments of
 * Azure are names that the key serves, like aliases, and win over them.
 */
function withPlainRecords(key: KeyEntity): KeyEntity {
  const deployments = Object.entries(key.azure?.deployments ?? {});
  const azure = key.azure === null ? null : Object.freeze({ ...key.azure, deployments: plainRecord<string>([]) });
  const aliases = plainRecord([...Object.entries(key.aliases), ...deployments]);
  const modelNames = plainRecord(Object.entries(key.modelNames ?? {}));
  return Object.freeze({ ...key, aliases, modelNames, azure });
}

function splitAddress(baseUrl: string): { origin: string; basePath: string } {
  if (baseUrl.startsWith(DEMO_ORIGIN)) return { origin: DEMO_ORIGIN, basePath: "" };
  const url = new URL(baseUrl);
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, "") };
}

function originOf(url: string, { network, proxy }: ProviderEntity): OriginSettings {
  return {
    url,
    proxy: Object.freeze({ ...proxy }),
    caPem: network.caPem ?? undefined,
    insecureSkipVerify: network.insecureSkipVerify,
    keepAlive: network.keepAlive,
    maxConnections: network.maxConnections,
    allowPrivateNetwork: network.allowPrivateNetwork,
  };
}

/** The usual credential headers, the one that carries this key's secret, and what the operator has set. */
function ownHeaders(
  key: KeyEntity,
  fields: readonly (readonly [string, string])[],
  configured: ReadonlySet<string>,
): ReadonlySet<string> {
  const carriers =
    key.value === "" ? [] : fields.filter(([, value]) => value.includes(key.value)).map(([name]) => name.toLowerCase());
  return new Set([...CREDENTIAL_HEADERS, ...carriers, ...configured]);
}

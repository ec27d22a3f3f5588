// Makes a virtual key's entity ready for use: lists become sets, and equal lists share one.
import type { VirtualKeyEntity, VirtualKeyProviderEntity } from "../core/entities.ts";
import type { VirtualKey, VirtualKeyProvider } from "../core/snapshot.ts";

/** Thousands of keys repeat a handful of lists; beyond this many different ones sharing is given up and begun anew. */
const MOST_SHARED = 10_000;

/** Shares sets by their content. */
export class SetPool {
  #sets = new Map<string, ReadonlySet<string>>();

  share(names: readonly string[]): ReadonlySet<string> {
    const content = JSON.stringify(names);
    const known = this.#sets.get(content);
    if (known !== undefined) return known;
    if (this.#sets.size >= MOST_SHARED) this.#sets = new Map();
    const made: ReadonlySet<string> = new Set(names);
    this.#sets.set(content, made);
    return made;
  }

  shareOrAll(names: readonly string[] | null): ReadonlySet<string> | null {
    return names === null ? null : this.share(names);
  }
}

/** What a key may use of each provider; null = everything of every provider. */
export function compileScopes(
  scopes: readonly VirtualKeyProviderEntity[] | null,
  pool: SetPool,
): readonly VirtualKeyProvider[] | null {
  return scopes === null ? null : Object.freeze(scopes.map((scope) => compileScope(scope, pool)));
}

function compileScope(scope: VirtualKeyProviderEntity, pool: SetPool): VirtualKeyProvider {
  return Object.freeze({
    provider: scope.provider,
    weight: scope.weight,
    allowed: pool.shareOrAll(scope.allowedModels),
    blocked: pool.share(scope.blacklistedModels),
    keyIds: pool.shareOrAll(scope.keyIds),
  });
}

/** A single key, for one who does not keep it. */
export function compileVirtualKey(entity: VirtualKeyEntity, pool: SetPool): VirtualKey {
  return Object.freeze({
    entity,
    id: entity.id,
    name: entity.name,
    active: entity.active,
    expiresAt: entity.expiresAt,
    providers: compileScopes(entity.providers, pool),
  });
}

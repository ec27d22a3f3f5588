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

export function compileVirtualKey(entity: VirtualKeyEntity, pool: SetPool): VirtualKey {
  const compileScope = (scope: VirtualKeyProviderEntity): VirtualKeyProvider =>
    Object.freeze({
      provider: scope.provider,
      weight: scope.weight,
      allowed: pool.shareOrAll(scope.allowedModels),
      blocked: pool.share(scope.blacklistedModels),
      keyIds: pool.shareOrAll(scope.keyIds),
    });
  return Object.freeze({
    entity,
    id: entity.id,
    name: entity.name,
    active: entity.active,
    expiresAt: entity.expiresAt,
    providers: entity.providers === null ? null : Object.freeze(entity.providers.map(compileScope)),
  });
}

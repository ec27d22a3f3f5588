// Virtual keys that model configs, pricing overrides and routing rules name: by id or by name, which is known when the virtual keys were read.
import type { PriceOverrideEntity, RoutingRuleEntity } from "../core/entities.ts";
import type { LimitOwnerEntity } from "./owners.ts";
import type { Reading } from "./reading.ts";
import type { GovernanceConfig } from "./schema/governance.ts";
import { quoted } from "./texts.ts";

type Scoped = LimitOwnerEntity | PriceOverrideEntity | RoutingRuleEntity;

export class ScopeNames {
  readonly #entities: readonly Scoped[];
  /** As it was written → id; null while no such key was read. */
  readonly #ids = new Map<string, string | null>();

  constructor(entities: readonly Scoped[]) {
    this.#entities = entities;
    for (const entity of entities) {
      const key = keyOf(entity);
      if (key !== null) this.#ids.set(key, null);
    }
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  /** An id wins over a name. */
  note(id: string, name: string): void {
    if (this.#ids.has(id)) this.#ids.set(id, id);
    if (this.#ids.get(name) === null) this.#ids.set(name, id);
  }

  warnUnknown({ document }: Reading, governance: GovernanceConfig | undefined): void {
    const unknown = (written: string | undefined): boolean => this.#ids.get(written ?? "") === null;
    const warn = (config: object, member: string, written: string | undefined): void =>
      document.warn(
        document.at(config, member),
        "reference",
        `there is no virtual key ${quoted(written ?? "")} in the file`,
      );
    for (const config of governance?.model_configs ?? [])
      if (config?.scope === "virtual_key" && unknown(config.scope_id)) warn(config, "scope_id", config.scope_id);
    for (const config of governance?.pricing_overrides ?? [])
      if (config !== undefined && unknown(config.virtual_key_id)) warn(config, "virtual_key_id", config.virtual_key_id);
    for (const config of governance?.routing_rules ?? [])
      if (config?.scope === "virtual_key" && unknown(config.scope_id ?? ""))
        warn(config, "scope_id", config.scope_id ?? "");
  }

  /** With ids in place of names. */
  entities(): readonly Scoped[] {
    if (this.isEmpty) return this.#entities;
    return this.#entities.map((entity) => {
      const id = this.#ids.get(keyOf(entity) ?? "") ?? null;
      if (id === null) return entity;
      return entity.kind === "routing-rule" ? { ...entity, scopeId: id } : { ...entity, virtualKeyId: id };
    });
  }
}

/** As it is written. */
function keyOf(entity: Scoped): string | null {
  if (entity.kind === "routing-rule") return entity.scope === "virtual_key" ? entity.scopeId : null;
  return "virtualKeyId" in entity ? entity.virtualKeyId : null;
}

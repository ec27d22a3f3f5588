// Owners of limits and configured prices on their way into snapshots: kept by id, and found by what requests know.
import type {
  CustomerEntity,
  Entity,
  ModelLimitEntity,
  PriceOverrideEntity,
  ProviderLimitEntity,
  TeamEntity,
} from "../core/entities.ts";
import { type GovernanceBook, NO_OWNERS } from "../core/governance.ts";
import type { PriceOverride } from "../core/price.ts";
import { type MapVersion, VersionedMap } from "./versioned-map.ts";

/** Entities that are kept here. */
export type OwnerEntity = CustomerEntity | TeamEntity | ModelLimitEntity | ProviderLimitEntity | PriceOverrideEntity;

const NO_LIMITS: readonly ModelLimitEntity[] = Object.freeze([]);
const NO_OVERRIDES: readonly PriceOverride[] = Object.freeze([]);
/** No virtual key has this id: here the limits for everybody stand. */
const EVERYBODY = "";

export class OwnerTable {
  readonly #customers = new VersionedMap<CustomerEntity>();
  readonly #teams = new VersionedMap<TeamEntity>();
  readonly #providers = new VersionedMap<ProviderLimitEntity>();
  /** Id of the virtual key → its model limits. */
  readonly #models = new VersionedMap<readonly ModelLimitEntity[]>();
  /** Id of a model limit → where it stands. */
  readonly #holders = new Map<string, string>();
  readonly #overrides = new Map<string, PriceOverrideEntity>();
  #sealed: OwnersVersion | null = null;
  #priceOverrides: readonly PriceOverride[] | null = NO_OVERRIDES;

  put(entity: OwnerEntity): void {
    switch (entity.kind) {
      case "customer":
        this.#customers.set(entity.id, entity);
        break;
      case "team":
        this.#teams.set(entity.id, entity);
        break;
      case "provider-limit":
        this.#providers.set(entity.provider, entity);
        break;
      case "model-limit":
        this.#putModel(entity);
        break;
      case "price-override":
        this.#overrides.set(entity.id, entity);
        this.#priceOverrides = null;
        return;
    }
    this.#sealed = null;
  }

  /** By kind and id of an entity; what is not kept here is not there. */
  remove(kind: Entity["kind"], id: string): void {
    switch (kind) {
      case "customer":
        this.#customers.delete(id);
        break;
      case "team":
        this.#teams.delete(id);
        break;
      case "provider-limit":
        this.#providers.delete(id);
        break;
      case "model-limit":
        this.#removeModel(id);
        break;
      case "price-override":
        if (this.#overrides.delete(id)) this.#priceOverrides = null;
        return;
      default:
        return;
    }
    this.#sealed = null;
  }

  #putModel(entity: ModelLimitEntity): void {
    const holder = entity.virtualKeyId ?? EVERYBODY;
    const before = this.#holders.get(entity.id);
    if (before !== undefined && before !== holder) this.#removeModel(entity.id);
    this.#holders.set(entity.id, holder);
    const list = this.#models.get(holder) ?? NO_LIMITS;
    const at = list.findIndex(({ id }) => id === entity.id);
    this.#models.set(holder, Object.freeze(at < 0 ? [...list, entity] : list.with(at, entity)));
  }

  #removeModel(id: string): void {
    const holder = this.#holders.get(id);
    if (holder === undefined) return;
    this.#holders.delete(id);
    const left = (this.#models.get(holder) ?? NO_LIMITS).filter((limit) => limit.id !== id);
    if (left.length === 0) this.#models.delete(holder);
    else this.#models.set(holder, Object.freeze(left));
  }

  /** The owners as they are now, for good; the same object while none changed. */
  seal(): GovernanceBook {
    if (this.#sealed !== null) return this.#sealed;
    if (this.#isEmpty) return NO_OWNERS;
    this.#sealed = new OwnersVersion({
      customers: this.#customers.seal(),
      teams: this.#teams.seal(),
      providers: this.#providers.seal(),
      models: this.#models.seal(),
    });
    return this.#sealed;
  }

  get #isEmpty(): boolean {
    return [this.#customers, this.#teams, this.#providers, this.#models].every(({ size }) => size === 0);
  }

  /** The same list while none of them changed. */
  get priceOverrides(): readonly PriceOverride[] {
    this.#priceOverrides ??= this.#overrides.size === 0 ? NO_OVERRIDES : Object.freeze([...this.#overrides.values()]);
    return this.#priceOverrides;
  }

  entities(): OwnerEntity[] {
    return [
      ...this.#customers.values(),
      ...this.#teams.values(),
      ...this.#providers.values(),
      ...[...this.#models.values()].flat(),
      ...this.#overrides.values(),
    ];
  }
}

interface Versions {
  readonly customers: MapVersion<CustomerEntity>;
  readonly teams: MapVersion<TeamEntity>;
  readonly providers: MapVersion<ProviderLimitEntity>;
  readonly models: MapVersion<readonly ModelLimitEntity[]>;
}

/** One version, as requests hold it. */
class OwnersVersion implements GovernanceBook {
  readonly #maps: Versions;

  constructor(maps: Versions) {
    this.#maps = maps;
  }

  findCustomer(id: string): CustomerEntity | undefined {
    return this.#maps.customers.get(id);
  }

  findTeam(id: string): TeamEntity | undefined {
    return this.#maps.teams.get(id);
  }

  findProviderLimit(provider: string): ProviderLimitEntity | undefined {
    return this.#maps.providers.get(provider);
  }

  modelLimitsOf(virtualKeyId: string | null): readonly ModelLimitEntity[] {
    return this.#maps.models.get(virtualKeyId ?? EVERYBODY) ?? NO_LIMITS;
  }
}

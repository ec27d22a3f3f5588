// Builds snapshots out of entities, change by change: what did not change is shared with the version before.
import {
  type CatalogueEntity,
  type CatalogueModel,
  type ComplexityEntity,
  type Entity,
  entityId,
  type ProviderEntity,
  type RoutingRuleEntity,
  type SettingsEntity,
} from "../core/entities.ts";
import type { GovernanceBook } from "../core/governance.ts";
import type { SnapshotReplaces } from "../core/plane-messages.ts";
import type { PriceOverride } from "../core/price.ts";
import type { ProviderRegistry } from "../core/provider.ts";
import type { Provider, Snapshot, VirtualKey } from "../core/snapshot.ts";
import { type PackedVirtualKeys, packVirtualKeys } from "../core/virtual-key-codec.ts";
import { OwnerTable } from "./compile-owners.ts";
import { compileProvider, OriginPool } from "./compile-provider.ts";
import { RuleTable } from "./compile-rules.ts";
import { findOffers } from "./offers.ts";
import { STANDARD_SETTINGS } from "./settings.ts";
import { VirtualKeyTable, type VirtualKeyVersion } from "./virtual-key-table.ts";

/** The source of the demo provider (environment.ts). */
const BUILT_IN = "built in";
const NO_MODELS: ReadonlyMap<string, CatalogueModel> = new Map();

/** How much was done so far: for tests of the promise that a change costs what it changes. */
export interface Work {
  virtualKeys: number;
  providers: number;
  offers: number;
}

/**
 * Used by the data plane for its snapshot and by the control plane for simulations. `apply` as often as slices come,
 * then `seal` once per version. Snapshots sealed before keep seeing what they saw.
 */
export class SnapshotBuilder {
  readonly work: Work = { virtualKeys: 0, providers: 0, offers: 0 };
  readonly #registry: ProviderRegistry;
  readonly #warn: (text: string) => void;
  readonly #providerEntities = new Map<string, ProviderEntity>();
  readonly #catalogues = new Map<string, CatalogueEntity>();
  #virtualKeys = new VirtualKeyTable();
  #owners = new OwnerTable();
  #rules = new RuleTable();
  #complexity: ComplexityEntity | null = null;
  readonly #origins = new OriginPool();
  /** Names of providers that must be compiled anew before the next seal. */
  readonly #stale = new Set<string>();
  #settings: SettingsEntity = STANDARD_SETTINGS;
  #providers: ReadonlyMap<string, Provider> = new Map();
  #offers: ReadonlyMap<string, readonly string[]> = new Map();
  #knownProviders: ReadonlySet<string>;
  #version = 0;

  /** `warn` is told, once per change, of keys that cannot be used; it never hears a secret. */
  constructor(registry: ProviderRegistry, warn: (text: string) => void = () => {}) {
    this.#registry = registry;
    this.#warn = warn;
    this.#knownProviders = new Set(registry.all().map((adapter) => adapter.name));
  }

  /** One slice of a version: removes, then upserts. Nothing is visible before `seal`. */
  apply(upserts: readonly Entity[], removes: readonly string[], version: number): void {
    this.#version = version;
    for (const id of removes) this.#remove(id);
    for (const entity of upserts) this.#upsert(entity);
  }

  /** Virtual keys of the same version, packed. */
  applyKeys(packed: PackedVirtualKeys): void {
    this.work.virtualKeys += packed.labelEnds.length;
    this.#virtualKeys.set(packed);
  }

  /** Begins anew: what was applied before is forgotten. Snapshots that were sealed keep what they have. */
  forget(what: SnapshotReplaces): void {
    for (const name of this.#providerEntities.keys()) this.#stale.add(name);
    this.#providerEntities.clear();
    this.#catalogues.clear();
    this.#settings = STANDARD_SETTINGS;
    this.#owners = new OwnerTable();
    this.#rules = new RuleTable();
    this.#complexity = null;
    if (what === "everything") this.#virtualKeys = new VirtualKeyTable();
  }

  /** The snapshot of everything applied so far. */
  seal(): Snapshot {
    if (this.#stale.size > 0) this.#compileProviders();
    return new CompiledSnapshot({
      version: this.#version,
      settings: this.#settings,
      providers: this.#providers,
      knownProviders: this.#knownProviders,
      offers: this.#offers,
      governance: this.#owners.seal(),
      priceOverrides: this.#owners.priceOverrides,
      routingRules: this.#rules.tried,
      complexity: this.#complexity,
      virtualKeys: this.#virtualKeys.seal(),
    });
  }

  /** Every entity that was applied and not removed, as a from-scratch build would need them. */
  entities(): Entity[] {
    const keys = [...this.#virtualKeys.keys()].map((key) => key.entity);
    const owners = [...this.#owners.entities(), ...this.#rules.entities()];
    const single = this.#complexity === null ? [this.#settings] : [this.#settings, this.#complexity];
    return [...single, ...this.#catalogues.values(), ...this.#providerEntities.values(), ...owners, ...keys];
  }

  #upsert(entity: Entity): void {
    switch (entity.kind) {
      case "virtual-key":
        this.work.virtualKeys++;
        this.#virtualKeys.set(packVirtualKeys([entity]));
        return;
      case "provider":
        this.#providerEntities.set(entity.name, entity);
        this.#stale.add(entity.name);
        return;
      case "settings":
        this.#settings = Object.freeze({ ...entity });
        return;
      case "catalogue":
        this.#catalogues.set(entity.provider, entity);
        this.#markUsersOf(entity.provider);
        return;
      case "routing-rule":
        this.#rules.put(Object.freeze({ ...entity }));
        return;
      case "complexity":
        this.#complexity = Object.freeze({ ...entity });
        return;
      default:
        this.#owners.put(entity);
    }
  }

  #remove(id: string): void {
    const split = id.indexOf(":");
    const name = id.slice(split + 1);
    const kind = id.slice(0, split) as Entity["kind"];
    switch (kind) {
      case "virtual-key":
        this.work.virtualKeys++;
        this.#virtualKeys.remove(name);
        return;
      case "provider":
        if (this.#providerEntities.delete(name)) this.#stale.add(name);
        return;
      case "settings":
        this.#settings = STANDARD_SETTINGS;
        return;
      case "catalogue":
        if (this.#catalogues.delete(name)) this.#markUsersOf(name);
        return;
      case "routing-rule":
        this.#rules.remove(name);
        return;
      case "complexity":
        this.#complexity = null;
        return;
      default:
        this.#owners.remove(kind, name);
    }
  }

  #markUsersOf(catalogue: string): void {
    for (const entity of this.#providerEntities.values()) {
      if (entity.name === catalogue || entity.base === catalogue) this.#stale.add(entity.name);
    }
  }

  #compileProviders(): void {
    const providers = new Map<string, Provider>();
    for (const entity of inOrder(this.#providerEntities.values())) {
      const known = this.#stale.has(entity.name) ? undefined : this.#providers.get(entity.name);
      const compiled = known ?? this.#compile(entity);
      if (compiled !== undefined) providers.set(entity.name, compiled);
    }
    this.#stale.clear();
    this.#origins.keepOnly(providers.values());
    this.#providers = providers;
    this.#knownProviders = new Set([...providers.keys(), ...this.#registry.all().map((adapter) => adapter.name)]);
    this.work.offers++;
    this.#offers = findOffers(providers.values());
  }

  #compile(entity: ProviderEntity): Provider | undefined {
    this.work.providers++;
    const adapter = this.#registry.get(entity.base);
    if (adapter === undefined) {
      this.#warn(`provider "${entity.name}" is left out: there is no provider type "${entity.base}"`);
      return undefined;
    }
    return compileProvider(entity, {
      adapter,
      models: this.#modelsOf(entity),
      origins: this.#origins,
      warn: this.#warn,
    });
  }

  /** What is known of the type's models, under what is known of this provider's own. */
  #modelsOf(entity: ProviderEntity): ReadonlyMap<string, CatalogueModel> {
    const general = this.#catalogues.get(entity.base)?.models ?? [];
    const own = entity.name === entity.base ? [] : (this.#catalogues.get(entity.name)?.models ?? []);
    return general.length + own.length === 0
      ? NO_MODELS
      : new Map([...general, ...own].map((model) => [model.id, model]));
  }
}

/** What is built in comes last, so that it is nobody's first choice. */
function inOrder(entities: Iterable<ProviderEntity>): ProviderEntity[] {
  const all = [...entities];
  return [...all.filter((entity) => entity.source !== BUILT_IN), ...all.filter((entity) => entity.source === BUILT_IN)];
}

interface SnapshotParts
  extends Pick<
    Snapshot,
    | "version"
    | "settings"
    | "providers"
    | "knownProviders"
    | "offers"
    | "governance"
    | "priceOverrides"
    | "routingRules"
    | "complexity"
  > {
  readonly virtualKeys: VirtualKeyVersion;
}

/** One version, as requests hold it. */
class CompiledSnapshot implements Snapshot {
  readonly version: number;
  readonly settings: SettingsEntity;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly knownProviders: ReadonlySet<string>;
  readonly offers: ReadonlyMap<string, readonly string[]>;
  readonly governance: GovernanceBook;
  readonly priceOverrides: readonly PriceOverride[];
  readonly routingRules: readonly RoutingRuleEntity[];
  readonly complexity: ComplexityEntity | null;
  readonly virtualKeyCount: number;
  readonly #virtualKeys: VirtualKeyVersion;

  constructor(parts: SnapshotParts) {
    this.version = parts.version;
    this.settings = parts.settings;
    this.providers = parts.providers;
    this.knownProviders = parts.knownProviders;
    this.offers = parts.offers;
    this.governance = parts.governance;
    this.priceOverrides = parts.priceOverrides;
    this.routingRules = parts.routingRules;
    this.complexity = parts.complexity;
    this.#virtualKeys = parts.virtualKeys;
    this.virtualKeyCount = parts.virtualKeys.count;
    Object.freeze(this);
  }

  findVirtualKey(valueHash: string): VirtualKey | undefined {
    return this.#virtualKeys.byHash(valueHash);
  }

  findVirtualKeyById(id: string): VirtualKey | undefined {
    return this.#virtualKeys.byId(id);
  }
}

/** A snapshot of these entities alone: drafts, simulations and tests. */
export function compileSnapshot(
  entities: readonly Entity[],
  registry: ProviderRegistry,
  warn: (text: string) => void = () => {},
  version = 1,
): Snapshot {
  const builder = new SnapshotBuilder(registry, warn);
  builder.apply(entities, [], version);
  return builder.seal();
}

/** The ids that `after` lacks and the entities that are new or different in it: what a change message holds. */
export function differences(
  before: readonly Entity[],
  after: readonly Entity[],
): { upserts: Entity[]; removes: string[] } {
  const old = new Map(before.map((entity) => [entityId(entity), entity]));
  const upserts: Entity[] = [];
  for (const entity of after) {
    const id = entityId(entity);
    const known = old.get(id);
    if (known === undefined || (known !== entity && JSON.stringify(known) !== JSON.stringify(entity)))
      upserts.push(entity);
    old.delete(id);
  }
  return { upserts, removes: [...old.keys()] };
}

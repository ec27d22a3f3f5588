// The compiled, frozen configuration that a request keeps from its beginning to its end.
import type {
  CatalogueModel,
  ComplexityEntity,
  KeyEntity,
  ProviderEntity,
  RoutingRuleEntity,
  SettingsEntity,
  VirtualKeyEntity,
} from "./entities.ts";
import type { GovernanceBook } from "./governance.ts";
import type { HeaderBlock, OriginSettings } from "./http.ts";
import type { PriceOverride } from "./price.ts";
import type { ProviderAdapter } from "./provider.ts";

/** A provider key ready for use. One object per entity version: state beside it is kept by `id`. */
export interface ProviderKey {
  readonly entity: KeyEntity;
  readonly id: string;
  readonly name: string;
  readonly weight: number;
  readonly enabled: boolean;
  /** null = every model. */
  readonly models: ReadonlySet<string> | null;
  readonly blocked: ReadonlySet<string>;
  readonly origin: OriginSettings;
  /** Path prefix of the base URL, without trailing slash. */
  readonly basePath: string;
  /** Credential, fixed and extra headers, content type left out. */
  readonly headers: HeaderBlock;
  /** Names (lower case) that carry the credential: no caller may set them. */
  readonly ownHeaders: ReadonlySet<string>;
}

export interface Provider {
  readonly entity: ProviderEntity;
  readonly name: string;
  readonly adapter: ProviderAdapter;
  readonly keys: readonly ProviderKey[];
  /** What is known of its models, by id. */
  readonly models: ReadonlyMap<string, CatalogueModel>;
}

export interface VirtualKeyProvider {
  readonly provider: string;
  readonly weight: number | null;
  readonly allowed: ReadonlySet<string> | null;
  readonly blocked: ReadonlySet<string>;
  readonly keyIds: ReadonlySet<string> | null;
}

export interface VirtualKey {
  readonly entity: VirtualKeyEntity;
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly expiresAt: number | null;
  /** In the order of the configuration; null = every provider. */
  readonly providers: readonly VirtualKeyProvider[] | null;
}

export interface Snapshot {
  readonly version: number;
  readonly settings: SettingsEntity;
  /** In the order of the configuration. */
  readonly providers: ReadonlyMap<string, Provider>;
  /** Every provider name that `provider/model` may begin with: the configured ones and all that the registry knows. */
  readonly knownProviders: ReadonlySet<string>;
  /** Bare model → names of configured providers that offer it, in their order. */
  readonly offers: ReadonlyMap<string, readonly string[]>;
  /** Customers, teams, limits of models and of providers. */
  readonly governance: GovernanceBook;
  /** Configured prices, in no order. The same list while none of them changes. */
  readonly priceOverrides: readonly PriceOverride[];
  /** Enabled ones, in the order in which they are tried: by scope, then priority, then creation. The same list while none changes. */
  readonly routingRules: readonly RoutingRuleEntity[];
  /** null = as it is built in. */
  readonly complexity: ComplexityEntity | null;
  /** By SHA-256 of the secret, base64, as of this version. */
  findVirtualKey(valueHash: string): VirtualKey | undefined;
  findVirtualKeyById(id: string): VirtualKey | undefined;
  /** How many virtual keys there are in this version. */
  readonly virtualKeyCount: number;
}

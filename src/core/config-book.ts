// The port by which the management API reads and changes the configuration; a change is stored and in force when it resolves.
import type { JsonObject } from "./config-store.ts";
import type {
  CustomerEntity,
  ModelLimitEntity,
  OwnedLimits,
  PriceOverrideEntity,
  ProviderEntity,
  ProviderLimitEntity,
  RoutingRuleEntity,
  TeamEntity,
  VirtualKeyEntity,
} from "./entities.ts";
import type { ConfiguredLogin } from "./login.ts";

/** Where an item comes from. `place`: `config.json:12`, or the name of the variable. */
export type ItemSource =
  | { readonly type: "file"; readonly place: string }
  | { readonly type: "environment"; readonly place: string }
  | { readonly type: "api" }
  | { readonly type: "built-in" };

export interface ItemFacts {
  readonly id: string;
  readonly name: string;
  readonly source: ItemSource;
  /** As in config.json, with the meaning of version 2. Secrets in clear are left out; references such as `env.NAME` stand in it. */
  readonly body: JsonObject;
  /** JSON Pointer within the body → the secret as it may be shown (masked). For a reference: the masked value behind it, if it has one. */
  readonly masked: Readonly<Record<string, string>>;
  /** Changes when the content does. */
  readonly hash: string;
  /** Unix ms; 0 = not stored (environment, built in, file alone). */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ProviderKeyItem extends ItemFacts {
  readonly provider: string;
  /** What keeps it from being used (an unset variable, a missing endpoint), for people; null = it works. */
  readonly problem: string | null;
}

export interface ProviderItem extends ItemFacts {
  readonly keys: readonly ProviderKeyItem[];
  /** As it is compiled and served; null = it cannot run, see `problem`. */
  readonly entity: ProviderEntity | null;
  readonly problem: string | null;
}

export interface VirtualKeyItem extends ItemFacts {
  readonly entity: VirtualKeyEntity;
  /** The secret masked, as it is shown; empty when it has none. */
  readonly shownValue: string;
}

/** `warnings`: findings about the change for people: known members that have no effect yet, limits above their parent's. */
export interface Applied<T> {
  readonly item: T;
  readonly warnings: readonly string[];
}

/** The whole wanted body of a block. */
export interface BlockBody {
  readonly name: string;
  readonly body: JsonObject;
  /** What findings put before the paths of its members: `client_config`. */
  readonly label: string;
}

/** Only at its creation and rotation is the secret of a virtual key known in clear. */
export interface AppliedVirtualKey extends Applied<VirtualKeyItem> {
  readonly value: string;
}

export interface VirtualKeyQuery {
  readonly search?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly sort?: "name" | "created_at" | "updated_at" | undefined;
  readonly descending?: boolean | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Owners of limits besides virtual keys, and configured prices. `provider-limit`: its id and name are the provider's. */
export type GovernanceKind =
  | "customer"
  | "team"
  | "model-config"
  | "provider-limit"
  | "pricing-override"
  | "routing-rule";

/** What the loop is told of an item. */
export type GovernanceEntity =
  | CustomerEntity
  | TeamEntity
  | ModelLimitEntity
  | ProviderLimitEntity
  | PriceOverrideEntity
  | RoutingRuleEntity;

export interface GovernanceItem extends ItemFacts {
  readonly kind: GovernanceKind;
  readonly entity: GovernanceEntity;
}

export interface GovernanceQuery {
  readonly search?: string | undefined;
  readonly sort?: "name" | "created_at" | "updated_at" | undefined;
  readonly descending?: boolean | undefined;
  readonly limit: number;
  readonly offset: number;
}

/**
 * Bodies have the form of config.json (providers.NAME, a key, a virtual key), in any accepted spelling. What is unknown or
 * wrong is refused: GatewayError invalid_request (400) naming the member, the expected form and the nearest name; a taken name 409
 * (`conflict`); a missing item 404; a file that rules alone 409 naming file and line; an unwritable store 503. A masked value of a
 * secret, exactly as it was shown, keeps the secret. Changes are applied one after another, in the order of their calls.
 */
export interface ConfigBook {
  /** Changes with every change of what is in force. */
  readonly version: number;

  providers(): readonly ProviderItem[];
  provider(name: string): ProviderItem | undefined;
  /** `body.keys` are its keys. 409 when it is configured already (file, environment or API). */
  createProvider(name: string, body: JsonObject): Promise<Applied<ProviderItem>>;
  /** Creates or replaces: blocks that are left out go back to their defaults; without `keys` the keys stay; keys are matched by id, then name. */
  putProvider(name: string, body: JsonObject): Promise<Applied<ProviderItem>>;
  removeProvider(name: string): Promise<ProviderItem>;
  createKey(provider: string, body: JsonObject): Promise<Applied<ProviderKeyItem>>;
  putKey(provider: string, id: string, body: JsonObject): Promise<Applied<ProviderKeyItem>>;
  removeKey(provider: string, id: string): Promise<ProviderKeyItem>;

  virtualKeys(query: VirtualKeyQuery): Promise<{ readonly items: readonly VirtualKeyItem[]; readonly total: number }>;
  virtualKey(id: string): Promise<VirtualKeyItem | undefined>;
  /** A value is generated unless the body has one. */
  createVirtualKey(body: JsonObject): Promise<AppliedVirtualKey>;
  /** The whole wanted body; without `value` the secret stays. */
  putVirtualKey(id: string, body: JsonObject): Promise<Applied<VirtualKeyItem>>;
  rotateVirtualKey(id: string): Promise<AppliedVirtualKey>;
  removeVirtualKey(id: string): Promise<VirtualKeyItem>;
  /** What the change would make, checked as a change is and not stored. `id` null: a new key. */
  draftVirtualKey(id: string | null, body: JsonObject): Promise<Applied<VirtualKeyItem>>;

  /** In the order of their creation unless it is sorted; all of them stand in memory. */
  governanceItems(
    kind: GovernanceKind,
    query: GovernanceQuery,
  ): { readonly items: readonly GovernanceItem[]; readonly total: number };
  governanceItem(kind: GovernanceKind, id: string): GovernanceItem | undefined;
  /** 404 for an unknown owner that it names (team, customer, provider, virtual key), 409 for a taken name. */
  createGovernanceItem(kind: GovernanceKind, body: JsonObject): Promise<Applied<GovernanceItem>>;
  /** The whole wanted body. A provider limit is made where it is not there. Ids of budgets and limits within it are kept. */
  putGovernanceItem(kind: GovernanceKind, id: string, body: JsonObject): Promise<Applied<GovernanceItem>>;
  /** 409 for a customer or team that others belong to still, naming some of them. */
  removeGovernanceItem(kind: GovernanceKind, id: string): Promise<GovernanceItem>;
  /** Why the expression of a routing rule does not compile, for people; null = it does. */
  expressionProblem(expression: string): string | null;
  /**
   * Every limit within the owner with this id of an entity: `virtual-key:ID` with its provider configs and their models,
   * `team:ID`, `customer:ID`, `model-limit:ID`, `provider-limit:NAME`. null = there is no such owner.
   */
  limitsOf(entityId: string): Promise<readonly OwnedLimits[] | null>;

  /** `client`, `framework`, `auth_config`, `proxy_config`, `metadata` and the like; undefined = not written anywhere. */
  block(name: string): ItemFacts | undefined;
  /** Creates or replaces. `auth_config.admin_password` is stored as its argon2id hash (lib/password-hash.ts). */
  putBlock(name: string, body: JsonObject): Promise<Applied<ItemFacts>>;
  /** The same of several blocks by one write of the store: all of them or none. */
  putBlocks(blocks: readonly BlockBody[]): Promise<Applied<readonly ItemFacts[]>>;
  /** The login and the setup token in force. With `is_enabled` and a password that cannot be resolved the login has an empty one: nobody gets in. */
  configuredLogin(): ConfiguredLogin;
}

// Who owns budgets and limits besides virtual keys: customers, teams, models and providers, as plain data of the snapshot.
import type { BudgetEntity, RateLimitEntity, VirtualKeyEntity, VirtualKeyProviderEntity } from "./entities.ts";

/** What becomes of requests while the store of counters cannot be asked. Budgets that are `hard` always refuse. */
export type OnStoreDown = "serve" | "refuse";

/** Whether models without a price may be asked. */
export type UnpricedModels = "allow" | "deny";

/** A rate limit as governance knows it: requests and tokens with windows of their own, and how many at once. */
export interface GovernedRateLimit extends RateLimitEntity {
  /** Requests under way at once, of each node; absent or null = any number. */
  readonly maxParallel?: number | null;
}

/** The limits of one owner. */
export interface OwnedLimits {
  readonly budgets: readonly BudgetEntity[];
  readonly rateLimit: GovernedRateLimit | null;
}

export interface CustomerEntity extends OwnedLimits {
  readonly kind: "customer";
  readonly id: string;
  readonly name: string;
}

export interface TeamEntity extends OwnedLimits {
  readonly kind: "team";
  readonly id: string;
  readonly name: string;
  readonly customerId: string | null;
}

/** Limits of one model: for everybody, or for one virtual key. */
export interface ModelLimitEntity extends OwnedLimits {
  readonly kind: "model-limit";
  readonly id: string;
  /** As it is asked, without provider; `*` = every model. */
  readonly model: string;
  /** null = at whatever provider. */
  readonly provider: string | null;
  /** Id of the virtual key that it holds for; null = for every request. */
  readonly virtualKeyId: string | null;
}

/** Limits of one provider for everybody. */
export interface ProviderLimitEntity extends OwnedLimits {
  readonly kind: "provider-limit";
  readonly provider: string;
}

/** Limits of one model within a provider config of a virtual key. */
export interface ScopedModelLimit extends OwnedLimits {
  readonly model: string;
}

/** What governance reads of a virtual key's provider config, where it is there. */
export interface GovernedProviderConfig extends VirtualKeyProviderEntity {
  readonly rateLimit: GovernedRateLimit | null;
  readonly modelLimits?: readonly ScopedModelLimit[];
}

/** What governance reads of a virtual key, where it is there. A key has a team or a customer, not both. */
export interface GovernedVirtualKey extends VirtualKeyEntity {
  readonly rateLimit: GovernedRateLimit | null;
  readonly providers: readonly GovernedProviderConfig[] | null;
  readonly teamId?: string | null;
  readonly customerId?: string | null;
  /** Absent = serve. */
  readonly onStoreDown?: OnStoreDown;
  /** Absent = as the whole gateway has it. */
  readonly unpricedModels?: UnpricedModels;
}

/** The owners of one version of the configuration. A look-up costs the same however many there are. */
export interface GovernanceBook {
  findCustomer(id: string): CustomerEntity | undefined;
  findTeam(id: string): TeamEntity | undefined;
  findProviderLimit(provider: string): ProviderLimitEntity | undefined;
  /** Model limits for everybody (null) or of one virtual key. */
  modelLimitsOf(virtualKeyId: string | null): readonly ModelLimitEntity[];
}

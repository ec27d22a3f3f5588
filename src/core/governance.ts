// The owners of budgets and limits besides virtual keys, as one version of the configuration knows them.
import type { CustomerEntity, ModelLimitEntity, ProviderLimitEntity, TeamEntity } from "./entities.ts";

/** The owners of one version of the configuration. A look-up costs the same however many there are. */
export interface GovernanceBook {
  findCustomer(id: string): CustomerEntity | undefined;
  findTeam(id: string): TeamEntity | undefined;
  findProviderLimit(provider: string): ProviderLimitEntity | undefined;
  /** Model limits for everybody (null) or of one virtual key. */
  modelLimitsOf(virtualKeyId: string | null): readonly ModelLimitEntity[];
}

/** No owners at all. */
export const NO_OWNERS: GovernanceBook = Object.freeze({
  findCustomer: () => undefined,
  findTeam: () => undefined,
  findProviderLimit: () => undefined,
  modelLimitsOf: () => [],
});

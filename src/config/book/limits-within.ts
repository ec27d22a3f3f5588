// Gathers every limit that stands within one owner: a virtual key has limits of its own, of its providers and of their models.
import type { GovernanceEntity } from "../../core/config-book.ts";
import { hasLimits, type OwnedLimits, type VirtualKeyEntity } from "../../core/entities.ts";

/** null = nobody, or nobody that has limits. */
export function limitsWithin(entity: GovernanceEntity | VirtualKeyEntity | undefined): OwnedLimits[] | null {
  if (entity === undefined || !hasLimits(entity)) return null;
  if (entity.kind !== "virtual-key") return [entity];
  const scopes = entity.providers ?? [];
  return [entity, ...scopes.flatMap((scope) => [scope, ...(scope.modelLimits ?? [])])];
}

// The parts of the schema that say what an entry's body may hold.
import type { GovernanceKind } from "../../core/config-book.ts";
import { configSchema } from "../schema/config.ts";
import { virtualKeySchema } from "../schema/governance.ts";
import {
  customerSchema,
  modelConfigSchema,
  pricingOverrideSchema,
  providerLimitSchema,
  routingRuleSchema,
  teamSchema,
} from "../schema/owners.ts";
import { keySchema, providerSchema } from "../schema/providers.ts";
import type { Shape } from "../validate.ts";

export const PROVIDER_SHAPE = providerSchema as Shape;
export const KEY_SHAPE = keySchema as Shape;
export const VIRTUAL_KEY_SHAPE = virtualKeySchema as Shape;

export const OWNER_SHAPES: Readonly<Record<GovernanceKind, Shape>> = {
  customer: customerSchema as Shape,
  team: teamSchema as Shape,
  "model-config": modelConfigSchema as Shape,
  "provider-limit": providerLimitSchema as Shape,
  "pricing-override": pricingOverrideSchema as Shape,
  "routing-rule": routingRuleSchema as Shape,
};

/** The shape of a whole member of the file; undefined where the file has none of this name. */
export function blockShape(name: string): Shape | undefined {
  const members = (configSchema as Shape).properties ?? {};
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

// Stored owners of limits, configured prices and routing rules: from an entry, checked when it was stored, to what the loop is told.
import type { GovernanceEntity, GovernanceKind } from "../../core/config-book.ts";
import type { EntryKind, JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import type { PriceOverrideEntity } from "../../core/entities.ts";
import type { OverrideScope } from "../../core/price.ts";
import { bareModel } from "../provider-keys.ts";
import { ruleEntity } from "../rule-entity.ts";
import { storedLimits } from "./stored-limits.ts";

/** In the order in which they may name each other. */
export const GOVERNANCE_KINDS = [
  "customer",
  "team",
  "provider-limit",
  "model-config",
  "pricing-override",
  "routing-rule",
] as const satisfies readonly GovernanceKind[];

export function isGovernanceKind(kind: EntryKind): kind is GovernanceKind {
  return (GOVERNANCE_KINDS as readonly EntryKind[]).includes(kind);
}

/** The member of `governance` that holds entries of each kind. */
export const GOVERNANCE_LISTS = {
  customer: "customers",
  team: "teams",
  "provider-limit": "providers",
  "model-config": "model_configs",
  "pricing-override": "pricing_overrides",
  "routing-rule": "routing_rules",
} as const satisfies Readonly<Record<GovernanceKind, string>>;

/** What entities of each kind of entry are called. */
export const ENTITY_KINDS: Readonly<Record<GovernanceKind, GovernanceEntity["kind"]>> = {
  customer: "customer",
  team: "team",
  "model-config": "model-limit",
  "provider-limit": "provider-limit",
  "pricing-override": "price-override",
  "routing-rule": "routing-rule",
};

/** The entity of a stored entry. */
export function governanceEntity(kind: GovernanceKind, { id, name, body }: StoredEntry): GovernanceEntity {
  switch (kind) {
    case "customer":
      return { kind: "customer", id, name, ...storedLimits(body) };
    case "team":
      return { kind: "team", id, name, customerId: textOr(body["customer_id"], null), ...storedLimits(body) };
    case "provider-limit":
      return { kind: "provider-limit", provider: id, ...storedLimits(body) };
    case "model-config": {
      const provider = textOr(body["provider"], null);
      const model = textOr(body["model_name"], "");
      return {
        kind: "model-limit",
        id,
        model: provider === null ? model : bareModel(model, provider),
        provider,
        virtualKeyId: body["scope"] === "virtual_key" ? textOr(body["scope_id"], "") : null,
        ...storedLimits(body),
      };
    }
    case "pricing-override":
      return priceOverride(id, name, body);
    case "routing-rule":
      return ruleEntity({ id, name }, body);
  }
}

function priceOverride(id: string, name: string, body: JsonObject): PriceOverrideEntity {
  const types = body["request_types"];
  return {
    kind: "price-override",
    id,
    name,
    scope: textOr(body["scope_kind"], "global") as OverrideScope,
    virtualKeyId: textOr(body["virtual_key_id"], null),
    providerId: textOr(body["provider_id"], null),
    providerKeyId: textOr(body["provider_key_id"], null),
    match: body["match_type"] === "wildcard" ? "wildcard" : "exact",
    pattern: textOr(body["pattern"], ""),
    requestTypes: Array.isArray(types) ? types.map(String) : [],
    patch: (body["patch"] ?? {}) as JsonObject,
  };
}

function textOr<T>(value: JsonValue | undefined, otherwise: T): string | T {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

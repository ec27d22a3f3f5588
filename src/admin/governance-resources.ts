// The owners of limits, configured prices and routing rules that governance routes list, make, change and remove: how each is called and shown.
import { targetsOf } from "../config/rule-entity.ts";
import type { ConfigBook, GovernanceItem, GovernanceKind } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { showLimits } from "./governance-limits-shape.ts";
import { placesOfItem } from "./governance-places.ts";
import type { Usage } from "./governance-usage.ts";
import { provenance } from "./keys-shape.ts";
import { own } from "./restore-shown.ts";
import { showOwner } from "./virtual-keys-shape.ts";

/** Owners of limits besides virtual keys. */
export const OWNER_KINDS = ["customer", "team", "model-config", "provider-limit"] as const;

/** One kind of item. */
export interface Resource {
  readonly kind: GovernanceKind;
  /** Under /api/governance. */
  readonly path: string;
  /** The member that holds one of them, and the list. */
  readonly one: string;
  readonly many: string;
  /** In messages. */
  readonly title: string;
  /** Without it none is made: the member, and what it is. */
  readonly needs: readonly (readonly [name: string, what: string])[];
  /** Members that null or an empty text takes off. */
  readonly clearable: readonly string[];
  readonly hasLimits: boolean;
  /** Filter of the list → the member that it looks at. */
  readonly filters: Readonly<Record<string, string>>;
  /** The members of its own, as they are shown and as they are taken. */
  readonly members: (item: GovernanceItem, book: ConfigBook) => JsonObject;
}

export const RESOURCES: readonly Resource[] = [
  {
    kind: "customer",
    path: "customers",
    one: "customer",
    many: "customers",
    title: "Customer",
    needs: [["name", "a name by which people know the customer"]],
    clearable: [],
    hasLimits: true,
    filters: {},
    members: ({ name }) => ({ name }),
  },
  {
    kind: "team",
    path: "teams",
    one: "team",
    many: "teams",
    title: "Team",
    needs: [["name", "a name by which people know the team"]],
    clearable: ["customer_id", "profile", "claims"],
    hasLimits: true,
    filters: { customer_id: "customer_id" },
    members: ({ name, body }, book) => {
      const customerId = textOrNull(own(body, "customer_id"));
      const customer = customerId === null ? undefined : book.governanceItem("customer", String(customerId));
      return {
        name,
        customer_id: customerId,
        customer: showOwner(customer),
        profile: own(body, "profile") ?? null,
        claims: own(body, "claims") ?? null,
      };
    },
  },
  {
    kind: "model-config",
    path: "model-configs",
    one: "model_config",
    many: "model_configs",
    title: "Model config",
    needs: [["model_name", 'the model that is limited; "*" = every model']],
    clearable: ["provider", "scope_id"],
    hasLimits: true,
    filters: { scope: "scope", scope_id: "scope_id", provider: "provider" },
    members: ({ body }) => ({
      model_name: own(body, "model_name") ?? "",
      provider: textOrNull(own(body, "provider")),
      scope: own(body, "scope") ?? "global",
      scope_id: textOrNull(own(body, "scope_id")),
    }),
  },
  {
    kind: "provider-limit",
    path: "providers",
    one: "provider",
    many: "providers",
    title: "Provider limits",
    needs: [],
    clearable: [],
    hasLimits: true,
    filters: { provider: "provider" },
    members: ({ id }) => ({ provider: id }),
  },
  {
    kind: "pricing-override",
    path: "pricing-overrides",
    one: "pricing_override",
    many: "pricing_overrides",
    title: "Pricing override",
    needs: [
      ["name", "a name by which people know the price"],
      ["pattern", "the model that it is for, as the provider spells it"],
    ],
    clearable: ["virtual_key_id", "provider_id", "provider_key_id"],
    hasLimits: false,
    filters: {
      scope_kind: "scope_kind",
      virtual_key_id: "virtual_key_id",
      provider_id: "provider_id",
      provider_key_id: "provider_key_id",
    },
    members: ({ name, body }) => ({
      name,
      scope_kind: own(body, "scope_kind") ?? "global",
      virtual_key_id: textOrNull(own(body, "virtual_key_id")),
      provider_id: textOrNull(own(body, "provider_id")),
      provider_key_id: textOrNull(own(body, "provider_key_id")),
      match_type: own(body, "match_type") ?? "exact",
      pattern: own(body, "pattern") ?? "",
      request_types: own(body, "request_types") ?? [],
      patch: own(body, "patch") ?? {},
    }),
  },
  {
    kind: "routing-rule",
    path: "routing-rules",
    one: "rule",
    many: "rules",
    title: "Routing rule",
    needs: [["name", "a name by which people know the rule"]],
    clearable: ["description", "cel_expression", "scope", "scope_id", "query"],
    hasLimits: false,
    filters: { scope: "scope", scope_id: "scope_id", enabled: "enabled" },
    members: ({ name, body }) => ({
      name,
      description: own(body, "description") ?? "",
      enabled: own(body, "enabled") !== false,
      chain_rule: own(body, "chain_rule") === true,
      cel_expression: own(body, "cel_expression") ?? "",
      targets: shownTargets(body),
      fallbacks: own(body, "fallbacks") ?? [],
      scope: own(body, "scope") ?? "global",
      scope_id: textOrNull(own(body, "scope_id")),
      query: own(body, "query") ?? null,
      priority: own(body, "priority") ?? 0,
    }),
  },
];

/** What stands there, so that it can be sent back; null where there is nothing. */
function shownTargets(body: JsonObject): JsonObject[] {
  return targetsOf(body).map(({ provider, model, keyId, weight }) => ({ provider, model, key_id: keyId, weight }));
}

/** An item as answers show it. */
export function showItem(resource: Resource, item: GovernanceItem, book: ConfigBook, usage: Usage): JsonObject {
  const [place] = placesOfItem(item);
  return {
    ...(item.kind === "provider-limit" ? {} : { id: item.id }),
    ...resource.members(item, book),
    ...(place === undefined
      ? {}
      : { ...showLimits(place, usage), calendar_aligned: own(item.body, "calendar_aligned") === true }),
    ...provenance(item),
  };
}

function textOrNull(value: JsonValue | undefined): JsonValue {
  return value === undefined || value === "" ? null : value;
}

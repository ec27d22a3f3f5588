// The schema of the governance block: virtual keys with their providers, budgets and rate limits, and who they belong to.
import { type Static, Type } from "typebox";
import { authSchema } from "./client.ts";
import { block, choice, contentLevel, flag, identity, list, names, secret, text, WEIGHT, written } from "./kinds.ts";
import { budgetSchema, limitMembers, rateLimitSchema } from "./limits.ts";
import {
  businessUnitSchema,
  complexitySchema,
  customerSchema,
  modelConfigSchema,
  pricingOverrideSchema,
  providerLimitSchema,
  roleSchema,
  routingRuleSchema,
  teamSchema,
} from "./owners.ts";

export type { BudgetConfig, RateLimitConfig } from "./limits.ts";

const keyReference = Type.Union(
  [
    Type.String(),
    block(
      "A provider key.",
      {
        id: identity("Id of the key."),
        key_id: text("Id of the key.", { examples: ["key-1"] }),
        name: text("Name of the key.", { examples: ["main"] }),
      },
      { open: true },
    ),
  ],
  { expected: "the id or name of a provider key" },
);

const modelBudget = block("Limits of one model.", {
  model_name: text("Model.", { examples: ["gpt-4o"] }),
  ...limitMembers,
});

export const providerConfigSchema = block("What a virtual key may use of one provider.", {
  id: identity("Identity; a row that keeps it keeps its counters."),
  provider: text("Name of the provider.", { examples: ["openai"] }),
  weight: Type.Union([Type.Number({ minimum: 0, maximum: 1_000_000 }), Type.Null()], {
    description: "Share of the requests; absent = 1, 0 = only as a fallback, null = only when named.",
    default: 1,
    expected: `${WEIGHT}, or null`,
  }),
  allowed_models: names('Models; absent or ["*"] = all, [] = none (version 1: all).', { examples: [["gpt-4o"]] }),
  blacklisted_models: names("Models that are never allowed.", { examples: [["gpt-4-32k"]] }),
  key_ids: names("Ids or names of the provider keys; absent = all, [] = none (version 1: all).", {
    examples: [["main"]],
  }),
  keys: list("The provider keys, as answers of the API list them.", keyReference),
  allow_all_keys: flag("Every key of the provider."),
  model_budgets: list("Limits by model.", modelBudget),
  virtual_key_id: written("Written by the program."),
  ...limitMembers,
});

const mcpConfig = block(
  "Tools of one MCP client.",
  {
    mcp_client_name: text("Name of the MCP client.", { examples: ["files"] }),
    tools_to_execute: names('Tools that may be called; ["*"] = all.', { examples: [["read_file"]] }),
  },
  { open: true },
);

export const virtualKeySchema = block("A key that clients use.", {
  id: text("Identity; made from the name when absent.", { examples: ["vk-1"] }),
  name: text("Name, for people.", { examples: ["team blue"] }),
  description: text("For people.", { examples: ["used by the app"] }),
  value: secret("The secret that clients send.", { examples: ["env.VK_BLUE"] }),
  virtual_key: secret("The secret that clients send; also the name when there is none.", {
    examples: ["vk-prod-main"],
  }),
  is_active: flag("A key that is off is refused.", true),
  expires_at: Type.Union([Type.String(), Type.Null()], {
    description: "The key is refused from this time on; empty = never.",
    expected: 'a time such as "2027-01-31T00:00:00Z"',
    examples: ["2027-01-31T00:00:00Z"],
  }),
  provider_configs: list("Providers that the key may use; absent = none (version 1: all).", providerConfigSchema),
  mcp_configs: list("MCP tools that the key may use.", mcpConfig, { later: "MCP tools by virtual key" }),
  team_id: text("Id or name of the team of the key; not together with customer_id.", { examples: ["team-1"] }),
  customer_id: text("Id or name of the customer of the key; not together with team_id.", { examples: ["customer-1"] }),
  on_store_down: choice("What becomes of requests while the store of counters cannot be asked.", ["serve", "refuse"], {
    default: "serve",
  }),
  unpriced_models: choice("Whether models without a price may be used; absent = as governance.unpriced_models.", [
    "allow",
    "deny",
  ]),
  content_level: contentLevel("What records keep of requests with this key; absent = as client.content_level."),
  required_headers: names(
    "Headers that every request with this key must have, besides client.required_headers; any case.",
    { examples: [["x-team"]] },
  ),
  team: written("Written by the program."),
  customer: written("Written by the program."),
  config_hash: written("Written by the program."),
  created_at: written("Written by the program."),
  updated_at: written("Written by the program."),
  ...limitMembers,
});

const unpricedSchema = choice("Whether models without a price may be used.", ["allow", "deny"], { default: "allow" });

const alertsSchema = block("Who is told when a budget crosses 50, 80 or 100 % of its limit.", {
  webhook_url: text("Gets a POST for each crossing; empty = nobody.", {
    examples: ["https://alerts.example.com/budget"],
  }),
  webhook_secret: secret("Signs what is sent (Standard Webhooks).", { examples: ["env.ALERTS_SECRET"] }),
});

/** What of the governance block is no list of entries: it is kept as one block. */
export const governanceOptionsSchema = block("What of governance concerns everybody.", {
  unpriced_models: unpricedSchema,
  alerts: alertsSchema,
  complexity_analyzer_config: complexitySchema,
});

export const governanceSchema = block("Who may use what.", {
  virtual_keys: list("Virtual keys.", virtualKeySchema, { oneByOne: true }),
  budgets: list("Budgets, each with its owner.", budgetSchema),
  rate_limits: list("Rate limits, each with its owner.", rateLimitSchema),
  auth_config: authSchema,
  unpriced_models: unpricedSchema,
  alerts: alertsSchema,
  teams: list("Teams.", teamSchema),
  customers: list("Customers.", customerSchema),
  routing_rules: list("Rules that choose provider and model.", routingRuleSchema),
  model_configs: list("Limits by model.", modelConfigSchema),
  providers: list("Limits by provider for everyone.", providerLimitSchema),
  pricing_overrides: list("Prices in place of the sheet's.", pricingOverrideSchema),
  complexity_analyzer_config: complexitySchema,
  business_units: list("Business units.", businessUnitSchema, { later: "business units" }),
  roles: list("Roles.", roleSchema, { later: "roles" }),
});

export type ProviderConfigConfig = Static<typeof providerConfigSchema>;
export type VirtualKeyConfig = Static<typeof virtualKeySchema>;
export type GovernanceConfig = Static<typeof governanceSchema>;

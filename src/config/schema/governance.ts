// The schema of the governance block: virtual keys with their providers, budgets and rate limits, and who they belong to.
import { type Static, Type } from "typebox";
import { authSchema } from "./client.ts";
import { block, choice, flag, identity, list, names, secret, text, WEIGHT, written } from "./kinds.ts";
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
  model_budgets: list("Limits by model.", modelBudget, { later: "budgets by model" }),
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
  team_id: text("Team of the key; not together with customer_id.", { later: "teams", examples: ["team-1"] }),
  customer_id: text("Customer of the key; not together with team_id.", {
    later: "customers",
    examples: ["customer-1"],
  }),
  team: written("Written by the program."),
  customer: written("Written by the program."),
  config_hash: written("Written by the program."),
  created_at: written("Written by the program."),
  updated_at: written("Written by the program."),
  ...limitMembers,
});

export const governanceSchema = block("Who may use what.", {
  virtual_keys: list("Virtual keys.", virtualKeySchema, { oneByOne: true }),
  budgets: list("Budgets, each with its owner.", budgetSchema),
  rate_limits: list("Rate limits, each with its owner.", rateLimitSchema),
  auth_config: authSchema,
  unpriced_models: choice("Whether models without a price may be used.", ["allow", "refuse"], {
    default: "allow",
    later: "governance.unpriced_models",
  }),
  teams: list("Teams.", teamSchema, { later: "teams" }),
  customers: list("Customers.", customerSchema, { later: "customers" }),
  routing_rules: list("Rules that choose provider and model.", routingRuleSchema, { later: "routing rules" }),
  model_configs: list("Limits by model.", modelConfigSchema, { later: "limits by model" }),
  providers: list("Limits by provider for everyone.", providerLimitSchema, {
    later: "limits by provider for everyone",
  }),
  pricing_overrides: list("Prices in place of the sheet's.", pricingOverrideSchema, { later: "pricing overrides" }),
  complexity_analyzer_config: complexitySchema,
  business_units: list("Business units.", businessUnitSchema, { later: "business units" }),
  roles: list("Roles.", roleSchema, { later: "roles" }),
});

export type ProviderConfigConfig = Static<typeof providerConfigSchema>;
export type VirtualKeyConfig = Static<typeof virtualKeySchema>;
export type GovernanceConfig = Static<typeof governanceSchema>;

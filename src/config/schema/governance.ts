// The schema of the governance block: virtual keys with their providers, budgets and rate limits; the rest by name.
import { type Static, Type } from "typebox";
import { anything, block, choice, count, flag, later, list, money, names, secret, text } from "./kinds.ts";

const amount = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description, expected: "a whole number, 0 or more" });
const duration = (description: string) =>
  text(description, { expected: 'a duration such as "30s", "1h", "1d" or "1M"' });

/** Fields that name the owner of an entry in `governance.budgets` or `governance.rate_limits`, and what programs write. */
const owners = {
  virtual_key_id: text("Id or name of the virtual key that owns it."),
  provider_config_id: Type.Union([Type.String(), Type.Integer()], {
    description: "Id of the provider config that owns it.",
  }),
  team_id: text("Team that owns it."),
  customer_id: text("Customer that owns it."),
  model_config_id: text("Model config that owns it."),
  config_hash: anything("Written by the program."),
  created_at: anything("Written by the program."),
  updated_at: anything("Written by the program."),
};

export const budgetSchema = block("A limit in dollars.", {
  id: text("Identity."),
  max_limit: money("Dollars that may be spent in one window."),
  reset_duration: duration("Length of a window; absent = never reset."),
  hard: flag("Never exceeded at all."),
  calendar_aligned: flag("Windows begin with the UTC day, week, month, quarter or year."),
  reset_config: block("Fiscal year.", { quarter_start_month: Type.Integer({ minimum: 1, maximum: 12 }) }),
  current_usage: Type.Number({ description: "Starting value, dollars.", minimum: 0 }),
  last_reset: text("Start of the first window."),
  override_amount: money("Dollars by which the limit is raised for a time."),
  override_mode: choice("How long the limit is raised.", ["cycles", "forever"], { default: "cycles" }),
  override_cycles_remaining: count("Windows for which the limit is still raised.", 0),
  override_cycles_total: count("Windows for which the limit was raised.", 0),
  override_anchor_reset: text("Reset from which the windows are counted."),
  ...owners,
});

export const rateLimitSchema = block("Limits on requests and tokens.", {
  id: text("Identity."),
  token_max_limit: amount("Tokens in one window."),
  token_reset_duration: duration("Length of the window for tokens."),
  token_current_usage: Type.Integer({ minimum: 0 }),
  token_last_reset: text("Start of the first window."),
  request_max_limit: amount("Requests in one window."),
  request_reset_duration: duration("Length of the window for requests."),
  request_current_usage: Type.Integer({ minimum: 0 }),
  request_last_reset: text("Start of the first window."),
  calendar_aligned: flag("Windows begin with the UTC day, week, month, quarter or year."),
  ...owners,
});

const limits = {
  budget: budgetSchema,
  budgets: list("Budgets; all must hold.", budgetSchema),
  budget_id: text("Names an entry of governance.budgets."),
  rate_limit: rateLimitSchema,
  rate_limit_id: text("Names an entry of governance.rate_limits."),
  calendar_aligned: flag("For the budgets that do not say it themselves."),
};

const keyReference = Type.Union(
  [
    Type.String(),
    block("A provider key.", { id: text("Id."), key_id: text("Id."), name: text("Name.") }, { open: true }),
  ],
  {
    expected: "the id or name of a provider key",
  },
);

export const providerConfigSchema = block("What a virtual key may use of one provider.", {
  id: Type.Union([Type.String(), Type.Integer()]),
  provider: text("Name of the provider."),
  weight: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
    description: "Share of the requests; absent = 1, 0 = only as a fallback, null = only when named.",
    expected: "a number, 0 or more, or null",
  }),
  allowed_models: names('Models; absent or ["*"] = all, [] = none (version 1: all).'),
  blacklisted_models: names("Models that are never allowed."),
  key_ids: names("Ids or names of the provider keys; absent = all, [] = none (version 1: all)."),
  keys: list("The provider keys, as answers of the API list them.", keyReference),
  allow_all_keys: flag("Every key of the provider."),
  model_budgets: later("budgets by model"),
  virtual_key_id: anything("Written by the program."),
  ...limits,
});

export const virtualKeySchema = block("A key that clients use.", {
  id: text("Identity; made from the name when absent."),
  name: text("Name, for people."),
  description: text("For people."),
  value: secret("The secret that clients send."),
  virtual_key: secret("The secret that clients send; also the name when there is none."),
  is_active: flag("A key that is off is refused.", true),
  expires_at: Type.Union([Type.String(), Type.Null()], {
    description: "RFC 3339; empty = never.",
    expected: 'a time such as "2027-01-31T00:00:00Z"',
  }),
  provider_configs: list("Providers that the key may use; absent = none (version 1: all).", providerConfigSchema),
  mcp_configs: later("MCP tools by virtual key"),
  team_id: later("teams"),
  customer_id: later("customers"),
  team: anything("Written by the program."),
  customer: anything("Written by the program."),
  config_hash: anything("Written by the program."),
  created_at: anything("Written by the program."),
  updated_at: anything("Written by the program."),
  ...limits,
});

export const governanceSchema = block("Who may use what.", {
  virtual_keys: list("Virtual keys.", virtualKeySchema, { oneByOne: true }),
  budgets: list("Budgets, each with its owner.", budgetSchema),
  rate_limits: list("Rate limits, each with its owner.", rateLimitSchema),
  unpriced_models: later("governance.unpriced_models", "allow"),
  teams: later("teams"),
  customers: later("customers"),
  routing_rules: later("routing rules"),
  model_configs: later("limits by model"),
  providers: later("limits by provider for everyone"),
  pricing_overrides: later("pricing overrides"),
  complexity_analyzer_config: later("complexity tiers"),
  auth_config: later("a login for the management API"),
  business_units: later("business units"),
  roles: later("roles"),
});

export type BudgetConfig = Static<typeof budgetSchema>;
export type RateLimitConfig = Static<typeof rateLimitSchema>;
export type ProviderConfigConfig = Static<typeof providerConfigSchema>;
export type VirtualKeyConfig = Static<typeof virtualKeySchema>;
export type GovernanceConfig = Static<typeof governanceSchema>;

// The schema of what stands in governance beside virtual keys: teams, customers, limits of models and providers, rules, prices.
import { type Static, Type } from "typebox";
import {
  amount,
  anything,
  block,
  choice,
  count,
  flag,
  identity,
  list,
  mapOf,
  names,
  text,
  weight,
  written,
} from "./kinds.ts";
import { limitMembers } from "./limits.ts";

const writtenMembers = {
  config_hash: written("Written by the program."),
  created_at: written("Written by the program."),
  updated_at: written("Written by the program."),
};

export const customerSchema = block("A customer.", {
  id: text("Identity.", { examples: ["customer-1"] }),
  name: text("Name.", { examples: ["Example Ltd"] }),
  teams: written("Written by the program."),
  virtual_keys: written("Written by the program."),
  ...limitMembers,
  ...writtenMembers,
});

export const teamSchema = block("A team.", {
  id: text("Identity.", { examples: ["team-1"] }),
  name: text("Name.", { examples: ["blue"] }),
  customer_id: text("Id or name of the customer of the team.", { examples: ["customer-1"] }),
  profile: anything("What the team is allowed.", { examples: [{}], later: "profiles of teams" }),
  claims: anything("Claims of the login that make a member.", { examples: [{}], later: "members of teams" }),
  customer: written("Written by the program."),
  virtual_keys: written("Written by the program."),
  ...limitMembers,
  ...writtenMembers,
});

const target = block("Where a rule sends a request.", {
  provider: text("Provider; empty = the request's.", { examples: ["openai"] }),
  model: text("Model; empty = the request's.", { examples: ["gpt-4o-mini"] }),
  key_id: text("Key of the provider.", { examples: ["main"] }),
  weight: weight("Share of the requests; the shares of a rule add up to 1."),
});

export const routingRuleSchema: Type.TSchema = block("A rule.", {
  id: text("Identity.", { examples: ["rule-1"] }),
  name: text("Name.", { examples: ["cheap for the free tier"] }),
  description: text("For people.", { examples: ["until the summer"] }),
  enabled: flag("A rule that is off never matches.", true),
  chain_rule: flag("The rules are asked again with the new provider and model."),
  cel_expression: text("When the rule matches; empty = always.", {
    examples: ['model == "gpt-4o" && budget_used > 80'],
  }),
  targets: list("Where the request goes.", target),
  provider: text("Single target (1.4).", { examples: ["openai"] }),
  model: text("Single target (1.4).", { examples: ["gpt-4o-mini"] }),
  fallbacks: names("Fallbacks in place of the request's.", { examples: [["anthropic/claude-3-5-sonnet-20241022"]] }),
  scope: choice("Whom the rule is for.", ["global", "customer", "team", "virtual_key"], { default: "global" }),
  scope_id: Type.Union([Type.String(), Type.Null()], { description: "Id of the one it is for.", examples: ["team-1"] }),
  query: written("The rule as the page's builder keeps it."),
  priority: Type.Integer({ description: "Lower ones are asked first.", default: 0 }),
  ...writtenMembers,
});

export const modelConfigSchema = block("Limits of one model.", {
  id: text("Identity.", { examples: ["model-1"] }),
  model_name: text("Model as it is asked, without provider; * = every model.", { examples: ["gpt-4o"] }),
  provider: text("Provider; absent = every one.", { examples: ["openai"] }),
  scope: choice("Whom the limits are for; user is not supported yet.", ["global", "virtual_key", "user"], {
    default: "global",
  }),
  scope_id: text("Id or name of the virtual key that they are for.", { examples: ["vk-1"] }),
  scope_name: written("Written by the program."),
  ...limitMembers,
  ...writtenMembers,
});

export const providerLimitSchema = block("Limits of one provider for everyone.", {
  id: identity("Identity."),
  name: text("Name of the provider.", { examples: ["openai"] }),
  provider: text("Name of the provider.", { examples: ["openai"] }),
  ...limitMembers,
  ...writtenMembers,
});

export const pricingOverrideSchema = block("A price.", {
  id: text("Identity.", { examples: ["price-1"] }),
  name: text("Name.", { examples: ["our contract"] }),
  scope_kind: choice(
    "Whom the price is for.",
    ["global", "provider", "provider_key", "virtual_key", "virtual_key_provider", "virtual_key_provider_key"],
    { default: "global" },
  ),
  virtual_key_id: text("Id or name of the virtual key.", { examples: ["vk-1"] }),
  provider_id: text("Name of the provider.", { examples: ["openai"] }),
  provider_key_id: text("Id or name of the provider key.", { examples: ["main"] }),
  match_type: choice("How the pattern is read.", ["exact", "wildcard"], { default: "exact" }),
  pattern: text("Model as the provider spells it; a wildcard ends in a star.", { examples: ["gpt-4o*"] }),
  request_types: names("Request types; streams count as their base type.", { examples: [["chat_completion"]] }),
  patch: mapOf("Price fields of the sheet.", Type.Number({ minimum: 0 }), {
    examples: [{ input_cost_per_token: 0.000_002 }],
  }),
  ...writtenMembers,
});

export const complexitySchema: Type.TSchema = block(
  "How the complexity of a request is told.",
  {
    enabled: flag("Whether it is told.", true),
    thresholds: block(
      "From which score on.",
      {
        simple: amount("Below it a request is SIMPLE.", 0.15),
        medium: amount("Below it a request is MEDIUM.", 0.35),
        complex: amount("Below it a request is COMPLEX.", 0.6),
      },
      { open: true },
    ),
    words: anything("Words that count.", { examples: [{ code: ["function"] }] }),
  },
  { later: "complexity tiers", open: true },
);

export const businessUnitSchema: Type.TSchema = block(
  "A business unit.",
  { id: text("Identity.", { examples: ["unit-1"] }), name: text("Name.", { examples: ["Research"] }), ...limitMembers },
  { open: true },
);

export const roleSchema: Type.TSchema = block(
  "A role.",
  {
    id: identity("Identity."),
    name: text("Name.", { examples: ["Developer"] }),
    permissions: anything("What it may do.", { examples: [[]] }),
    level: count("Place in the order of roles.", 0),
  },
  { open: true },
);

export type CustomerConfig = Static<typeof customerSchema>;
export type TeamConfig = Static<typeof teamSchema>;
export type ModelConfigConfig = Static<typeof modelConfigSchema>;
export type ProviderLimitConfig = Static<typeof providerLimitSchema>;
export type PricingOverrideConfig = Static<typeof pricingOverrideSchema>;

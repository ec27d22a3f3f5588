// The schema of what stands in governance beside virtual keys: teams, customers, limits of models and providers, rules, prices.
import { type Static, Type } from "typebox";
import { anything, block, choice, count, flag, identity, list, mapOf, names, text, weight, written } from "./kinds.ts";
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

/** Some programs write null where there is nothing. */
function textOrNull(description: string, example: string) {
  return Type.Union([Type.String(), Type.Null()], { description, examples: [example] });
}

const target = block("Where a rule sends a request.", {
  provider: textOrNull("Provider; empty = the request's.", "openai"),
  model: textOrNull("Model; empty = the request's.", "gpt-4o-mini"),
  key_id: textOrNull("Id or name of the key of the provider.", "main"),
  weight: weight("Share of the requests; the shares of a rule add up to 1. Without any they are equal."),
});

export const routingRuleSchema = block("A rule.", {
  id: text("Identity.", { examples: ["rule-1"] }),
  name: text("Name.", { examples: ["cheap for the free tier"] }),
  description: text("For people.", { examples: ["until the summer"] }),
  enabled: flag("A rule that is off never matches.", true),
  chain_rule: flag("The rules are asked again with the new provider and model."),
  cel_expression: text("When the rule matches; empty = always.", {
    examples: ['model == "gpt-4o" && budget_used > 80'],
  }),
  targets: list("Where the request goes.", target),
  provider: textOrNull("Single target (1.4).", "openai"),
  model: textOrNull("Single target (1.4).", "gpt-4o-mini"),
  fallbacks: names("Fallbacks in place of the request's.", { examples: [["anthropic/claude-3-5-sonnet-20241022"]] }),
  scope: choice("Whom the rule is for.", ["global", "customer", "team", "virtual_key"], { default: "global" }),
  scope_id: Type.Union([Type.String(), Type.Null()], {
    description: "Id or name of the one it is for.",
    examples: ["team-1"],
  }),
  query: anything("The rule as the page's builder keeps it.", { examples: [{ combinator: "and", rules: [] }] }),
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

const CLASSIFIERS = { later: "classifiers of complexity that ask a model" };
const PHRASES = { ...CLASSIFIERS, examples: [["fix the grammar"]] };

/** A score; absent = as it is built in, or as the other spelling says. */
function score(description: string, example: number) {
  return Type.Number({ description, minimum: 0, maximum: 1, examples: [example] });
}

// its whole type would be too deep for the compiler: see ComplexityConfig
export const complexitySchema: Type.TSchema = block(
  "How the complexity of a request is told; what is left out is as it is built in.",
  {
    tier_boundaries: block("Scores at which tiers begin, each above the one before.", {
      simple_medium: score("Below it a request is SIMPLE; absent = 0.15.", 0.15),
      medium_complex: score("Below it a request is MEDIUM; absent = 0.35.", 0.35),
      complex_reasoning: score("Below it a request is COMPLEX, from it on REASONING; absent = 0.6.", 0.6),
    }),
    keywords: block("Words and phrases that count, any case; a list replaces the one that is built in.", {
      code_keywords: names("Code and programming.", { examples: [["refactor"]] }),
      reasoning_keywords: names("Thinking in several steps.", { examples: [["step by step"]] }),
      technical_keywords: names("Terms of engineering.", { examples: [["sharding"]] }),
      simple_keywords: names("Greetings and small questions; they lower the score.", { examples: [["hello"]] }),
      medium_keywords: names("Phrases of the tier MEDIUM.", PHRASES),
      complex_keywords: names("Phrases of the tier COMPLEX.", PHRASES),
    }),
    thresholds: block("Other spelling of tier_boundaries.", {
      simple: score("As simple_medium.", 0.15),
      medium: score("As medium_complex.", 0.35),
      complex: score("As complex_reasoning.", 0.6),
    }),
    words: block("Other spelling of keywords.", {
      code: names("As code_keywords.", { examples: [["refactor"]] }),
      reasoning: names("As reasoning_keywords.", { examples: [["step by step"]] }),
      technical: names("As technical_keywords.", { examples: [["sharding"]] }),
      simple: names("As simple_keywords.", { examples: [["hello"]] }),
    }),
    semantic: anything("Tiers by the nearest phrase.", { ...CLASSIFIERS, examples: [{ provider: "openai" }] }),
    llm: anything("Tiers by a chat model.", { ...CLASSIFIERS, examples: [{ provider: "openai" }] }),
    session: anything("Tiers that a session keeps.", { ...CLASSIFIERS, examples: [{ enabled: true }] }),
  },
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
export type RoutingRuleConfig = Static<typeof routingRuleSchema>;

/** `complexity_analyzer_config` in either spelling. */
export interface ComplexityConfig {
  tier_boundaries?: { simple_medium?: number; medium_complex?: number; complex_reasoning?: number };
  keywords?: {
    code_keywords?: string[];
    reasoning_keywords?: string[];
    technical_keywords?: string[];
    simple_keywords?: string[];
  };
  thresholds?: { simple?: number; medium?: number; complex?: number };
  words?: { code?: string[]; reasoning?: string[]; technical?: string[]; simple?: string[] };
}

// The schema of budgets and rate limits, wherever they stand.
import { type Static, Type } from "typebox";
import { block, choice, count, flag, identity, list, money, text, time, whole, written } from "./kinds.ts";

const maximum = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description,
    expected: "a whole number, 0 or more",
    examples: [1000],
  });
const duration = (description: string) =>
  text(description, { expected: 'a duration such as "30s", "1h", "1d" or "1M"', examples: ["1d"] });

/** Fields that name the owner of an entry in `governance.budgets` or `governance.rate_limits`, and what programs write. */
const owners = {
  virtual_key_id: text("Id or name of the virtual key that owns it.", { examples: ["vk-1"] }),
  provider_config_id: identity("Id of the provider config that owns it."),
  team_id: text("Id or name of the team that owns it.", { examples: ["team-1"] }),
  customer_id: text("Id or name of the customer that owns it.", { examples: ["customer-1"] }),
  model_config_id: text("Id of the model config that owns it.", { examples: ["model-1"] }),
  provider: text("Provider that it limits for everybody.", { examples: ["openai"] }),
  config_hash: written("Written by the program."),
  created_at: written("Written by the program."),
  updated_at: written("Written by the program."),
};

const ALIGNED = "Windows begin with the UTC day, week, month, quarter or year.";

export const budgetSchema = block("A limit in dollars.", {
  id: text("Identity; made from the owner when absent.", { examples: ["budget-1"] }),
  max_limit: money("Dollars that may be spent in one window."),
  reset_duration: duration("Length of a window; absent = never reset."),
  hard: flag(
    "Never exceeded at all: everything is reserved at its upper bound, and a request without a bound is refused.",
  ),
  calendar_aligned: flag(ALIGNED),
  reset_config: block("The fiscal year.", {
    quarter_start_month: Type.Integer({
      description: "Month in which the fiscal year begins.",
      default: 1,
      minimum: 1,
      maximum: 12,
    }),
  }),
  current_usage: money("Dollars that were spent before; taken when the budget is first seen.", { examples: [12.5] }),
  last_reset: time("Start of the window that is running."),
  override_amount: money("Dollars by which the limit is raised for a time.", { examples: [50] }),
  override_mode: choice("How long the limit is raised.", ["cycles", "forever"], { default: "cycles" }),
  override_cycles_remaining: count("Windows for which the limit is still raised.", 0),
  override_cycles_total: count("Windows for which the limit was raised.", 0),
  override_anchor_reset: time("Reset from which the windows are counted."),
  ...owners,
});

export const rateLimitSchema = block("Limits on requests and tokens.", {
  id: text("Identity; made from the owner when absent.", { examples: ["limit-1"] }),
  token_max_limit: maximum("Tokens in one window; null = any number."),
  token_reset_duration: duration("Length of the window for tokens."),
  token_current_usage: whole("Tokens that were used before.", { examples: [1200] }),
  token_last_reset: time("Start of the window that is running."),
  request_max_limit: maximum("Requests in one window; null = any number."),
  request_reset_duration: duration("Length of the window for requests."),
  request_current_usage: whole("Requests that were made before.", { examples: [12] }),
  request_last_reset: time("Start of the window that is running."),
  max_parallel: maximum("Requests under way at once, of each node; null = any number."),
  calendar_aligned: flag(ALIGNED),
  ...owners,
});

/** The members by which an owner carries its limits. */
export const limitMembers = {
  budget: budgetSchema,
  budgets: list("Budgets; all must hold.", budgetSchema),
  budget_id: text("Names an entry of governance.budgets.", { examples: ["budget-1"] }),
  rate_limit: rateLimitSchema,
  rate_limit_id: text("Names an entry of governance.rate_limits.", { examples: ["limit-1"] }),
  calendar_aligned: flag("For the limits that do not say it themselves."),
};

export type BudgetConfig = Static<typeof budgetSchema>;
export type RateLimitConfig = Static<typeof rateLimitSchema>;

// Reads the filters, order and page of a log query from the query string.
import { GatewayError } from "../core/errors.ts";
import type { Outcome } from "../core/exchange.ts";
import { type LogQuery, type LogSort, MAX_LOG_LIMIT } from "../core/stores.ts";
import { nearestName } from "../lib/nearest.ts";

type Fields = { -readonly [Name in keyof LogQuery]: LogQuery[Name] };
type Reader = (value: string, fields: Fields, name: string, now: number) => void;

const DEFAULT_LIMIT = 50;
const SORTS: readonly LogSort[] = ["timestamp", "latency", "tokens", "cost"];
const OUTCOMES: readonly Outcome[] = ["success", "error", "cancelled"];
const HOUR = 3_600_000;
const PERIODS: Readonly<Record<string, number>> = {
  "1h": HOUR,
  "6h": 6 * HOUR,
  "24h": 24 * HOUR,
  "7d": 168 * HOUR,
  "30d": 720 * HOUR,
};
/** Filters of Bifrost that wait for what they filter by; they are accepted and named in the answer. */
const LATER = [
  "aliases",
  "routing_rule_ids",
  "routing_engine_used",
  "user_ids",
  "business_unit_ids",
  "apps",
  "user_agents",
  "cache_hit_types",
  "parent_request_id",
  "roots_only",
  "attempts",
];

function refuse(name: string, expected: string): never {
  throw new GatewayError("invalid_request", `query parameter '${name}' must be ${expected}`, { param: name });
}

function choice<T extends string>(value: string, name: string, choices: readonly T[]): T {
  const found = choices.find((entry) => entry === value);
  return found ?? refuse(name, `one of ${choices.join(", ")}`);
}

function wholeNumber(value: string, name: string, from: number): number {
  const count = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  return count >= from ? count : refuse(name, `a whole number from ${from} on`);
}

/** RFC 3339. A plus sign that nobody escaped arrives as a space. */
function time(value: string, name: string): number {
  const text = value.replace(/ (?=\d{2}:?\d{2}$)/, "+");
  const at = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(at) ? refuse(name, "a time such as 2026-05-01T12:00:00Z") : at;
}

/** USD as people write it, in nano-dollars. Half a nano-dollar is no bound of anything. */
function dollars(value: string, name: string): number {
  const nano = /^\d{1,7}(\.\d{1,15})?(e-?\d{1,2})?$/i.test(value) ? Math.round(Number(value) * 1e9) : Number.NaN;
  return Number.isSafeInteger(nano) ? nano : refuse(name, "an amount in USD such as 0.25");
}

const list = (value: string): string[] =>
  value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

const READERS: Readonly<Record<string, Reader>> = {
  providers: (value, fields) => (fields.providers = list(value)),
  models: (value, fields) => (fields.models = list(value)),
  status: (value, fields, name) => {
    // Rows are written when requests end, so none is ever `processing`.
    const wanted = list(value).filter((entry) => entry !== "processing");
    fields.status = wanted.map((entry) => choice(entry, name, OUTCOMES));
  },
  stop_reasons: (value, fields) => (fields.stopReasons = list(value)),
  objects: (value, fields) => (fields.objects = list(value)),
  selected_key_ids: (value, fields) => (fields.selectedKeyIds = list(value)),
  virtual_key_ids: (value, fields) => (fields.virtualKeyIds = list(value)),
  start_time: (value, fields, name) => (fields.startTime = time(value, name)),
  end_time: (value, fields, name) => (fields.endTime = time(value, name)),
  period: (value, fields, name, now) => {
    const span = PERIODS[choice(value, name, Object.keys(PERIODS))] as number;
    fields.startTime ??= now - span;
  },
  min_latency: (value, fields, name) => (fields.minLatency = wholeNumber(value, name, 0)),
  max_latency: (value, fields, name) => (fields.maxLatency = wholeNumber(value, name, 0)),
  min_tokens: (value, fields, name) => (fields.minTokens = wholeNumber(value, name, 0)),
  max_tokens: (value, fields, name) => (fields.maxTokens = wholeNumber(value, name, 0)),
  min_cost: (value, fields, name) => (fields.minCost = dollars(value, name)),
  max_cost: (value, fields, name) => (fields.maxCost = dollars(value, name)),
  missing_cost_only: (value, fields, name) => {
    if (choice(value, name, ["true", "false"]) === "true") fields.missingCostOnly = true;
  },
  team_ids: (value, fields) => (fields.teamIds = list(value)),
  customer_ids: (value, fields) => (fields.customerIds = list(value)),
  stream: (value, fields, name) => (fields.stream = choice(value, name, ["true", "false"]) === "true"),
  client_request_id: (value, fields) => (fields.clientRequestId = value),
  content_search: (value, fields) => (fields.contentSearch = value),
  after: (value, fields) => (fields.after = value),
  limit: (value, fields, name) => (fields.limit = Math.min(wholeNumber(value, name, 1), MAX_LOG_LIMIT)),
  offset: (value, fields, name) => (fields.offset = wholeNumber(value, name, 0)),
  sort_by: (value, fields, name) => (fields.sortBy = choice(value, name, SORTS)),
  order: (value, fields, name) => (fields.order = choice(value, name, ["asc", "desc"] as const)),
};

export interface ReadQuery {
  readonly query: LogQuery;
  /** What was asked and is not acted on yet. */
  readonly warnings: readonly string[];
}

/** Throws GatewayError naming the parameter at fault. An empty value counts as not given. `word`: what the caller calls one. */
export function readLogQuery(parameters: URLSearchParams, now: number, word = "query parameter"): ReadQuery {
  const fields: Fields = { sortBy: "timestamp", order: "desc", limit: DEFAULT_LIMIT, offset: 0 };
  const warnings: string[] = [];
  for (const [name, value] of parameters) {
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader !== undefined) {
      if (value !== "") reader(value, fields, name, now);
    } else if (LATER.includes(name)) warnings.push(`${word} '${name}' is not supported yet and was not applied`);
    else throw unknown(name, word);
  }
  return { query: fields, warnings };
}

function unknown(name: string, word: string): GatewayError {
  const nearest = nearestName(name, [...Object.keys(READERS), ...LATER]);
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  return new GatewayError("invalid_request", `unknown ${word} '${name.slice(0, 100)}'${hint}`, {
    param: name.slice(0, 100),
  });
}

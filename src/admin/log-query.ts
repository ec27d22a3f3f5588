// Reads the filters, order and page of a log query from the query string.
import { GatewayError } from "../core/errors.ts";
import type { Outcome } from "../core/exchange.ts";
import { type LogQuery, type LogSort, MAX_LOG_LIMIT } from "../core/stores.ts";
import { choice, dollars, flag, list, time, unknownParameter, wholeNumber } from "./log-parameters.ts";

/** How rows are told: `attempts` `rows` = a row for each provider tried, `fields` `summary` = what a table shows of them. */
export interface LogView {
  readonly attempts: "inside" | "rows";
  readonly fields: "all" | "summary";
  /** With rows of attempts: only those of this request that have a parent; null = all. */
  readonly parent: string | null;
  /** With rows of attempts: only the first of each request. */
  readonly rootsOnly: boolean;
}

interface Reading {
  readonly fields: { -readonly [Name in keyof LogQuery]: LogQuery[Name] };
  readonly view: { -readonly [Name in keyof LogView]: LogView[Name] };
  readonly warnings: string[];
  readonly now: number;
  /** Something was asked for that no request has. */
  matchesNothing: boolean;
}

type Reader = (value: string, reading: Reading, name: string) => void;

type ListField =
  | "providers"
  | "models"
  | "requestedModels"
  | "stopReasons"
  | "objects"
  | "selectedKeyIds"
  | "virtualKeyIds"
  | "routingRuleIds"
  | "routingEngines"
  | "teamIds"
  | "customerIds"
  | "userIds"
  | "apps"
  | "userAgents"
  | "sessionIds";

const DEFAULT_LIMIT = 50;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SORTS: readonly LogSort[] = ["timestamp", "latency", "tokens", "cost"];
const STATES: readonly (Outcome | "processing")[] = ["success", "error", "cancelled", "processing"];
const PERIODS: Readonly<Record<string, number>> = {
  "1h": HOUR,
  "6h": 6 * HOUR,
  "24h": 24 * HOUR,
  "7d": 168 * HOUR,
  "30d": 720 * HOUR,
};
/** What the request was told about itself: `metadata_team=red`, or with the name as dimensions have it, `tag:team=red`. */
const TAG_PREFIXES = ["metadata_", "tag:"];

/** A parameter that is given twice adds to its list. */
function names(field: ListField): Reader {
  return (value, { fields }) => (fields[field] = [...(fields[field] ?? []), ...list(value)]);
}

/** A filter by something that no request has here. */
function never(why: string): Reader {
  return (_value, reading, name) => {
    reading.matchesNothing = true;
    reading.warnings.push(`'${name}' matches nothing: ${why}`);
  };
}

const withoutParent = never("each request is one row, with its attempts inside; attempts=rows shows them as rows");

const READERS: Readonly<Record<string, Reader>> = {
  providers: names("providers"),
  models: names("models"),
  aliases: names("requestedModels"),
  requested_models: names("requestedModels"),
  status: (value, { fields }, name) => {
    // Rows are written when requests end, so none is ever `processing`.
    const wanted = list(value).map((entry) => choice(entry, name, STATES));
    fields.status = [...(fields.status ?? []), ...wanted.filter((entry) => entry !== "processing")];
  },
  stop_reasons: names("stopReasons"),
  objects: names("objects"),
  selected_key_ids: names("selectedKeyIds"),
  virtual_key_ids: names("virtualKeyIds"),
  routing_rule_ids: names("routingRuleIds"),
  routing_engine_used: names("routingEngines"),
  team_ids: names("teamIds"),
  customer_ids: names("customerIds"),
  user_ids: names("userIds"),
  apps: names("apps"),
  user_agents: names("userAgents"),
  session_ids: names("sessionIds"),
  business_unit_ids: never("requests have no business unit here; a tag (x-bf-dim-*) can take its place"),
  cache_hit_types: never("no answer comes from a cache yet"),
  parent_request_id: (value, { view }) => (view.parent = value),
  roots_only: (value, { view }, name) => (view.rootsOnly = flag(value, name)),
  attempts: (value, { view }, name) => (view.attempts = choice(value, name, ["inside", "rows"] as const)),
  fields: (value, { view }, name) => (view.fields = choice(value, name, ["all", "summary"] as const)),
  start_time: (value, { fields }, name) => (fields.startTime = time(value, name)),
  end_time: (value, { fields }, name) => (fields.endTime = time(value, name)),
  period: (value, { fields, now }, name) => {
    const span = PERIODS[choice(value, name, Object.keys(PERIODS))] as number;
    // from a whole minute on: pages, stats and charts of one look speak of the same time
    fields.startTime ??= Math.floor((now - span) / MINUTE) * MINUTE;
  },
  min_latency: (value, { fields }, name) => (fields.minLatency = wholeNumber(value, name, 0)),
  max_latency: (value, { fields }, name) => (fields.maxLatency = wholeNumber(value, name, 0)),
  min_tokens: (value, { fields }, name) => (fields.minTokens = wholeNumber(value, name, 0)),
  max_tokens: (value, { fields }, name) => (fields.maxTokens = wholeNumber(value, name, 0)),
  min_cost: (value, { fields }, name) => (fields.minCost = dollars(value, name)),
  max_cost: (value, { fields }, name) => (fields.maxCost = dollars(value, name)),
  missing_cost_only: (value, { fields }, name) => {
    if (flag(value, name)) fields.missingCostOnly = true;
  },
  retried_only: (value, { fields }, name) => {
    if (flag(value, name)) fields.retriedOnly = true;
  },
  stream: (value, { fields }, name) => (fields.stream = flag(value, name)),
  client_request_id: (value, { fields }) => (fields.clientRequestId = value),
  content_search: (value, { fields }) => (fields.contentSearch = value),
  after: (value, { fields }) => (fields.after = value),
  limit: (value, { fields }, name) => (fields.limit = Math.min(wholeNumber(value, name, 1), MAX_LOG_LIMIT)),
  offset: (value, { fields }, name) => (fields.offset = wholeNumber(value, name, 0)),
  sort_by: (value, { fields }, name) => (fields.sortBy = choice(value, name, SORTS)),
  order: (value, { fields }, name) => (fields.order = choice(value, name, ["asc", "desc"] as const)),
};

export interface ReadQuery {
  readonly query: LogQuery;
  readonly view: LogView;
  /** What was asked and cannot be found, and why. */
  readonly warnings: readonly string[];
}

export interface ReadOptions {
  /** What the caller calls a parameter. */
  readonly word?: string;
  /** Parameters that the route reads itself. */
  readonly own?: readonly string[];
}

/** Throws GatewayError naming the parameter at fault. An empty value counts as not given. */
export function readLogQuery(parameters: URLSearchParams, now: number, options: ReadOptions = {}): ReadQuery {
  const { word = "query parameter", own = [] } = options;
  const reading: Reading = {
    fields: { sortBy: "timestamp", order: "desc", limit: DEFAULT_LIMIT, offset: 0 },
    view: { attempts: "inside", fields: "all", parent: null, rootsOnly: false },
    warnings: [],
    now,
    matchesNothing: false,
  };
  for (const [name, value] of parameters) {
    if (own.includes(name)) continue;
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : tagReader(name);
    if (reader === undefined) throw unknownParameter(name, [...Object.keys(READERS), ...own], word);
    if (value !== "") reader(value, reading, name);
  }
  const { fields, view, warnings } = reading;
  refuseCrossed(fields);
  // only a row of an attempt has a parent, and those are made from their request's row
  if (view.parent !== null && view.attempts === "inside") withoutParent(view.parent, reading, "parent_request_id");
  return { query: reading.matchesNothing ? { ...fields, sessionIds: [] } : fields, view, warnings };
}

function tagReader(name: string): Reader | undefined {
  const prefix = TAG_PREFIXES.find((start) => name.startsWith(start));
  if (prefix === undefined || name.length === prefix.length) return undefined;
  const tag = name.slice(prefix.length);
  return (value, { fields }) => {
    const before = fields.tags !== undefined && Object.hasOwn(fields.tags, tag) ? fields.tags[tag] : [];
    fields.tags = { ...fields.tags, [tag]: [...(before ?? []), ...list(value)] };
  };
}

const PAIRS = [
  ["startTime", "endTime", "start_time", "end_time"],
  ["minLatency", "maxLatency", "min_latency", "max_latency"],
  ["minTokens", "maxTokens", "min_tokens", "max_tokens"],
  ["minCost", "maxCost", "min_cost", "max_cost"],
] as const;

function refuseCrossed(query: LogQuery): void {
  for (const [low, high, lowName, highName] of PAIRS) {
    const [from, to] = [query[low], query[high]];
    if (from === undefined || to === undefined || from <= to) continue;
    throw new GatewayError("invalid_request", `'${lowName}' lies above '${highName}': nothing lies between them`, {
      param: lowName,
    });
  }
  if (query.after !== undefined && query.sortBy !== "timestamp")
    throw new GatewayError("invalid_request", "'after' goes with sort_by=timestamp; other orders take 'offset'", {
      param: "after",
    });
}

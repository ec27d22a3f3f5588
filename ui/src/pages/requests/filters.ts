// The filters of the list: from the address to questions at the log, to words, and to whether a running request fits.
import type { RequestRow } from "./rows.ts";

export type FilterKind = "choice" | "text" | "number" | "money" | "flag";

export interface FilterEntry {
  /** Its parameter, in the address of the page and at the log alike. */
  readonly name: string;
  readonly label: string;
  readonly kind: FilterKind;
  /** The list of GET /api/logs/filterdata that has its values. */
  readonly values?: string;
  readonly unit?: string;
  readonly group: "Result" | "Route" | "Who" | "Size" | "Content";
  /** Whether a row that is told live fits; absent: a live row does not tell it. */
  readonly fits?: (row: RequestRow, value: string) => boolean;
}

const among = (value: string, ...found: readonly (string | null | undefined)[]): boolean => {
  const wanted = listOf(value);
  return found.some((one) => one !== null && one !== undefined && wanted.includes(one));
};
/** What stands between commas. */
export const listOf = (value: string): string[] =>
  value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
/** What is not known yet does not stand in the way. */
const atLeast = (found: number | null, value: string): boolean => found === null || found >= Number(value);
const atMost = (found: number | null, value: string): boolean => found === null || found <= Number(value);

export const FILTERS: readonly FilterEntry[] = [
  {
    name: "status",
    label: "Status",
    kind: "choice",
    group: "Result",
    fits: (row, value) => row.status === "processing" || among(value, row.status),
  },
  { name: "stop_reasons", label: "Stop reason", kind: "choice", values: "stop_reasons", group: "Result" },
  {
    name: "retried_only",
    label: "Retried only",
    kind: "flag",
    group: "Result",
    fits: (row) => row.attempts.length > 1,
  },
  {
    name: "missing_cost_only",
    label: "Missing price",
    kind: "flag",
    group: "Result",
    fits: (row) => row.status === "success" && row.cost === null,
  },
  {
    name: "stream",
    label: "Streamed",
    kind: "flag",
    group: "Result",
    fits: (row, value) => row.stream === (value === "true"),
  },
  {
    name: "providers",
    label: "Provider",
    kind: "choice",
    values: "providers",
    group: "Route",
    fits: (row, value) => among(value, row.provider, ...row.attempts.map((one) => one.provider)),
  },
  {
    name: "models",
    label: "Model",
    kind: "choice",
    values: "models",
    group: "Route",
    fits: (row, value) => among(value, row.model, ...row.attempts.map((one) => one.model)),
  },
  {
    name: "aliases",
    label: "Model asked for",
    kind: "choice",
    values: "aliases",
    group: "Route",
    fits: (row, value) => among(value, row.requestedModel),
  },
  { name: "selected_key_ids", label: "Provider key", kind: "choice", values: "selected_keys", group: "Route" },
  { name: "routing_rule_ids", label: "Routing rule", kind: "choice", values: "routing_rules", group: "Route" },
  {
    name: "objects",
    label: "Operation",
    kind: "choice",
    values: "objects",
    group: "Route",
    fits: (row, value) => among(value, row.object),
  },
  {
    name: "virtual_key_ids",
    label: "Virtual key",
    kind: "choice",
    values: "virtual_keys",
    group: "Who",
    fits: (row, value) => among(value, row.virtualKeyId, row.virtualKeyName),
  },
  {
    name: "user_ids",
    label: "User",
    kind: "choice",
    values: "users",
    group: "Who",
    fits: (row, value) => among(value, row.userId),
  },
  {
    name: "apps",
    label: "App",
    kind: "choice",
    values: "apps",
    group: "Who",
    fits: (row, value) => among(value, row.app),
  },
  { name: "team_ids", label: "Team", kind: "choice", values: "teams", group: "Who" },
  { name: "customer_ids", label: "Customer", kind: "choice", values: "customers", group: "Who" },
  { name: "session_ids", label: "Session", kind: "text", group: "Who" },
  { name: "client_request_id", label: "Client request id", kind: "text", group: "Who" },
  {
    name: "min_cost",
    label: "Cost from",
    kind: "money",
    unit: "USD",
    group: "Size",
    fits: (row, value) => row.status === "processing" || (row.cost ?? -1) >= Number(value),
  },
  {
    name: "max_cost",
    label: "Cost up to",
    kind: "money",
    unit: "USD",
    group: "Size",
    fits: (row, value) => atMost(row.cost, value),
  },
  {
    name: "min_latency",
    label: "Latency from",
    kind: "number",
    unit: "ms",
    group: "Size",
    fits: (row, value) => atLeast(row.latency, value),
  },
  {
    name: "max_latency",
    label: "Latency up to",
    kind: "number",
    unit: "ms",
    group: "Size",
    fits: (row, value) => atMost(row.latency, value),
  },
  {
    name: "min_tokens",
    label: "Tokens from",
    kind: "number",
    group: "Size",
    fits: (row, value) => atLeast(row.totalTokens, value),
  },
  {
    name: "max_tokens",
    label: "Tokens up to",
    kind: "number",
    group: "Size",
    fits: (row, value) => atMost(row.totalTokens, value),
  },
  { name: "content_search", label: "Content has", kind: "text", group: "Content" },
];

export const STATUS_VALUES = [
  { value: "success", label: "Success" },
  { value: "error", label: "Failed" },
  { value: "cancelled", label: "Cancelled" },
] as const;

const BY_NAME = new Map(FILTERS.map((entry) => [entry.name, entry]));
const TIMES = ["start_time", "end_time", "period"];
/** A tag of requests: `tag:team=red`. */
export const TAG = "tag:";

/** A filter that is set. */
export interface Chosen {
  readonly name: string;
  readonly value: string;
}

/** The filters that an address names, in its order; other parameters are passed over. */
export function chosenOf(query: URLSearchParams): Chosen[] {
  return [...query].flatMap(([name, value]) => {
    const isKnown = BY_NAME.has(name) || (name.startsWith(TAG) && name.length > TAG.length);
    return isKnown && value !== "" ? [{ name, value }] : [];
  });
}

/** What the log is asked besides the page: the filters, and the time. */
export function logQuery(query: URLSearchParams, defaultPeriod: string): URLSearchParams {
  const asked = new URLSearchParams();
  for (const { name, value } of chosenOf(query)) asked.append(name, value);
  for (const name of TIMES) {
    const value = query.get(name);
    if (value !== null && value !== "" && value !== "all") asked.set(name, value);
  }
  const hasTime = TIMES.some((name) => (query.get(name) ?? "") !== "");
  if (!hasTime) asked.set("period", defaultPeriod);
  return asked;
}

export function entryOf(name: string): FilterEntry {
  return BY_NAME.get(name) ?? { name, label: name.slice(TAG.length), kind: "text", group: "Who" };
}

/** How a chip says it; `names`: what ids are called. */
export function chipText({ name, value }: Chosen, names: (name: string, id: string) => string = (_, id) => id): string {
  const { label, kind, unit } = entryOf(name);
  if (kind === "flag") return value === "false" ? `Not ${label.toLowerCase()}` : label;
  if (kind === "choice")
    return `${label}: ${listOf(value)
      .map((one) => names(name, one))
      .join(" or ")}`;
  if (kind === "money") return `${label} $${value}`;
  return `${label}${kind === "text" ? ":" : ""} ${value}${unit === undefined ? "" : ` ${unit}`}`;
}

/** Whether rows can be told live under these filters; else the log is asked for what is new. */
export function isLiveTold(chosen: readonly Chosen[]): boolean {
  return chosen.every(({ name }) => entryOf(name).fits !== undefined);
}

/** Whether a row fits all of them, as far as it is known. */
export function fitsAll(row: RequestRow, chosen: readonly Chosen[]): boolean {
  return chosen.every(({ name, value }) => entryOf(name).fits?.(row, value) ?? true);
}

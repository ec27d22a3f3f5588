// Reads the query of GET /api/governance/virtual-keys.
import type { VirtualKeyQuery } from "../core/config-book.ts";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";

const DEFAULT_LIMIT = 25;
const MOST = 100;
const MOST_EXPORTED = 100_000;
const SORTS = ["name", "created_at", "updated_at"] as const;
/** Owners that no key has here: whoever asks for theirs gets none. */
const OWNERS = ["customer_id", "team_id", "user_id"];
/** Taken, and of no effect here. */
const WITHOUT_EFFECT = ["from_memory", "from_db", "export", "include_keys"];
const KNOWN = ["limit", "offset", "search", "sort_by", "order", "ids", ...OWNERS, ...WITHOUT_EFFECT];

export interface KeyListQuery extends VirtualKeyQuery {
  /** Nothing can match. */
  readonly isEmpty: boolean;
}

/** Throws GatewayError naming the parameter at fault. An empty value counts as not given. */
export function readKeyListQuery(parameters: URLSearchParams): KeyListQuery {
  for (const name of parameters.keys()) if (!KNOWN.includes(name) && !name.startsWith("exclude_")) throw unknown(name);
  const given = (name: string): string | undefined => parameters.get(name) || undefined;
  const isExport = given("export") === "true";
  const most = isExport ? MOST_EXPORTED : MOST;
  const asked = wholeNumber(given("limit"), "limit") ?? (isExport ? MOST_EXPORTED : DEFAULT_LIMIT);
  const sort = choice(given("sort_by"), "sort_by", SORTS);
  const order = choice(given("order"), "order", ["asc", "desc"] as const);
  return {
    limit: Math.min(asked === 0 ? DEFAULT_LIMIT : asked, most),
    offset: wholeNumber(given("offset"), "offset") ?? 0,
    search: given("search"),
    ids: given("ids")?.split(","),
    sort,
    descending: order === "desc",
    isEmpty: OWNERS.some((name) => given(name) !== undefined),
  };
}

function wholeNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw wrong(name, "must be a whole number, 0 or more");
}

function choice<V extends string>(text: string | undefined, name: string, values: readonly V[]): V | undefined {
  const value = values.find((one) => one === text?.toLowerCase());
  if (text === undefined || value !== undefined) return value;
  throw wrong(name, `must be one of ${values.join(", ")}`);
}

function wrong(name: string, text: string): GatewayError {
  return new GatewayError("invalid_request", `query parameter '${name}' ${text}`, { param: name });
}

function unknown(name: string): GatewayError {
  const nearest = nearestName(name, KNOWN);
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  return wrong(name.slice(0, 100), `is not known${hint}`);
}

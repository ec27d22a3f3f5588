// Reads the query of lists of the governance routes: pages, order, search, and filters.
import type { GovernanceQuery } from "../core/config-book.ts";
import { GatewayError } from "../core/errors.ts";
import { nearestName } from "../lib/nearest.ts";

const SORTS = ["name", "created_at", "updated_at"] as const;
/** Taken, and of no effect here: what is shown is always live. */
const WITHOUT_EFFECT = ["from_memory", "from_db", "export", "include_keys"];
const PAGED = ["limit", "offset", "search", "sort_by", "order"];

export interface ListRules {
  /** Of one page when nothing is said. */
  readonly usual: number;
  /** Of one page at all. */
  readonly most: number;
  /** Names of the filters. */
  readonly filters: readonly string[];
}

export const OWNER_RULES = { usual: 25, most: 100 } as const;

export interface ListQuery extends GovernanceQuery {
  /** Those that were given. */
  readonly filters: Readonly<Record<string, string>>;
}

/** Throws GatewayError naming the parameter at fault. An empty value counts as not given. */
export function readListQuery(parameters: URLSearchParams, { usual, most, filters }: ListRules): ListQuery {
  const known = [...PAGED, ...filters, ...WITHOUT_EFFECT];
  for (const name of parameters.keys())
    if (!known.includes(name) && !name.startsWith("exclude_")) throw unknown(name, known);
  const given = (name: string): string | undefined => parameters.get(name) || undefined;
  const asked = wholeNumber(given("limit"), "limit") ?? usual;
  const order = choice(given("order"), "order", ["asc", "desc"] as const);
  return {
    limit: Math.min(asked === 0 ? usual : asked, most),
    offset: wholeNumber(given("offset"), "offset") ?? 0,
    search: given("search"),
    sort: choice(given("sort_by"), "sort_by", SORTS),
    descending: order === "desc",
    filters: Object.fromEntries(filters.flatMap((name) => (given(name) === undefined ? [] : [[name, given(name)!]]))),
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

function unknown(name: string, known: readonly string[]): GatewayError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  return wrong(name.slice(0, 100), `is not known${hint}`);
}

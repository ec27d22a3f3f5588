// GET /api/logs/filterdata: the values that filters can take, the most frequent first.
import type { LogDimension, LogValueName } from "../core/stores.ts";
import { jsonAnswer } from "./answers.ts";
import { choice, list, refuse, unknownParameter, wholeNumber } from "./log-parameters.ts";
import { ask, type LogDesk, withNotes } from "./log-source.ts";
import type { Route } from "./router.ts";

/** What clients call it, what we group by, and whether names are other than ids. */
const LISTS: Readonly<Record<string, { readonly by: LogDimension | null; readonly named: boolean }>> = {
  models: { by: "model", named: false },
  aliases: { by: "requested_model", named: false },
  selected_keys: { by: "selected_key", named: true },
  virtual_keys: { by: "virtual_key", named: true },
  routing_rules: { by: "routing_rule", named: true },
  routing_engines: { by: "routing_engine", named: false },
  stop_reasons: { by: "stop_reason", named: false },
  apps: { by: "app", named: false },
  user_agents: { by: "user_agent", named: false },
  teams: { by: "team", named: true },
  customers: { by: "customer", named: true },
  users: { by: "user", named: true },
  // requests have none here
  business_units: { by: null, named: true },
  providers: { by: "provider", named: false },
  objects: { by: "object", named: false },
  sessions: { by: "session", named: false },
};
const TAGS = "metadata_keys";
/** Told when nobody asks: a session is an id that is of no use to choose from. */
const STANDARD = [...Object.keys(LISTS).filter((name) => name !== "sessions"), TAGS];
const DEFAULT_LIMIT = 100;
const MOST = 1000;
/** Values told of each tag, and tags told at all. */
const TAG_VALUES = 20;
const TAG_NAMES = 50;
const PARAMETERS = ["dimensions", "q", "limit"];

export function filterDataRoute(desk: LogDesk): Route {
  return {
    method: "GET",
    path: "/api/logs/filterdata",
    demands: "read",
    handle: ({ query }) => {
      for (const name of query.keys()) if (!PARAMETERS.includes(name)) throw unknownParameter(name, PARAMETERS);
      const wanted = wantedLists(query.get("dimensions") ?? "");
      const asked = { search: query.get("q") ?? "", limit: readLimit(query.get("limit") ?? "") };
      const answer = Object.fromEntries(wanted.map((name) => [name, valuesOf(desk, name, asked)]));
      return jsonAnswer(withNotes(answer, desk.source, []));
    },
  };
}

interface Asked {
  readonly search: string;
  readonly limit: number;
}

/** Either spelling: the list's own name, or that of what it lists. */
function wantedLists(value: string): string[] {
  if (value === "") return STANDARD;
  const known = [...Object.keys(LISTS), TAGS];
  const wanted = list(value).map((entry) =>
    known.includes(entry) ? entry : choice(`${entry}s`.replace(/ss$/, "s"), "dimensions", known),
  );
  return wanted.length === 0 ? refuse("dimensions", value, `some of ${known.join(", ")}`) : wanted;
}

function readLimit(value: string): number {
  return value === "" ? DEFAULT_LIMIT : Math.min(wholeNumber(value, "limit", 1), MOST);
}

function valuesOf(desk: LogDesk, name: string, { search, limit }: Asked): unknown {
  if (name === TAGS) return tagsOf(desk, search, limit);
  const { by, named } = LISTS[name] as { by: LogDimension | null; named: boolean };
  const values = by === null ? [] : read(desk, by, search, limit).filter(({ id }) => id !== "");
  return named
    ? values.map(({ id, name: label, count }) => ({ id, name: label || id, count }))
    : values.map(({ id }) => id);
}

/** Tags by name, each with its most frequent values. */
function tagsOf(desk: LogDesk, search: string, limit: number): object {
  const tags = read(desk, "tag:", search, Math.min(limit, TAG_NAMES));
  return Object.fromEntries(
    tags.map(({ id }) => [id, read(desk, `tag:${id}`, "", TAG_VALUES).map((value) => value.id)]),
  );
}

function read({ source }: LogDesk, by: LogDimension, search: string, limit: number): readonly LogValueName[] {
  return ask(source, (reader) => reader.values(by, search, limit), []);
}

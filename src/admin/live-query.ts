// Reads what a viewer of the live stream wants: topics, filters, and the last event that it has.

import { GatewayError } from "../core/errors.ts";
import type { Outcome } from "../core/exchange.ts";
import type { LiveTopic } from "../core/live.ts";
import type { LiveFilter } from "../core/live-watch.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { nearestName } from "../lib/nearest.ts";

const TOPICS: readonly LiveTopic[] = ["requests", "health", "budgets", "config"];
const STATUS: readonly Outcome[] = ["success", "error", "cancelled"];
/** Filters by the names of GET /api/logs, and shorter ones. */
const FILTERS: Readonly<Record<string, Exclude<keyof LiveFilter, "status">>> = {
  providers: "providers",
  models: "models",
  virtual_key_ids: "virtualKeys",
  virtual_keys: "virtualKeys",
  user_ids: "users",
  users: "users",
  apps: "apps",
};
const NAMES = ["topics", "since", "status", ...Object.keys(FILTERS)];
const MOST_VALUES = 100;

export interface LiveQuery {
  readonly topics: ReadonlySet<LiveTopic>;
  readonly filter: LiveFilter;
  readonly since: number | null;
}

/** Throws GatewayError, naming the parameter. */
export function readLiveQuery({ query, headers }: PlaneRequest): LiveQuery {
  const topics = new Set<LiveTopic>(TOPICS);
  const filter: { -readonly [Name in keyof LiveFilter]: LiveFilter[Name] } = {};
  let since = query.has("since") ? null : readSince(headers.get("last-event-id") ?? "", "last-event-id");
  for (const [name, value] of query) {
    if (name === "topics") readTopics(value, topics);
    else if (name === "since") since = readSince(value, name);
    else if (name === "status") filter.status = values(value, name).map((one) => choice(one, name, STATUS));
    else if (Object.hasOwn(FILTERS, name)) filter[FILTERS[name] as "apps"] = values(value, name);
    else refuseUnknown(name);
  }
  return { topics, filter, since };
}

function readTopics(value: string, topics: Set<LiveTopic>): void {
  topics.clear();
  for (const topic of values(value, "topics")) topics.add(choice(topic, "topics", TOPICS));
}

function readSince(value: string, name: string): number | null {
  if (value === "") return null;
  const id = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new GatewayError("invalid_request", `'${name}' must be the id of an event of this stream`, { param: name });
}

function values(value: string, name: string): string[] {
  const found = value.split(",").map((one) => one.trim());
  const given = found.filter((one) => one !== "");
  if (given.length > 0 && given.length <= MOST_VALUES) return given;
  throw new GatewayError("invalid_request", `query parameter '${name}' takes 1 to ${MOST_VALUES} values with commas`, {
    param: name,
  });
}

function choice<T extends string>(value: string, name: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === value);
  if (found !== undefined) return found;
  const wanted = `one or more of ${choices.join(", ")}`;
  throw new GatewayError("invalid_request", `query parameter '${name}' must be ${wanted}`, { param: name });
}

function refuseUnknown(name: string): never {
  const nearest = nearestName(name, NAMES);
  const hint = nearest === undefined ? `known are ${NAMES.join(", ")}` : `did you mean '${nearest}'?`;
  throw new GatewayError("invalid_request", `there is no query parameter '${name.slice(0, 100)}'; ${hint}`, {
    param: name.slice(0, 100),
  });
}

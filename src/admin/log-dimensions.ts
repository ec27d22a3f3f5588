// The names by which callers group requests, and those by which they filter by the same thing.
import { GatewayError } from "../core/errors.ts";
import type { LogDimension } from "../core/stores.ts";
import { nearestName } from "../lib/nearest.ts";
import { refuse, shown } from "./log-parameters.ts";

const DIMENSIONS: readonly Exclude<LogDimension, `tag:${string}`>[] = [
  "provider",
  "model",
  "requested_model",
  "virtual_key",
  "selected_key",
  "team",
  "customer",
  "user",
  "app",
  "user_agent",
  "session",
  "routing_rule",
  "routing_engine",
  "stop_reason",
  "status",
  "object",
];
/** What requests have nothing of here. */
const WITHOUT_VALUES: readonly string[] = ["business_unit"];
const OTHER_NAMES: Readonly<Record<string, LogDimension>> = {
  alias: "requested_model",
  key: "selected_key",
  routing_engine_used: "routing_engine",
};

/** `dimension=user`, `user_id` or `users`; a tag as `tag:NAME` or `metadata_NAME`. Null: a thing that no request here has. */
export function readDimension(parameters: URLSearchParams): LogDimension | null {
  const value = parameters.get("dimension") ?? "";
  if (value === "") throw missing();
  const tag = /^(?:tag:|metadata_)(.+)$/s.exec(value)?.[1];
  if (tag !== undefined) return `tag:${tag}`;
  const candidates = [value, value.replace(/_id$/, ""), value.replace(/s$/, ""), value.replace(/_ids$/, "")];
  for (const name of candidates) {
    if (WITHOUT_VALUES.includes(name)) return null;
    const found = DIMENSIONS.find((dimension) => dimension === name);
    if (found !== undefined) return found;
    if (Object.hasOwn(OTHER_NAMES, name)) return OTHER_NAMES[name] as LogDimension;
  }
  const nearest = nearestName(value, DIMENSIONS);
  const hint = nearest === undefined ? "" : ` (did you mean '${nearest}'?)`;
  return refuse("dimension", shown(value), `one of ${DIMENSIONS.join(", ")}, or tag:NAME${hint}`);
}

function missing(): GatewayError {
  return new GatewayError(
    "invalid_request",
    `query parameter 'dimension' is missing: it takes one of ${DIMENSIONS.join(", ")}, or tag:NAME`,
    { param: "dimension" },
  );
}

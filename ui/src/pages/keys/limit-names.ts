// How limits for everybody are called, in addresses, in words and in the API.
import type { GlobalLimit } from "./types.ts";

/** `model:ID` or `provider:NAME`. */
export function limitKey(limit: GlobalLimit): string {
  return limit.id === undefined ? `provider:${limit.provider}` : `model:${limit.id}`;
}

/** In words. */
export function limitName(limit: GlobalLimit): string {
  if (limit.id === undefined) return `everything of ${limit.provider}`;
  const model = limit.model_name === "*" ? "every model" : (limit.model_name ?? "");
  const whose = limit.scope === "virtual_key" ? `, key ${limit.scope_id}` : "";
  return `${model}${limit.provider === null ? "" : ` of ${limit.provider}`}${whose}`;
}

/** In the API. */
export function limitPath(limit: GlobalLimit): string {
  return limit.id === undefined
    ? `/api/governance/providers/${encodeURIComponent(limit.provider ?? "")}`
    : `/api/governance/model-configs/${encodeURIComponent(limit.id)}`;
}

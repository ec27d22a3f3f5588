// Reads bodies about owners of limits and configured prices: a new one whole, a change as what differs from what is stored.
import { isPair } from "../config/rule-entity.ts";
import type { ConfigBook, GovernanceItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import {
  type Before,
  changedLimits,
  demandFlag,
  LIMIT_MEMBERS,
  NOTHING,
  withoutUse,
} from "./governance-limits-read.ts";
import { type Resource, showItem } from "./governance-resources.ts";
import { NO_USAGE } from "./governance-usage.ts";
import { own, sameJson, setOwn } from "./restore-shown.ts";

/** What answers tell and nobody sets. */
const TOLD: ReadonlySet<string> = new Set([
  "config_hash",
  "source",
  "created_at",
  "updated_at",
  "warnings",
  "customer",
  "reset_budget_usage",
]);

/** The body of a new item as the book takes it. Throws GatewayError. */
export function readNewItem(given: JsonObject, resource: Resource): JsonObject {
  const body = changed(given, NOTHING, resource);
  for (const [name, what] of resource.needs)
    if ((own(body, name) ?? "") === "")
      throw new GatewayError("missing_field", `'${name}' is missing: ${what}`, { param: name });
  demandTexts(body, resource);
  return body;
}

function demandTexts(body: JsonObject, { needs }: Resource): void {
  for (const [name, what] of needs)
    if (typeof (own(body, name) ?? "") !== "string")
      throw new GatewayError("invalid_request", `'${name}' must be a text: ${what}`, { param: name });
}

/** The whole body after the change `given`, as the book takes it. Throws GatewayError. */
export function readItemChange(
  given: JsonObject,
  item: GovernanceItem,
  resource: Resource,
  book: ConfigBook,
): JsonObject {
  demandSameId(given, "id", item.id);
  const before = { shown: showItem(resource, item, book, NO_USAGE), stored: item.body };
  const body = changed(given, before, resource);
  demandTexts(body, resource);
  return own(given, "reset_budget_usage") === true ? withoutUse(body) : body;
}

/** What the path names cannot be another one in the body. */
export function demandSameId(given: JsonObject, name: string, id: string): void {
  const value = own(given, name) ?? null;
  if (value === null || value === "" || value === id) return;
  throw new GatewayError("invalid_request", `'${name}' differs from the one in the path; it cannot be changed`, {
    param: name,
  });
}

/** `before.stored` with what is given on top; what is left out, or as it was shown, stays. */
function changed(given: JsonObject, before: Before, resource: Resource): JsonObject {
  demandFlag(given, "reset_budget_usage");
  const result: Record<string, JsonValue> = { ...before.stored };
  // the older pair of provider and model stands for all targets
  if (resource.kind === "routing-rule" && isPair(given) && own(given, "targets") === undefined)
    delete result["targets"];
  for (const [name, value] of Object.entries(given)) {
    if (TOLD.has(name) || (resource.hasLimits && LIMIT_MEMBERS.has(name))) continue;
    if (LIMIT_MEMBERS.has(name))
      throw new GatewayError(
        "invalid_request",
        `unknown field '${name}': a ${resource.title.toLowerCase()} has no limits`,
        { param: name },
      );
    const shown = own(before.shown, name);
    if (shown !== undefined && sameJson(value, shown)) continue;
    const isCleared = (value === null || value === "") && resource.clearable.includes(name);
    if (isCleared) delete result[name];
    else if (value !== null) setOwn(result, name, value);
  }
  if (!resource.hasLimits) return result;
  const { budgets: _budgets, rate_limit: _limit, ...rest } = result;
  return { ...rest, ...changedLimits(given, before, "") };
}

// A virtual key as the management API shows it: members of 1.4 and 2.x side by side.
import { parseDuration } from "../config/durations.ts";
import type { ConfigBook, VirtualKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { provenance } from "./keys-shape.ts";
import { isObject, own } from "./restore-shown.ts";

const ALL: JsonValue = ["*"];

/** `value`: the secret in clear, where it is told this once. */
export function showVirtualKey(item: VirtualKeyItem, book: ConfigBook, value = item.shownValue): JsonObject {
  const { body, id } = item;
  const owner: Owner = { name: "virtual_key_id", id, item };
  return {
    id,
    name: item.name,
    description: own(body, "description") ?? "",
    value,
    is_active: own(body, "is_active") !== false,
    expires_at: textOrNull(own(body, "expires_at")),
    provider_configs: objectsOf(own(body, "provider_configs")).map((row) => showRow(row, item, book)),
    mcp_configs: [],
    team_id: null,
    customer_id: null,
    team: null,
    customer: null,
    ...showLimits(body, owner),
    calendar_aligned: own(body, "calendar_aligned") === true,
    ...provenance(item),
  };
}

/** One of its provider configs. */
function showRow(row: JsonObject, item: VirtualKeyItem, book: ConfigBook): JsonObject {
  const provider = String(own(row, "provider") ?? "");
  const keyIds = own(row, "key_ids") ?? ALL;
  const isAll = Array.isArray(keyIds) && keyIds.includes("*");
  const id = own(row, "id") ?? `${item.id}/${provider}`;
  return {
    id,
    virtual_key_id: item.id,
    provider,
    weight: Object.hasOwn(row, "weight") ? (row["weight"] as JsonValue) : 1,
    allowed_models: own(row, "allowed_models") ?? ALL,
    blacklisted_models: own(row, "blacklisted_models") ?? [],
    allow_all_keys: isAll,
    key_ids: keyIds,
    keys: isAll ? [] : showKeys(keyIds, provider, book),
    ...showLimits(row, { name: "provider_config_id", id: String(id), item }),
    model_budgets: [],
    ...(own(row, "calendar_aligned") === undefined ? {} : { calendar_aligned: row["calendar_aligned"] as JsonValue }),
  };
}

/** The provider keys that are named by id or name; one that is not there is named as it stands. */
function showKeys(names: JsonValue, provider: string, book: ConfigBook): JsonObject[] {
  const held = book.provider(provider)?.keys ?? [];
  return (Array.isArray(names) ? names : []).map((name) => {
    const key = held.find((one) => one.id === name) ?? held.find((one) => one.name === name);
    const [id, text] = key === undefined ? [String(name), String(name)] : [key.id, key.name];
    return { id, key_id: id, name: text, provider };
  });
}

interface Owner {
  readonly name: "virtual_key_id" | "provider_config_id";
  readonly id: string;
  readonly item: VirtualKeyItem;
}

/** `budgets`, `budget` as the first of them, and the rate limit. */
function showLimits(body: JsonObject, owner: Owner): JsonObject {
  const budgets = objectsOf(own(body, "budgets")).map((budget) => showBudget(budget, body, owner));
  const rateLimit = own(body, "rate_limit");
  return {
    budgets,
    budget: budgets[0] ?? null,
    rate_limit_id: isObject(rateLimit) ? (own(rateLimit, "id") ?? null) : null,
    rate_limit: isObject(rateLimit) ? showRateLimit(rateLimit, owner.item) : null,
  };
}

function showBudget(budget: JsonObject, body: JsonObject, { name, id, item }: Owner): JsonObject {
  return {
    id: own(budget, "id") ?? "",
    max_limit: own(budget, "max_limit") ?? 0,
    reset_duration: windowOf(own(budget, "reset_duration")) ?? "",
    current_usage: own(budget, "current_usage") ?? 0,
    last_reset: own(budget, "last_reset") ?? timeOf(item.createdAt),
    calendar_aligned: own(budget, "calendar_aligned") ?? own(body, "calendar_aligned") ?? false,
    ...kept(budget, ["hard", "reset_config"]),
    [name]: id,
  };
}

function showRateLimit(limit: JsonObject, item: VirtualKeyItem): JsonObject {
  const part = (kind: "token" | "request"): JsonObject => ({
    [`${kind}_max_limit`]: own(limit, `${kind}_max_limit`) ?? null,
    [`${kind}_reset_duration`]: windowOf(own(limit, `${kind}_reset_duration`)) ?? null,
    [`${kind}_current_usage`]: own(limit, `${kind}_current_usage`) ?? 0,
    [`${kind}_last_reset`]: own(limit, `${kind}_last_reset`) ?? timeOf(item.createdAt),
  });
  return { id: own(limit, "id") ?? "", ...part("token"), ...part("request"), ...kept(limit, ["calendar_aligned"]) };
}

/** One spelling for each length: `1mo` is `1M`. */
function windowOf(value: JsonValue | undefined): JsonValue | undefined {
  return typeof value === "string" ? (parseDuration(value)?.text ?? value) : value;
}

function kept(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (own(body, name) === undefined ? [] : [[name, body[name]!]])));
}

function textOrNull(value: JsonValue | undefined): JsonValue {
  return value === undefined || value === "" ? null : value;
}

function timeOf(time: number): string | null {
  return time === 0 ? null : new Date(time).toISOString();
}

export function objectsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as JsonValue[]).filter(isObject) : [];
}

// A virtual key as the management API shows it: members of 1.4 and 2.x side by side.
import type { ConfigBook, GovernanceItem, VirtualKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { showLimits } from "./governance-limits-shape.ts";
import { type LimitOwner, objectsOf, rowId } from "./governance-places.ts";
import type { Usage } from "./governance-usage.ts";
import { provenance } from "./keys-shape.ts";
import { own } from "./restore-shown.ts";

const ALL: JsonValue = ["*"];

/** `value`: the secret in clear, where it is told this once. */
export function showVirtualKey(
  item: VirtualKeyItem,
  book: ConfigBook,
  usage: Usage,
  value = item.shownValue,
): JsonObject {
  const { body, id, createdAt } = item;
  const [teamId, customerId] = [textOrNull(own(body, "team_id")), textOrNull(own(body, "customer_id"))];
  return {
    id,
    name: item.name,
    description: own(body, "description") ?? "",
    value,
    is_active: own(body, "is_active") !== false,
    expires_at: textOrNull(own(body, "expires_at")),
    provider_configs: objectsOf(own(body, "provider_configs")).map((row) => showRow(row, item, book, usage)),
    mcp_configs: [],
    team_id: teamId,
    customer_id: customerId,
    team: teamId === null ? null : showOwner(book.governanceItem("team", String(teamId))),
    customer: customerId === null ? null : showOwner(book.governanceItem("customer", String(customerId))),
    ...showLimits({ body, owner: { member: "virtual_key_id", id, createdAt } }, usage),
    calendar_aligned: own(body, "calendar_aligned") === true,
    on_store_down: own(body, "on_store_down") ?? "serve",
    unpriced_models: own(body, "unpriced_models") ?? null,
    content_level: own(body, "content_level") ?? null,
    required_headers: own(body, "required_headers") ?? [],
    ...provenance(item),
  };
}

/** A team or customer in few words. */
export function showOwner(item: GovernanceItem | undefined): JsonObject | null {
  if (item === undefined) return null;
  const { id, name, body } = item;
  return { id, name, ...(item.kind === "team" ? { customer_id: own(body, "customer_id") ?? null } : {}) };
}

/** One of its provider configs. */
function showRow(row: JsonObject, item: VirtualKeyItem, book: ConfigBook, usage: Usage): JsonObject {
  const provider = String(own(row, "provider") ?? "");
  const keyIds = own(row, "key_ids") ?? ALL;
  const isAll = Array.isArray(keyIds) && keyIds.includes("*");
  const owner: LimitOwner = { member: "provider_config_id", id: rowId(row, item.id), createdAt: item.createdAt };
  return {
    id: own(row, "id") ?? owner.id,
    virtual_key_id: item.id,
    provider,
    weight: Object.hasOwn(row, "weight") ? (row["weight"] as JsonValue) : 1,
    allowed_models: own(row, "allowed_models") ?? ALL,
    blacklisted_models: own(row, "blacklisted_models") ?? [],
    allow_all_keys: isAll,
    key_ids: keyIds,
    keys: isAll ? [] : showKeys(keyIds, provider, book),
    ...showLimits({ body: row, owner }, usage),
    model_budgets: objectsOf(own(row, "model_budgets")).map((body) => {
      const model = String(own(body, "model_name") ?? "");
      return { model_name: model, ...showLimits({ body, owner, model }, usage), ...aligned(body) };
    }),
    ...aligned(row),
  };
}

function aligned(body: JsonObject): JsonObject {
  const value = own(body, "calendar_aligned");
  return value === undefined ? {} : { calendar_aligned: value };
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

function textOrNull(value: JsonValue | undefined): JsonValue {
  return value === undefined || value === "" ? null : value;
}

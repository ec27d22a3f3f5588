// Where limits stand in the body of an owner: with itself, with its provider configs, and with their models.
import type { GovernanceItem, VirtualKeyItem } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import type { OwnedLimits, VirtualKeyEntity } from "../core/entities.ts";
import { isObject, own } from "./restore-shown.ts";

/** The member by which a limit names its owner. */
export type OwnerMember =
  | "virtual_key_id"
  | "provider_config_id"
  | "team_id"
  | "customer_id"
  | "model_config_id"
  | "provider";

/** Whose limit it is. */
export interface LimitOwner {
  readonly member: OwnerMember;
  readonly id: string;
  /** Unix ms at which the owner was made; 0 = not known. */
  readonly createdAt: number;
}

/** A body that carries limits. */
export interface LimitPlace {
  readonly body: JsonObject;
  readonly owner: LimitOwner;
  /** Of limits that hold for one model. */
  readonly model?: string;
}

export function objectsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as JsonValue[]).filter(isObject) : [];
}

/** The id of a provider config, also of one that was written without. */
export function rowId(row: JsonObject, virtualKeyId: string): string {
  return String(own(row, "id") ?? `${virtualKeyId}/${String(own(row, "provider") ?? "")}`);
}

/** The places of a virtual key, itself first. */
export function placesOfKey({ id, body, createdAt }: VirtualKeyItem): LimitPlace[] {
  const rows = objectsOf(own(body, "provider_configs")).flatMap((row): LimitPlace[] => {
    const owner: LimitOwner = { member: "provider_config_id", id: rowId(row, id), createdAt };
    const models = objectsOf(own(row, "model_budgets"));
    return [
      { body: row, owner },
      ...models.map((one) => ({ body: one, owner, model: String(own(one, "model_name") ?? "") })),
    ];
  });
  return [{ body, owner: { member: "virtual_key_id", id, createdAt } }, ...rows];
}

const MEMBERS = {
  team: "team_id",
  customer: "customer_id",
  "model-config": "model_config_id",
  "provider-limit": "provider",
} as const satisfies Partial<Record<GovernanceItem["kind"], OwnerMember>>;

/** The place of another owner; none for what has no limits. */
export function placesOfItem({ kind, id, body, createdAt }: GovernanceItem): LimitPlace[] {
  if (kind === "pricing-override" || kind === "routing-rule") return [];
  return [{ body, owner: { member: MEMBERS[kind], id, createdAt } }];
}

/** All limits of a virtual key as the counters know them. */
export function limitsOfKey(entity: VirtualKeyEntity): OwnedLimits[] {
  const rows = (entity.providers ?? []).flatMap((row) => [row, ...(row.modelLimits ?? [])]);
  return [entity, ...rows];
}

/** The body with each of its budgets changed, wherever it stands. */
export function mapBudgets(body: JsonObject, change: (budget: JsonObject) => JsonObject): JsonObject {
  const mapped: Record<string, JsonValue> = { ...body };
  mapList(mapped, "budgets", change);
  mapList(mapped, "provider_configs", (row) => mapBudgets(row, change));
  mapList(mapped, "model_budgets", (row) => mapBudgets(row, change));
  return mapped;
}

function mapList(body: Record<string, JsonValue>, name: string, change: (item: JsonObject) => JsonObject): void {
  const list = own(body, name);
  if (Array.isArray(list)) body[name] = (list as JsonValue[]).map((item) => (isObject(item) ? change(item) : item));
}

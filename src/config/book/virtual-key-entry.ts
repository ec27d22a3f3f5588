// Stored virtual keys: what is kept of a secret, and the quick way from a stored body, checked when it was stored, to an entity.
import type { JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import type {
  ContentLevel,
  ScopedModelLimit,
  VirtualKeyEntity,
  VirtualKeyProviderEntity,
} from "../../core/entities.ts";
import { headerNames } from "../header-names.ts";
import { bareModel } from "../provider-keys.ts";
import { type Environment, resolve } from "../reading.ts";
import { hashSecret } from "../virtual-keys.ts";
import { isReference, maskSecret } from "./secrets.ts";
import { storedLimits } from "./stored-limits.ts";

/** The text that stands in the stored body in place of the secret. A key whose name is its secret is shown as it is. */
export function keptValue(secret: string, name: string): string {
  return secret === name ? name : maskSecret(secret);
}

/** The reference behind which the secret stands, or null. */
export function referenceOf(entry: StoredEntry): string | null {
  const value = entry.body["value"];
  return typeof value === "string" && isReference(value) ? value : null;
}

/** What may be shown of the secret; empty when there is none. */
export function shownValue(entry: StoredEntry, environment: Environment): string {
  const value = entry.body["value"];
  if (typeof value !== "string") return "";
  if (!isReference(value)) return value;
  const resolved = resolve(value, environment);
  return resolved.type === "text" ? keptValue(resolved.text, entry.name) : "";
}

/** The hash of the secret by which the key is found; empty: nobody can use it. */
export function lookupOf(entry: StoredEntry, environment: Environment): string {
  const reference = referenceOf(entry);
  if (reference === null) return entry.lookup;
  const resolved = resolve(reference, environment);
  return resolved.type === "text" ? hashSecret(resolved.text) : "";
}

/** The entity of a stored virtual key. */
export function virtualKeyEntity(entry: StoredEntry, environment: Environment): VirtualKeyEntity {
  const { body } = entry;
  const valueHash = lookupOf(entry, environment);
  return {
    kind: "virtual-key",
    id: entry.id,
    name: entry.name,
    valueHash,
    active: body["is_active"] !== false && valueHash !== "",
    expiresAt: timeOf(body["expires_at"]),
    providers: scopesOf(body["provider_configs"]),
    ...storedLimits(body),
    ...optionsOf(body),
  };
}

type KeyOptions = Pick<
  VirtualKeyEntity,
  "teamId" | "customerId" | "onStoreDown" | "unpricedModels" | "requiredHeaders" | "contentLevel"
>;

const NO_OPTIONS: KeyOptions = {};

/** What few keys have. */
function optionsOf(body: JsonObject): KeyOptions {
  const { team_id: team, customer_id: customer, on_store_down: down, unpriced_models: unpriced } = body;
  const { required_headers: required, content_level: level } = body;
  if ((team ?? customer ?? down ?? unpriced ?? required ?? level) === undefined) return NO_OPTIONS;
  return {
    ...(typeof team === "string" && team !== "" ? { teamId: team } : {}),
    ...(typeof customer === "string" && customer !== "" ? { customerId: customer } : {}),
    ...(down === "serve" || down === "refuse" ? { onStoreDown: down } : {}),
    ...(unpriced === "allow" || unpriced === "deny" ? { unpricedModels: unpriced } : {}),
    ...(typeof level === "string" ? { contentLevel: level as ContentLevel } : {}),
    ...(Array.isArray(required) && required.length > 0 ? { requiredHeaders: headerNames(required as string[]) } : {}),
  };
}

function timeOf(value: JsonValue | undefined): number | null {
  return typeof value === "string" && value !== "" ? Date.parse(value) : null;
}

function scopesOf(value: JsonValue | undefined): VirtualKeyProviderEntity[] | null {
  const list = Array.isArray(value) ? (value as JsonObject[]) : [];
  if (list.length === 1 && list[0]?.["provider"] === "*") return null;
  return list.map(scopeOf);
}

function scopeOf(config: JsonObject): VirtualKeyProviderEntity {
  const provider = String(config["provider"]);
  const bare = (names: readonly string[]): string[] => names.map((name) => bareModel(name, provider));
  const blocked = namesOf(config["blacklisted_models"]) ?? [];
  const allowed = namesOf(config["allowed_models"]);
  const weight = config["weight"];
  const modelLimits = modelLimitsOf(config["model_budgets"], provider);
  const limits = storedLimits(config);
  const scope: VirtualKeyProviderEntity = {
    provider,
    weight: weight === undefined ? 1 : (weight as number | null),
    allowedModels: blocked.includes("*") ? [] : allowed === null ? null : bare(allowed),
    blacklistedModels: bare(blocked),
    keyIds: namesOf(config["key_ids"]),
    budgets: limits.budgets,
    rateLimit: limits.rateLimit,
  };
  return modelLimits === null ? scope : { ...scope, modelLimits };
}

function modelLimitsOf(value: JsonValue | undefined, provider: string): ScopedModelLimit[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  return (value as JsonObject[]).map((item) => ({
    model: bareModel(String(item["model_name"]), provider),
    ...storedLimits(item),
  }));
}

/** null = everything. */
function namesOf(value: JsonValue | undefined): string[] | null {
  if (!Array.isArray(value) || value.includes("*"))
    return Array.isArray(value) && value.length > 1 ? (value as string[]) : null;
  return value as string[];
}

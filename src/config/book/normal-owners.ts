// Brings owners of limits and configured prices into one form, and tells under which id and name each is stored.
import type { GovernanceKind } from "../../core/config-book.ts";
import type { JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import { limitSeed } from "../owners.ts";
import { bareModel } from "../provider-keys.ts";
import { stableId } from "../reading.ts";
import { isPair } from "../rule-entity.ts";
import type { OwnerKind } from "../shared-limits.ts";
import { addLimits, LIMITS, type Meaning, WRITTEN_BY_PROGRAM, without } from "./normal.ts";
import { ENTITY_KINDS } from "./owner-entries.ts";

const LEFT_OUT: ReadonlySet<string> = new Set([
  ...WRITTEN_BY_PROGRAM,
  ...LIMITS,
  "teams",
  "virtual_keys",
  "scope_name",
]);

/** By which an owner is stored. */
export type OwnerIdentity = Pick<StoredEntry, "id" | "name" | "owner">;

/** The member by which entries of the shared lists name such an owner. */
const OWNER_MEMBERS: Readonly<Partial<Record<GovernanceKind, OwnerKind>>> = {
  customer: "customer_id",
  team: "team_id",
  "model-config": "model_config_id",
  "provider-limit": "provider",
};

/** Null for one that lacks what names it, or that is not kept here. `id` replaces the one of the body. */
export function ownerIdentity(
  kind: GovernanceKind,
  body: JsonObject,
  { owners }: Meaning,
  id: string | null = null,
): OwnerIdentity | null {
  const given = id ?? textOf(body["id"]);
  if (kind === "provider-limit") {
    const provider = id ?? (textOf(body["provider"]) || textOf(body["name"]));
    return provider === "" ? null : { id: provider, name: provider, owner: "" };
  }
  if (kind === "model-config") return modelIdentity(body, given, owners);
  const name = textOf(body["name"]) || textOf(body["id"]);
  return name === "" ? null : { id: given || stableId(kind, name), name, owner: "" };
}

/** Its name tells model and provider: within one scope each pair stands once. */
function modelIdentity(body: JsonObject, id: string, owners: Meaning["owners"]): OwnerIdentity | null {
  const model = textOf(body["model_name"]);
  const provider = textOf(body["provider"]);
  const scope = body["scope"] === "virtual_key" ? textOf(body["scope_id"]) : "";
  if (model === "" || body["scope"] === "user") return null;
  return {
    id: id || stableId("model-config", model, provider, scope),
    name: provider === "" ? model : `${bareModel(model, provider)} at ${provider}`,
    owner: scope === "" ? "" : owners.virtualKey(scope),
  };
}

/** As it is stored. */
export function normalOwner(
  kind: GovernanceKind,
  given: JsonObject,
  { id, name }: OwnerIdentity,
  meaning: Meaning,
): JsonObject {
  const body = without(given, LEFT_OUT);
  const { owners } = meaning;
  const member = OWNER_MEMBERS[kind];
  const names = member === "team_id" || member === "customer_id" ? [id, name] : [id];
  if (member !== undefined)
    addLimits(body, given, { kind: member, names, seed: limitSeed(seedKind(kind), id) }, meaning);
  body["id"] = id;
  if (kind === "provider-limit") {
    delete body["name"];
    body["provider"] = id;
  } else if (kind !== "model-config") body["name"] = name;
  if (kind === "team") resolve(body, "customer_id", owners.customer);
  if (kind === "pricing-override") resolve(body, "virtual_key_id", owners.virtualKey);
  if (kind === "model-config") {
    if (body["scope"] === "virtual_key") resolve(body, "scope_id", owners.virtualKey);
    else delete body["scope_id"];
  }
  if (kind === "routing-rule") normalRule(body, owners);
  return body;
}

/** The older pair of provider and model is a single target; the names of owners are ids. */
function normalRule(body: Record<string, JsonValue>, owners: Meaning["owners"]): void {
  const { provider = null, model = null, scope } = body;
  // with both of them the reader tells it
  if (body["targets"] === undefined || !isPair(body)) {
    if (isPair(body)) body["targets"] = [{ provider, model, weight: 1 }];
    delete body["provider"];
    delete body["model"];
  }
  if (scope === "virtual_key") resolve(body, "scope_id", owners.virtualKey);
  else if (scope === "team" || scope === "customer") resolve(body, "scope_id", owners[scope]);
  else delete body["scope_id"];
}

function seedKind(kind: GovernanceKind): Parameters<typeof limitSeed>[0] {
  return ENTITY_KINDS[kind] as Parameters<typeof limitSeed>[0];
}

function resolve(body: Record<string, JsonValue>, member: string, idOf: (text: string) => string): void {
  const text = textOf(body[member]);
  if (text === "") delete body[member];
  else body[member] = idOf(text);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

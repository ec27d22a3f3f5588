// The blocks of GET and PUT /api/config: client, framework (flat) and login, as they are shown and as the book keeps them.
import { clientSchema } from "../config/schema/client.ts";
import type { Shape } from "../config/validate.ts";
import type { ItemFacts } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { asObject, refuseUnknown } from "./read-json.ts";
import { isObject, own, restoreShown } from "./restore-shown.ts";
import { withMasked } from "./secret-places.ts";
import { decodeSecret } from "./secret-shape.ts";

/** What stands for a password that is set. */
const REDACTED = "<redacted>";

/** Three names of one switch, the newest first; older clients know only theirs. */
const ENFORCE = ["enforce_auth_on_inference", "enforce_governance_header", "enforce_scim_auth"] as const;

const CLIENT_DEFAULTS: JsonObject = {
  ...(emptyOf(clientSchema as Shape) as JsonObject),
  // a page that knows Bifrost sets it in a number field
  initial_pool_size: 5000,
  enable_governance: true,
};

/** What a member has while nothing is written: its default, or nothing of its type. */
function emptyOf(shape: Shape): JsonValue | undefined {
  if (shape.default !== undefined) return shape.default as JsonValue;
  if (shape.type === "array") return [];
  if (shape.type === "boolean") return false;
  if (shape.type !== "object") return undefined;
  const members = Object.entries(shape.properties ?? {}).map(([name, member]) => [name, emptyOf(member)] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as JsonObject;
}

export function showClient(item: ItemFacts | undefined): JsonObject {
  const body = item === undefined ? {} : withMasked(item);
  const isEnforced = ENFORCE.some((name) => own(body, name) === true);
  const switches = Object.fromEntries(ENFORCE.map((name) => [name, isEnforced]));
  // what is not written opens the routes to every page only where a credential is demanded
  const origins = isEnforced ? ["*"] : [];
  return { ...CLIENT_DEFAULTS, allowed_origins: origins, ...body, ...switches };
}

/** The block as the book takes it: members that are left out stay as they are, null is back to the default. */
export function readClient(given: JsonValue, item: ItemFacts | undefined): JsonObject {
  const wanted = asObject(given, "client_config") as JsonObject;
  const shown = showClient(item);
  const stored = item === undefined ? {} : withMasked(item);
  // a map: whatever a member is called, it is one, and is refused by its name
  const merged = new Map(Object.entries(stored));
  for (const [name, value] of Object.entries(wanted)) {
    if ((ENFORCE as readonly string[]).includes(name)) continue;
    const back = value === null ? undefined : restoreShown(value, own(shown, name), own(stored, name));
    if (back === undefined) merged.delete(name);
    else merged.set(name, back);
  }
  return withEnforcement(Object.fromEntries(merged), wanted, shown);
}

/** The spelling that differs from what was shown is the one that was meant. */
function withEnforcement(merged: Record<string, JsonValue>, wanted: JsonObject, shown: JsonObject): JsonObject {
  const changed = ENFORCE.find((name) => typeof own(wanted, name) === "boolean" && wanted[name] !== shown[name]);
  const wrong = ENFORCE.find((name) => !["boolean", "undefined"].includes(typeof (own(wanted, name) ?? undefined)));
  if (wrong !== undefined)
    throw new GatewayError("invalid_request", `'client_config.${wrong}' must be true or false`, { param: wrong });
  if (changed === undefined) return merged;
  for (const name of ENFORCE) delete merged[name];
  return { ...merged, enforce_auth_on_inference: wanted[changed] as JsonValue };
}

const FRAMEWORK_DEFAULTS: JsonObject = {
  pricing_url: "",
  pricing_sync_interval: 86_400,
  model_parameters_url: "",
  mcp_library_url: "",
  live_models_sync_interval: 3600,
};
const SHORTEST_SYNC = 3600;

/** Flat, as Bifrost's pages read it; the file has these members under `pricing`. */
export function showFramework(item: ItemFacts | undefined): JsonObject {
  const pricing = item === undefined ? undefined : own(withMasked(item), "pricing");
  return { ...FRAMEWORK_DEFAULTS, ...(isObject(pricing) ? pricing : {}) };
}

/** The nested form of the file is taken too. */
export function readFramework(given: JsonValue, item: ItemFacts | undefined): JsonObject {
  const { pricing, id: _row, ...flat } = asObject(given, "framework_config") as JsonObject;
  const wanted = {
    ...(pricing === undefined || pricing === null ? {} : asObject(pricing, "framework_config.pricing")),
    ...flat,
  };
  refuseUnknown(wanted, Object.keys(FRAMEWORK_DEFAULTS), "framework_config.");
  const shown = showFramework(item);
  const stored = item === undefined ? {} : withMasked(item);
  const before = own(stored, "pricing");
  const merged: Record<string, JsonValue> = isObject(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(wanted as JsonObject)) {
    const text = decodeSecret(value);
    const back = text === null ? undefined : restoreShown(text, own(shown, name), own(merged, name));
    if (back === undefined) delete merged[name];
    // what stays as it was may be a path that the file names
    else merged[name] = back === own(merged, name) ? back : checkFramework(name, back);
  }
  const isWritten = before !== undefined || Object.keys(merged).length > 0;
  return isWritten ? { ...stored, pricing: merged } : stored;
}

function checkFramework(name: string, value: JsonValue): JsonValue {
  const param = `framework_config.${name}`;
  if (name.endsWith("_url")) {
    if (
      typeof value === "string" &&
      (value === "" || value.startsWith("env.") || /^https?:$/.test(URL.parse(value)?.protocol ?? ""))
    )
      return value;
    throw new GatewayError("invalid_request", `'${param}' must be an address such as https://host/prices.json`, {
      param,
    });
  }
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= SHORTEST_SYNC) return value;
  throw new GatewayError("invalid_request", `'${param}' must be whole seconds, ${SHORTEST_SYNC} or more`, { param });
}

/** The password, hashed or named by a reference, is never shown. */
export function showAuth(item: ItemFacts | undefined): JsonObject {
  const body = item === undefined ? {} : withMasked(item);
  return {
    admin_username: own(body, "admin_username") ?? "",
    admin_password: hasPassword(body) ? REDACTED : "",
    is_enabled: own(body, "is_enabled") === true,
    disable_auth_on_inference: own(body, "disable_auth_on_inference") === true,
  };
}

function hasPassword(body: JsonObject): boolean {
  const password = own(body, "admin_password");
  return typeof password === "string" && password !== "";
}

const AUTH_MEMBERS = ["admin_username", "admin_password", "is_enabled", "disable_auth_on_inference", "setup_token"];

/** The password stays when it is left out, empty, or the word that it was shown as. */
export function readAuth(given: JsonValue, item: ItemFacts | undefined): JsonObject {
  const wanted = asObject(given, "auth_config") as JsonObject;
  refuseUnknown(wanted, AUTH_MEMBERS, "auth_config.");
  const stored = item === undefined ? {} : withMasked(item);
  const merged: Record<string, JsonValue> = { ...stored };
  for (const name of ["is_enabled", "disable_auth_on_inference"]) {
    const value = own(wanted, name) ?? undefined;
    if (value === undefined) continue;
    if (typeof value !== "boolean") refuseAuth(name, "must be true or false");
    if (value !== (own(stored, name) === true)) merged[name] = value;
  }
  const username = textOf(wanted, "admin_username");
  if (username !== undefined && username !== (own(stored, "admin_username") ?? "")) merged["admin_username"] = username;
  const password = textOf(wanted, "admin_password");
  if (password !== undefined && password !== "" && password !== REDACTED) merged["admin_password"] = password;
  if (password === REDACTED && !hasPassword(stored)) refuseAuth("admin_password", "is no password yet: send one");
  demandLogin(merged);
  return merged;
}

/** A login that is on and that nobody can use locks everybody out. */
function demandLogin(merged: JsonObject): void {
  if (own(merged, "is_enabled") !== true) return;
  if ((own(merged, "admin_username") ?? "") === "")
    refuseAuth("admin_username", "must be set while the login is enabled");
  if (!hasPassword(merged)) refuseAuth("admin_password", "must be set while the login is enabled");
}

/** Bare text or the object form of a secret; undefined where it is left out. */
function textOf(wanted: JsonObject, name: string): string | undefined {
  const value = decodeSecret(own(wanted, name) ?? null);
  if (value === null) return undefined;
  if (typeof value !== "string") refuseAuth(name, "must be a text");
  return value;
}

function refuseAuth(name: string, text: string): never {
  throw new GatewayError("invalid_request", `'auth_config.${name}' ${text}`, { param: `auth_config.${name}` });
}

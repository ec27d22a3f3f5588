// The login and the setup token that the configuration gives, references resolved: for the gate of the management API alone.
import type { JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import type { ConfiguredLogin, LoginSettings, SetupToken } from "../../core/login.ts";
import { type Environment, resolve } from "../reading.ts";
import { withTexts } from "./pointers.ts";
import { bareSecret } from "./secrets.ts";

export function configuredLogin(
  entry: StoredEntry | undefined,
  setupToken: SetupToken | null,
  environment: Environment,
): ConfiguredLogin {
  const body = entry === undefined ? {} : withTexts(entry.body, entry.secrets);
  return { login: body["is_enabled"] === true ? loginOf(body, environment) : null, setupToken };
}

/** A password that is not there opens nothing. */
function loginOf(body: JsonObject, environment: Environment): LoginSettings {
  const username = textOf(body["admin_username"], environment);
  return {
    username,
    password: username === "" ? "" : textOf(body["admin_password"], environment),
    opensInference: body["disable_auth_on_inference"] === true,
  };
}

/** The text in clear; empty when it is not to be had. */
export function textOf(value: JsonValue | undefined, environment: Environment): string {
  const bare = value === undefined ? "" : bareSecret(value);
  if (typeof bare !== "string") return "";
  const resolved = resolve(bare, environment);
  return resolved.type === "text" ? resolved.text : "";
}

// Secrets as the management API writes and reads them: in one object the spellings of 1.4 and of 2.x, masked.
import { isReference } from "../config/book/secrets.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";

/** `value` is masked. 1.4 reads `env_var` and `from_env`, 2.x `ref` and `type`; `ref` stands there only for references. */
export interface SecretShape extends JsonObject {
  readonly value: string;
  readonly env_var: string;
  readonly from_env: boolean;
  readonly type: "plain" | "env" | "vault";
}

const MEMBERS: Readonly<Record<string, "string" | "boolean">> = {
  value: "string",
  env_var: "string",
  from_env: "boolean",
  ref: "string",
  type: "string",
};

/** Whether this is a masked secret that somebody sent back, or the word that stands for a password. */
export function isMask(text: string): boolean {
  return /^(?:\*{1,8}|.{4}\*{24}.{4}|<redacted>)$/s.test(text);
}

/** `written`: the reference as it stands in the configuration, or the value where it is no secret. `shown`: what may be told of it. */
export function encodeSecret(written: string | undefined, shown: string): SecretShape {
  if (written === undefined || !isReference(written))
    return { value: shown, env_var: "", from_env: false, type: "plain" };
  if (written.startsWith("vault.")) return { value: shown, env_var: "", from_env: false, ref: written, type: "vault" };
  return { value: shown, env_var: written, from_env: true, ref: written, type: "env" };
}

/** The object form as bare text; anything else as it is, for the schema to judge. */
export function decodeSecret(given: JsonValue): JsonValue {
  if (!isSecretShape(given)) return given;
  const text = (name: string): string => (typeof given[name] === "string" ? given[name] : "");
  const value = text("value");
  const reference = text("ref") || text("env_var");
  if (text("type") === "vault") return prefixed("vault.", reference || value);
  const isEnvironment = given["from_env"] === true || text("type") === "env" || (value === "" && reference !== "");
  if (!isEnvironment) return value;
  return prefixed("env.", reference || value);
}

function prefixed(prefix: string, text: string): string {
  return text === "" || text.startsWith(prefix) ? text : prefix + text;
}

/** An object with nothing but the members of a secret, of the right types. */
export function isSecretShape(given: JsonValue | undefined): given is JsonObject {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return false;
  const entries = Object.entries(given);
  return (
    entries.length > 0 &&
    entries.every(([name, value]) => Object.hasOwn(MEMBERS, name) && (value === null || typeof value === MEMBERS[name]))
  );
}

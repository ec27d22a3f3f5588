// Who is told when a budget crosses a threshold, out of the block of governance.
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { type Environment, resolve } from "../reading.ts";
import { isObject } from "./pointers.ts";
import { bareSecret } from "./secrets.ts";

/** Where notices of budgets are sent. */
export interface AlertSettings {
  readonly webhookUrl: string;
  /** In clear; null = notices are not signed. */
  readonly webhookSecret: string | null;
}

/** `governance` with its secrets; null = nobody is told. A variable that is not set counts as absent. */
export function alertSettings(governance: JsonObject | undefined, environment: Environment): AlertSettings | null {
  const alerts = governance?.["alerts"];
  if (!isObject(alerts)) return null;
  const webhookUrl = textOf(alerts["webhook_url"], environment);
  const secret = textOf(alerts["webhook_secret"], environment);
  return webhookUrl === "" ? null : { webhookUrl, webhookSecret: secret === "" ? null : secret };
}

function textOf(value: JsonValue | undefined, environment: Environment): string {
  const bare = value === undefined ? "" : bareSecret(value);
  if (typeof bare !== "string") return "";
  const resolved = resolve(bare, environment);
  return resolved.type === "text" ? resolved.text : "";
}

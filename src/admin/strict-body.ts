// Reads the body of a change.
import type { JsonObject } from "../core/config-store.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { readJsonObject } from "./read-json.ts";
import { isObject } from "./restore-shown.ts";

/** What answers say beside the entry itself. */
const BESIDE: ReadonlySet<string> = new Set(["message", "warnings"]);

/** The body as plain JSON. Throws GatewayError with the place of what is wrong. */
export function readBody(request: PlaneRequest): JsonObject {
  return readJsonObject(request.body) as JsonObject;
}

/** The same, out of what a GET answered too: the entry within the member `one`. A secret's object form has neither id nor name. */
export function readPutBody(request: PlaneRequest, one: string): JsonObject {
  const body = readBody(request);
  const inner = Object.hasOwn(body, one) ? body[one] : undefined;
  if (inner === undefined || !isObject(inner)) return body;
  const isAnswer = Object.keys(body).every((name) => name === one || BESIDE.has(name));
  const isEntry = one !== "virtual_key" || Object.hasOwn(inner, "id") || Object.hasOwn(inner, "name");
  return isAnswer && isEntry ? inner : body;
}

// Reads the body of a change.
import type { JsonObject } from "../core/config-store.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { readJsonObject } from "./read-json.ts";

/** The body as plain JSON. Throws GatewayError with the place of what is wrong. */
export function readBody(request: PlaneRequest): JsonObject {
  return readJsonObject(request.body) as JsonObject;
}

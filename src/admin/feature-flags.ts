// The routes of /api/feature-flags: flags are kept for the clients that set them; none has an effect in this gateway.
import type { JsonObject } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { isObject, own, sameJson } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";

const PATH = "/api/feature-flags";
const BLOCK = "feature_flags";
const MOST = 200;

export function featureFlagRoutes(house: AdminHouse): Route[] {
  return [
    { method: "GET", path: PATH, demands: "read", handle: () => jsonAnswer({ feature_flags: flagsOf(house) }) },
    {
      method: "PUT",
      path: PATH,
      demands: "write",
      handle: async (request) => jsonAnswer(await putFlags(house, readBody(request))),
    },
  ];
}

function flagsOf(house: AdminHouse): JsonObject {
  return house.book.block(BLOCK)?.body ?? {};
}

/** Flags that are left out stay as they are. */
async function putFlags(house: AdminHouse, body: JsonObject): Promise<JsonObject> {
  const wrapped = own(body, BLOCK);
  const given = isObject(wrapped) ? wrapped : body;
  for (const [name, value] of Object.entries(given)) demandFlag(name, value);
  const held = flagsOf(house);
  const flags = { ...held, ...given };
  if (Object.keys(flags).length > MOST)
    throw new GatewayError("invalid_request", `there are more than ${MOST} feature flags`);
  if (!sameJson(flags, held)) await house.book.putBlock(BLOCK, flags);
  const warnings = Object.keys(given).map(
    (name) => `feature flag '${name}' is kept, but has no effect in this gateway`,
  );
  return { message: "feature flags updated", feature_flags: flags, ...(warnings.length === 0 ? {} : { warnings }) };
}

function demandFlag(name: string, value: unknown): void {
  if (!/^[\w.-]{1,100}$/.test(name))
    throw new GatewayError(
      "invalid_request",
      "the name of a feature flag has letters, digits, '_', '-' and '.', at most 100",
      {
        param: name.slice(0, 100),
      },
    );
  if (typeof value !== "boolean")
    throw new GatewayError("invalid_request", `feature flag '${name}' must be true or false`, { param: name });
}

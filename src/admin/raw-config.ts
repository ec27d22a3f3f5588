// The routes of the configuration's text: read, checked with a diff, and saved whole.
import { GatewayError } from "../core/errors.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { asText, refuseUnknown } from "./read-json.ts";
import { own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";

export function rawConfigRoutes(house: AdminHouse): Route[] {
  return [
    {
      method: "GET",
      path: "/api/config/raw",
      demands: "read",
      handle: async () => jsonAnswer(await house.desk().raw()),
    },
    {
      method: "PUT",
      path: "/api/config/raw",
      demands: "write",
      handle: async (request) => {
        const body = readBody(request);
        refuseUnknown(body, ["text", "etag"]);
        return jsonAnswer(await house.desk().putRaw(textIn(body), asText(own(body, "etag"), "etag")));
      },
    },
    {
      method: "POST",
      path: "/api/config/check",
      // changes nothing, but says what is configured
      demands: "read",
      handle: async (request) => {
        const body = readBody(request);
        refuseUnknown(body, ["text", "etag"]);
        return jsonAnswer(await house.desk().checkRaw(textIn(body)));
      },
    },
  ];
}

/** An empty one is a text too, and is refused with its place. */
function textIn(body: ReturnType<typeof readBody>): string {
  const text = own(body, "text");
  if (typeof text === "string") return text;
  throw new GatewayError("invalid_request", "'text' must be the text of a configuration", { param: "text" });
}

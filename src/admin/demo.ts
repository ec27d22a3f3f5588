// GET and PUT /api/demo: the switch that breaks the demo provider for a while, so that a failover can be watched.
import { GatewayError } from "../core/errors.ts";
import { jsonAnswer } from "./answers.ts";
import { DEMO_MODES } from "./demo-port.ts";
import type { AdminHouse } from "./house.ts";
import { refuseUnknown } from "./read-json.ts";
import { own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";

const PATH = "/api/demo";
export function demoRoutes(house: AdminHouse): Route[] {
  return [
    { method: "GET", path: PATH, demands: "read", handle: () => jsonAnswer(showDemo(house)) },
    {
      method: "PUT",
      path: PATH,
      demands: "write",
      handle: (request) => {
        const body = readBody(request);
        refuseUnknown(body, ["mode"]);
        const mode = own(body, "mode");
        const known = DEMO_MODES.find((one) => one === mode);
        if (known === undefined)
          throw new GatewayError("invalid_request", `'mode' must be one of ${DEMO_MODES.join(", ")}`, {
            param: "mode",
          });
        if (!hasDemo(house))
          throw new GatewayError("conflict", "the demo provider is not in use here: there is nothing to break");
        house.demo.set(known);
        return jsonAnswer(showDemo(house));
      },
    },
  ];
}

/** Whether some provider is the demo. */
export function hasDemo(house: AdminHouse): boolean {
  return house.book.providers().some(({ entity }) => entity?.base === "demo");
}

function showDemo(house: AdminHouse): object {
  const { mode, until } = house.demo;
  return {
    enabled: hasDemo(house),
    mode,
    until: until === 0 ? null : new Date(until).toISOString(),
    modes: DEMO_MODES,
  };
}

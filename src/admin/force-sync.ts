// POST /api/pricing/force-sync: reloads the price sheet, once there is one.
import { GatewayError } from "../core/errors.ts";
import type { Route } from "./router.ts";

export const forceSyncRoute: Route = {
  method: "POST",
  path: "/api/pricing/force-sync",
  demands: "write",
  handle: () => {
    throw new GatewayError(
      "unsupported_operation",
      "POST /api/pricing/force-sync is not supported yet: this version of the gateway has no price sheet, so there is nothing to reload; requests are recorded with their usage and without cost",
      { status: 501 },
    );
  },
};

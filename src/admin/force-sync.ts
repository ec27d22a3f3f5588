// POST /api/pricing/force-sync: reads the price sheet again; answered when it is in force.
import { GatewayError } from "../core/errors.ts";
import type { PlaneAnswer } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { showStatus } from "./prices-status.ts";
import type { Route } from "./router.ts";

const NOTHING =
  "no price sheet is configured (framework.pricing.pricing_url), so there is nothing to reload: the prices that come with the gateway are in force";

export function forceSyncRoute(house: AdminHouse): Route {
  return { method: "POST", path: "/api/pricing/force-sync", demands: "write", handle: () => sync(house) };
}

async function sync(house: AdminHouse): Promise<PlaneAnswer> {
  const outcome = await house.prices.sync();
  if (outcome === null) return jsonAnswer({ status: "success", message: NOTHING, ...(await showStatus(house)) });
  if (outcome.type === "failed")
    throw new GatewayError("upstream_error", `the price sheet was not reloaded: ${outcome.reason}`);
  const message =
    outcome.type === "taken" ? "the price sheet was reloaded and is in force" : "the price sheet has not changed";
  return jsonAnswer({ status: "success", message, ...(await showStatus(house)) });
}

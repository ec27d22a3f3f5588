// Every route that the control plane answers, in one table.
import type { AdminHouse } from "./house.ts";
import { metricsRoute } from "./metrics.ts";
import { modelRoutes } from "./models.ts";
import { pageRoutes } from "./page.ts";
import type { Route } from "./router.ts";
import { simulateRoute } from "./simulate.ts";
import { versionRoute } from "./version.ts";

export function controlRoutes(house: AdminHouse): Route[] {
  return [
    ...pageRoutes(house),
    versionRoute(house.facts().version),
    metricsRoute(() => house.metrics()),
    ...modelRoutes(house),
    simulateRoute(house),
  ];
}

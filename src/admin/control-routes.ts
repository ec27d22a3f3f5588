// Every route that the control plane answers, in one table.
import { auditRoute } from "./audit.ts";
import { configRoutes } from "./config-route.ts";
import { budgetEventsRoute } from "./counters-events.ts";
import { demoRoutes } from "./demo.ts";
import { docsRoutes } from "./docs-files.ts";
import { featureFlagRoutes } from "./feature-flags.ts";
import { forceSyncRoute } from "./force-sync.ts";
import { forecastRoutes } from "./forecast.ts";
import { governanceRoutes } from "./governance-routes.ts";
import type { AdminHouse } from "./house.ts";
import { keyRoutes } from "./keys.ts";
import { LiveModels } from "./live-models.ts";
import { liveRoutes } from "./live-routes.ts";
import { writtenLogRoutes } from "./logs-deleted.ts";
import { metricsRoute } from "./metrics.ts";
import { modelCatalogueRoutes } from "./model-catalogue.ts";
import { modelRoutes } from "./models.ts";
import { iconRoutes } from "./page.ts";
import { pricesRoutes } from "./prices-status.ts";
import { providerCatalogueRoutes } from "./provider-catalogue.ts";
import { providerTestRoutes } from "./provider-test.ts";
import { providerRoutes } from "./providers.ts";
import { refreshRoutes } from "./providers-refresh.ts";
import { proxyConfigRoutes } from "./proxy-config.ts";
import { rawConfigRoutes } from "./raw-config.ts";
import { recalculateRoutes } from "./recalculate.ts";
import type { Route } from "./router.ts";
import { sessionRoutes } from "./session-routes.ts";
import { settingsRoutes } from "./settings.ts";
import { simulateRoute } from "./simulate.ts";
import { uiRoutes } from "./ui-routes.ts";
import { uiStateRoute } from "./ui-state.ts";
import { versionRoute } from "./version.ts";

export function controlRoutes(house: AdminHouse): Route[] {
  const live = new LiveModels({ upstream: house.upstream, now: house.now });
  return [
    ...docsRoutes(),
    ...uiRoutes(house),
    ...iconRoutes(),
    ...sessionRoutes(house),
    ...liveRoutes(house),
    ...governanceRoutes(house),
    versionRoute(house.facts().version),
    metricsRoute(() => house.metrics()),
    ...modelRoutes(house, live),
    ...modelCatalogueRoutes(house, live),
    // names of their own before names in braces
    ...providerCatalogueRoutes(house),
    ...providerTestRoutes(house),
    ...providerRoutes(house),
    ...keyRoutes(house),
    ...refreshRoutes(house, live),
    ...configRoutes(house),
    ...rawConfigRoutes(house),
    ...settingsRoutes(house),
    ...demoRoutes(house),
    uiStateRoute(house),
    ...proxyConfigRoutes(house),
    ...featureFlagRoutes(house),
    auditRoute(house),
    ...pricesRoutes(house),
    ...recalculateRoutes(house),
    ...writtenLogRoutes(house),
    ...forecastRoutes(house),
    forceSyncRoute(house),
    simulateRoute(house),
    budgetEventsRoute(house),
  ];
}

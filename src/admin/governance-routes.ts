// Every route under /api/governance. Changes of limits go one after another, whatever path they come by.
import { budgetActRoutes } from "./governance-budget-acts.ts";
import { complexityRoutes } from "./governance-complexity.ts";
import { limitListRoutes } from "./governance-limit-lists.ts";
import { overrideRoutes } from "./governance-override.ts";
import { ownerRoutes } from "./governance-owners.ts";
import type { AdminHouse } from "./house.ts";
import { quotaRoute } from "./quota.ts";
import type { Route } from "./router.ts";
import { Turns } from "./turns.ts";
import { virtualKeyRoutes } from "./virtual-keys.ts";

export function governanceRoutes(house: AdminHouse): Route[] {
  const turns = new Turns();
  return [
    // before the keys: no key has the id `quota`
    quotaRoute(house),
    ...virtualKeyRoutes(house, turns),
    ...ownerRoutes(house, turns),
    ...complexityRoutes(house),
    ...overrideRoutes(house, turns),
    ...limitListRoutes(house),
    ...budgetActRoutes(house),
  ];
}

// Lists the budgets and the rate limits of all owners: GET /api/governance/budgets and /rate-limits.
import type { ConfigBook } from "../core/config-book.ts";
import type { JsonObject } from "../core/config-store.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { showBudgets, showRateLimit } from "./governance-limits-shape.ts";
import { type LimitPlace, placesOfItem, placesOfKey } from "./governance-places.ts";
import { readListQuery } from "./governance-query.ts";
import { OWNER_KINDS } from "./governance-resources.ts";
import { readUsage, type Usage, warningsOf } from "./governance-usage.ts";
import type { AdminHouse } from "./house.ts";
import type { Route } from "./router.ts";

/** Owners of a page. */
const RULES = { usual: 1000, most: 1000, filters: [] } as const;

export function limitListRoutes(house: AdminHouse): Route[] {
  const route = (path: string, many: string, show: (place: LimitPlace, usage: Usage) => JsonObject[]): Route => ({
    method: "GET",
    path: `/api/governance/${path}`,
    demands: "read",
    handle: async (request) => jsonAnswer(await list(house, request, many, show)),
  });
  return [
    route("budgets", "budgets", showBudgets),
    route("rate-limits", "rate_limits", (place, usage) => {
      const shown = showRateLimit(place, usage);
      return shown === null ? [] : [shown];
    }),
  ];
}

/** A page is counted in owners: how many limits each of them has is known only when it is read. */
async function list(
  house: AdminHouse,
  request: PlaneRequest,
  many: string,
  show: (place: LimitPlace, usage: Usage) => JsonObject[],
): Promise<JsonObject> {
  const { limit, offset, search } = readListQuery(request.query, RULES);
  const { places, total } = await placesOfPage(house.book, { limit, offset, search });
  const usage = await readUsage(house.counters(), places);
  const limits = places.flatMap((place) => show(place, usage));
  return {
    [many]: limits,
    count: limits.length,
    total_owners: total,
    limit,
    offset,
    has_more: offset + limit < total,
    ...warningsOf([], usage),
  };
}

interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly search: string | undefined;
}

/** Owners kind by kind, and the virtual keys, which may be very many, last. */
async function placesOfPage(book: ConfigBook, page: Page): Promise<{ places: LimitPlace[]; total: number }> {
  const sources: ((part: Page) => Promise<{ places: LimitPlace[][]; total: number }>)[] = [
    ...OWNER_KINDS.map((kind) => async (part: Page) => {
      const { items, total } = book.governanceItems(kind, part);
      return { places: items.map(placesOfItem), total };
    }),
    async (part) => {
      const { items, total } = await book.virtualKeys(part);
      return { places: items.map(placesOfKey), total };
    },
  ];
  const places: LimitPlace[][] = [];
  let [skip, total] = [page.offset, 0];
  for (const source of sources) {
    const room = page.limit - places.length;
    // one that has no room any more is only counted
    const found = await source({ ...page, limit: Math.max(room, 1), offset: skip });
    places.push(...found.places.slice(0, room));
    total += found.total;
    skip = Math.max(0, skip - found.total);
  }
  return { places: places.flat(), total };
}

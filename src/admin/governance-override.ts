// Raises the limit of a budget for some windows or for ever: …/{id}/budgets/{budget}/override of every kind of owner.
import { formatDollars, HIGHEST_LIMIT_NANO, parseDollars } from "../config/money.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { jsonAnswer } from "./answers.ts";
import { amountOf } from "./governance-budget-acts.ts";
import { dollars, showBudgets } from "./governance-limits-shape.ts";
import { type LimitPlace, mapBudgets, objectsOf, placesOfItem, placesOfKey } from "./governance-places.ts";
import { RESOURCES } from "./governance-resources.ts";
import { readUsage, type Usage, warningsOf } from "./governance-usage.ts";
import type { AdminHouse } from "./house.ts";
import { refuseUnknown } from "./read-json.ts";
import { own, without } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";
import type { Turns } from "./turns.ts";
import { demandKey } from "./virtual-keys.ts";

const MOST_CYCLES = 10_000;
const MEMBERS: ReadonlySet<string> = new Set([
  "override_amount",
  "override_mode",
  "override_cycles_remaining",
  "override_cycles_total",
  "override_anchor_reset",
]);

/** An owner as it stands, and how it is stored again. */
interface Owner {
  readonly body: JsonObject;
  readonly places: readonly LimitPlace[];
  /** The places after the change, and what it was told. */
  store(body: JsonObject): Promise<{ readonly places: readonly LimitPlace[]; readonly warnings: readonly string[] }>;
}

/** Finds the owner, or throws GatewayError 404. */
type FindOwner = (id: string) => Promise<Owner>;

/** `turns`: those of all changes of limits. */
export function overrideRoutes(house: AdminHouse, turns: Turns): Route[] {
  const owners: [string, FindOwner][] = [
    ["virtual-keys", (id) => keyOwner(house, id)],
    ...RESOURCES.filter(({ hasLimits }) => hasLimits).map(({ path, kind, title }): [string, FindOwner] => [
      path,
      async (id) => itemOwner(house, kind, id, title),
    ]),
  ];
  return owners.flatMap(([path, find]) => routesOf(house, `/api/governance/${path}`, find, turns));
}

function routesOf(house: AdminHouse, base: string, find: FindOwner, turns: Turns): Route[] {
  const path = `${base}/{id}/budgets/{budget}/override`;
  return [
    {
      method: "PUT",
      path,
      demands: "write",
      handle: async (request, { id = "", budget = "" }) => {
        const override = readOverride(readBody(request));
        return jsonAnswer(await turns.take(async () => await change(house, await find(id), budget, override)));
      },
    },
    {
      method: "DELETE",
      path,
      demands: "write",
      handle: async (_request, { id = "", budget = "" }) =>
        jsonAnswer(await turns.take(async () => await change(house, await find(id), budget, null))),
    },
  ];
}

async function keyOwner(house: AdminHouse, id: string): Promise<Owner> {
  const item = await demandKey(house.book, id);
  return {
    body: item.body,
    places: placesOfKey(item),
    async store(body) {
      const applied = await house.book.putVirtualKey(id, body);
      return { places: placesOfKey(applied.item), warnings: applied.warnings };
    },
  };
}

function itemOwner(house: AdminHouse, kind: (typeof RESOURCES)[number]["kind"], id: string, title: string): Owner {
  const item = house.book.governanceItem(kind, id);
  if (item === undefined)
    throw new GatewayError("not_found", `${title}: there is none with the id '${id.slice(0, 100)}'`, { param: "id" });
  return {
    body: item.body,
    places: placesOfItem(item),
    async store(body) {
      const applied = await house.book.putGovernanceItem(kind, id, body);
      return { places: placesOfItem(applied.item), warnings: applied.warnings };
    },
  };
}

interface Override {
  readonly nano: bigint;
  /** null = for ever. */
  readonly cycles: number | null;
}

function readOverride(body: JsonObject): Override {
  refuseUnknown(body, ["amount", "mode", "cycles"]);
  const nano = amountOf(own(body, "amount"), "amount");
  const [mode, cycles] = [own(body, "mode") ?? "cycles", own(body, "cycles") ?? null];
  if (mode !== "cycles" && mode !== "forever")
    throw new GatewayError("invalid_request", "'mode' must be 'cycles' or 'forever'", { param: "mode" });
  if (mode === "forever") {
    if (cycles === null || cycles === 0) return { nano, cycles: null };
    throw new GatewayError("invalid_request", "'cycles' goes with mode 'cycles' alone", { param: "cycles" });
  }
  if (typeof cycles !== "number" || !Number.isInteger(cycles) || cycles < 1 || cycles > MOST_CYCLES)
    throw new GatewayError(
      cycles === null ? "missing_field" : "invalid_request",
      `'cycles' must be the number of windows for which the limit is raised, the open one included: 1 to ${MOST_CYCLES}`,
      { param: "cycles" },
    );
  return { nano, cycles };
}

async function change(house: AdminHouse, owner: Owner, id: string, override: Override | null): Promise<JsonObject> {
  const budget = findBudget(owner.places, id);
  const now = await readUsage(house.counters(), owner.places);
  const members = override === null ? {} : overrideMembers(budget, override, now.of(id)?.lastReset ?? null);
  const body = mapBudgets(owner.body, (one) =>
    own(one, "id") === id ? { ...without(one, MEMBERS), ...members } : one,
  );
  const stored = await owner.store(body);
  const usage = await readUsage(house.counters(), stored.places);
  const shown = showOne(stored.places, id, usage);
  return {
    message: override === null ? "Budget override removed successfully" : "Budget override set successfully",
    budget: shown,
    effective_max_limit: shown["effective_max_limit"]!,
    ...warningsOf(stored.warnings, usage),
  };
}

function findBudget(places: readonly LimitPlace[], id: string): JsonObject {
  for (const { body } of places)
    for (const budget of objectsOf(own(body, "budgets"))) if (own(budget, "id") === id) return budget;
  throw new GatewayError("not_found", `there is no budget with the id '${id.slice(0, 100)}' here`, { param: "budget" });
}

/** The windows are counted from the one that is open now. */
function overrideMembers(budget: JsonObject, { nano, cycles }: Override, lastReset: number | null): JsonObject {
  const limit = parseDollars(String(own(budget, "max_limit") ?? 0)) ?? 0n;
  if (limit + nano > HIGHEST_LIMIT_NANO)
    throw new GatewayError(
      "invalid_request",
      `'amount' is out of range: with it the limit would be ${formatDollars(limit + nano)} dollars, above 9000000000`,
      { param: "amount" },
    );
  if (cycles !== null && (own(budget, "reset_duration") ?? "") === "")
    throw new GatewayError(
      "invalid_request",
      "this budget is never reset, so it has no windows to count; use mode 'forever'",
      { param: "mode" },
    );
  const amount: JsonValue = dollars(nano);
  if (cycles === null) return { override_amount: amount, override_mode: "forever" };
  return {
    override_amount: amount,
    override_mode: "cycles",
    override_cycles_remaining: cycles,
    override_cycles_total: cycles,
    ...(lastReset === null ? {} : { override_anchor_reset: new Date(lastReset).toISOString() }),
  };
}

function showOne(places: readonly LimitPlace[], id: string, usage: Usage): JsonObject {
  const shown = places.flatMap((place) => showBudgets(place, usage)).find((budget) => own(budget, "id") === id);
  return shown ?? { id, effective_max_limit: 0 };
}

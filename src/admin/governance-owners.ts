// Lists, makes, changes and removes owners of limits, configured prices and routing rules: /api/governance/teams and its siblings.
import type { GovernanceItem } from "../core/config-book.ts";
import type { JsonObject } from "../core/config-store.ts";
import { hasLimits } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { resetUse } from "./governance-budget-acts.ts";
import { demandSameId, readItemChange, readNewItem } from "./governance-owners-read.ts";
import { placesOfItem } from "./governance-places.ts";
import { OWNER_RULES, readListQuery } from "./governance-query.ts";
import { RESOURCES, type Resource, showItem } from "./governance-resources.ts";
import { orphanedRules, ruleTroubles } from "./governance-rules.ts";
import { NO_USAGE, readUsage, warningsOf } from "./governance-usage.ts";
import type { AdminHouse } from "./house.ts";
import { own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody, readPutBody } from "./strict-body.ts";
import type { Turns } from "./turns.ts";

/** More than there will ever be. */
const ALL = Number.MAX_SAFE_INTEGER;

/** `turns`: those of all changes of limits. */
export function ownerRoutes(house: AdminHouse, turns: Turns): Route[] {
  return RESOURCES.flatMap((resource) => resourceRoutes(new Owners(house, resource), resource, turns));
}

function resourceRoutes(owners: Owners, resource: Resource, turns: Turns): Route[] {
  const list = `/api/governance/${resource.path}`;
  const one = `${list}/{id}`;
  const routes: Route[] = [
    { method: "GET", path: list, demands: "read", handle: async (request) => jsonAnswer(await owners.list(request)) },
    {
      method: "GET",
      path: one,
      demands: "read",
      handle: async (_request, { id = "" }) => jsonAnswer(await owners.shown(owners.demand(id), [])),
    },
    {
      method: "PUT",
      path: one,
      demands: "write",
      handle: async (request, { id = "" }) => {
        const body = readPutBody(request, resource.one);
        return jsonAnswer(await turns.take(() => owners.put(id, body)));
      },
    },
    {
      method: "DELETE",
      path: one,
      demands: "write",
      handle: async (_request, { id = "" }) => jsonAnswer(await turns.take(() => owners.remove(id))),
    },
  ];
  // the limits of a provider are named by the provider: they are put, not made
  if (resource.kind === "provider-limit") return routes;
  const create: Route = {
    method: "POST",
    path: list,
    demands: "write",
    handle: async (request) => jsonAnswer(await owners.create(readBody(request))),
  };
  return [create, ...routes];
}

/** The items of one kind. */
class Owners {
  readonly #house: AdminHouse;
  readonly #resource: Resource;

  constructor(house: AdminHouse, resource: Resource) {
    this.#house = house;
    this.#resource = resource;
  }

  async list(request: PlaneRequest): Promise<JsonObject> {
    const { many, kind, filters: members } = this.#resource;
    const { filters, ...query } = readListQuery(request.query, { ...OWNER_RULES, filters: Object.keys(members) });
    const wanted = Object.entries(filters);
    const { book } = this.#house;
    const isMeant = (item: GovernanceItem): boolean => {
      const shown = this.#resource.members(item, book);
      return wanted.every(([name, value]) => String(own(shown, members[name]!)) === value);
    };
    const page = book.governanceItems(kind, wanted.length === 0 ? query : { ...query, limit: ALL, offset: 0 });
    const found = wanted.length === 0 ? page.items : page.items.filter(isMeant);
    const items = wanted.length === 0 ? found : found.slice(query.offset, query.offset + query.limit);
    const usage = await readUsage(this.#house.counters(), items.flatMap(placesOfItem));
    return {
      [many]: items.map((item) => showItem(this.#resource, item, book, usage)),
      count: items.length,
      total_count: wanted.length === 0 ? page.total : found.length,
      limit: query.limit,
      offset: query.offset,
      ...warningsOf(await this.#troubles(items), usage),
    };
  }

  /** What keeps rules from matching. */
  async #troubles(items: readonly GovernanceItem[]): Promise<readonly string[]> {
    return this.#resource.kind === "routing-rule" ? await ruleTroubles(items, this.#house.book) : [];
  }

  async shown(item: GovernanceItem, warnings: readonly string[]): Promise<JsonObject> {
    const usage = await readUsage(this.#house.counters(), placesOfItem(item));
    const shown = showItem(this.#resource, item, this.#house.book, usage);
    const troubles = (await this.#troubles([item])).filter((text) => !warnings.includes(text));
    return { [this.#resource.one]: shown, ...warningsOf([...warnings, ...troubles], usage) };
  }

  async create(body: JsonObject): Promise<JsonObject> {
    const { kind, title } = this.#resource;
    const wanted = readNewItem(body, this.#resource);
    this.#demandPatch(wanted);
    const { item, warnings } = await this.#house.book.createGovernanceItem(kind, wanted);
    return { message: `${title} created successfully`, ...(await this.shown(item, warnings)) };
  }

  async put(id: string, body: JsonObject): Promise<JsonObject> {
    const { book } = this.#house;
    const { kind, title } = this.#resource;
    const known = kind === "provider-limit" ? book.governanceItem(kind, id) : this.demand(id);
    if (kind === "provider-limit") demandSameId(body, "provider", id);
    const wanted =
      known === undefined ? readNewItem(body, this.#resource) : readItemChange(body, known, this.#resource, book);
    this.#demandPatch(wanted);
    const { item, warnings } = await book.putGovernanceItem(kind, id, wanted);
    if (body["reset_budget_usage"] === true && hasLimits(item.entity))
      await resetUse(this.#house.counters(), [item.entity]);
    return { message: `${title} updated successfully`, ...(await this.shown(item, warnings)) };
  }

  /** A patch that changes nothing would go unseen. */
  #demandPatch(wanted: JsonObject): void {
    const patch = wanted["patch"];
    if (this.#resource.kind !== "pricing-override" || typeof patch !== "object" || patch === null) return;
    const problem = this.#house.prices.patchProblem(patch as JsonObject);
    if (problem !== null) throw new GatewayError("invalid_request", problem, { param: "patch" });
  }

  async remove(id: string): Promise<JsonObject> {
    this.demand(id);
    await this.#house.book.removeGovernanceItem(this.#resource.kind, id);
    const { kind, title } = this.#resource;
    const left = kind === "team" || kind === "customer" ? orphanedRules(this.#house.book, kind, id) : [];
    return { message: `${title} deleted successfully`, ...warningsOf(left, NO_USAGE) };
  }

  demand(id: string): GovernanceItem {
    const { kind, title } = this.#resource;
    const item = this.#house.book.governanceItem(kind, id);
    if (item !== undefined) return item;
    const what =
      kind === "provider-limit"
        ? "there are no limits of the provider"
        : `there is no ${title.toLowerCase()} with the id`;
    throw new GatewayError("not_found", `${what} '${id.slice(0, 100)}'`, { param: "id" });
  }
}

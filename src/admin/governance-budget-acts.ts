// What people do to the counter of a budget: top it up, begin a new window, release what a crash made us charge.
import { HIGHEST_LIMIT_NANO, parseDollars } from "../config/money.ts";
import type { ConfigBook } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { declarationsOf } from "../core/counter-declarations.ts";
import {
  type CounterReading,
  CounterRefusedError,
  type CounterStore,
  CountersUnavailableError,
} from "../core/counters.ts";
import { entityId, hasLimits, type OwnedLimits } from "../core/entities.ts";
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { dollars, showReading } from "./governance-limits-shape.ts";
import { limitsOfKey } from "./governance-places.ts";
import { OWNER_KINDS } from "./governance-resources.ts";
import type { AdminHouse } from "./house.ts";
import { refuseUnknown } from "./read-json.ts";
import { own } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";
import { eachKey } from "./virtual-keys-query.ts";

const ONE = "/api/governance/budgets/{id}";
const LONGEST_KEY = 200;
const LONGEST_NOTE = 1000;

const REFUSALS: Readonly<Record<CounterRefusedError["code"], ErrorCode>> = {
  "unknown-counter": "not_found",
  "not-prepaid": "invalid_request",
  "key-used": "conflict",
  "out-of-range": "invalid_request",
};

export function budgetActRoutes(house: AdminHouse): Route[] {
  const act = (path: string, work: (budget: Budget, request: PlaneRequest) => Promise<JsonObject>): Route => ({
    method: "POST",
    path: `${ONE}/${path}`,
    demands: "write",
    handle: async (request, { id = "" }) => jsonAnswer(await asRefusal(() => work(new Budget(house, id), request))),
  });
  return [
    act("credit", (budget, request) => credit(budget, request)),
    act("reset", async (budget) => {
      await budget.act((counters) => counters.reset(budget.id));
      return { message: "Budget reset successfully", budget: await budget.shown() };
    }),
    act("release-uncertain", async (budget) => {
      const released = await budget.act((counters) => counters.releaseUncertain(budget.id));
      return {
        message: "Uncertain amounts released successfully",
        released: dollars(released),
        budget: await budget.shown(),
      };
    }),
  ];
}

async function credit(budget: Budget, request: PlaneRequest): Promise<JsonObject> {
  const body = readBody(request);
  refuseUnknown(body, ["amount", "note", "key"]);
  const amount = amountOf(own(body, "amount"), "amount");
  const note = textOf(own(body, "note") ?? "", "note", LONGEST_NOTE);
  const key = keyOf(request, own(body, "key"));
  const applied = await budget.act((counters) =>
    counters.postByHand({ counter: budget.id, key, type: "credit", amount, note }),
  );
  const message = applied ? "Budget credited successfully" : "This credit had been made before";
  return { message, applied, key, amount: dollars(amount), budget: await budget.shown() };
}

/** A credit that is sent twice, because its answer was lost, must not count twice. */
function keyOf({ headers }: PlaneRequest, given: JsonValue | undefined): string {
  const named = headers.get("idempotency-key") ?? "";
  const inBody = textOf(given ?? "", "key", LONGEST_KEY);
  if (named !== "" && inBody !== "" && named !== inBody)
    throw new GatewayError("invalid_request", "'key' and the header Idempotency-Key differ; send one of them", {
      param: "key",
    });
  const key = named || inBody;
  if (key === "")
    throw new GatewayError(
      "missing_field",
      "'key' is missing: a text of your own, in the body or in the header Idempotency-Key, by which the same credit sent again counts once",
      { param: "key" },
    );
  return textOf(key, "key", LONGEST_KEY);
}

function textOf(value: JsonValue, name: string, longest: number): string {
  if (typeof value === "string" && value.length <= longest) return value;
  throw new GatewayError("invalid_request", `'${name}' must be a text of at most ${longest} characters`, {
    param: name,
  });
}

/** Nano-dollars. Throws GatewayError unless it is an amount above 0. */
export function amountOf(value: JsonValue | undefined, name: string): bigint {
  const nano = typeof value === "number" ? parseDollars(String(value)) : null;
  if (nano !== null && nano > 0n && nano <= HIGHEST_LIMIT_NANO) return nano;
  const [code, what] =
    value === undefined ? (["missing_field", "is missing:"] as const) : (["invalid_request", "must be"] as const);
  throw new GatewayError(code, `'${name}' ${what} an amount in dollars above 0, at most 9000000000`, { param: name });
}

/** The counter of one budget. */
class Budget {
  readonly id: string;
  readonly #house: AdminHouse;

  constructor(house: AdminHouse, id: string) {
    this.#house = house;
    this.id = id;
  }

  /** Counters are made when they are first used: one that was never used is made here. */
  async act<T>(work: (counters: CounterStore) => Promise<T>): Promise<T> {
    const counters = demandCounters(this.#house.counters());
    const [reading] = await counters.read([this.id]);
    if (reading === null || reading === undefined) await declareBudget(counters, this.#house.book, this.id);
    else if (reading.kind !== "budget") throw noBudget(this.id);
    return await work(counters);
  }

  async shown(): Promise<JsonObject> {
    const [reading] = await demandCounters(this.#house.counters()).read([this.id]);
    return reading === null || reading === undefined ? { id: this.id } : showCounter(reading);
  }
}

function showCounter(reading: CounterReading): JsonObject {
  return { id: reading.id, max_limit: dollars(reading.maxLimit), ...showReading(reading) };
}

function demandCounters(counters: CounterStore | null): CounterStore {
  if (counters !== null) return counters;
  throw new GatewayError("store_unavailable", "budgets are not counted here: there is no store of counters");
}

async function declareBudget(counters: CounterStore, book: ConfigBook, id: string): Promise<void> {
  const found = await findBudget(book, id);
  if (found === null) throw noBudget(id);
  await counters.declare(declarationsOf(found.limits, found.owner).filter((counter) => counter.id === id));
}

function noBudget(id: string): GatewayError {
  return new GatewayError("not_found", `there is no budget with the id '${id.slice(0, 100)}'`, { param: "id" });
}

/** All owners are looked through. */
async function findBudget(book: ConfigBook, id: string): Promise<{ owner: string; limits: OwnedLimits } | null> {
  const has = (limits: OwnedLimits): boolean => limits.budgets.some((budget) => budget.id === id);
  for (const kind of OWNER_KINDS)
    for (const { entity } of book.governanceItems(kind, { limit: Number.MAX_SAFE_INTEGER, offset: 0 }).items)
      if (hasLimits(entity) && has(entity)) return { owner: entityId(entity), limits: entity };
  for await (const { entity } of eachKey(book)) {
    const limits = limitsOfKey(entity).find(has);
    if (limits !== undefined) return { owner: entityId(entity), limits };
  }
  return null;
}

/** A new window for each budget, where it was used. What the counters refuse is told as what to do. */
export async function resetUse(counters: CounterStore | null, owners: readonly OwnedLimits[]): Promise<void> {
  if (counters === null) return;
  const ids = owners.flatMap(({ budgets }) => budgets.map(({ id }) => id));
  await asRefusal(async () => {
    for (const [index, reading] of (await counters.read(ids)).entries())
      if (reading !== null) await counters.reset(ids[index]!);
  });
}

async function asRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CounterRefusedError)
      throw new GatewayError(REFUSALS[error.code], error.message, { cause: error });
    if (error instanceof CountersUnavailableError)
      throw new GatewayError("store_unavailable", `${error.message}; nothing was counted anew, try it again`, {
        cause: error,
      });
    throw error;
  }
}

// POST /api/logs/recalculate-cost: prices stored requests by the prices in force now; its status, and its end before time.
import type { JsonObject } from "../core/config-store.ts";
import type { RepriceJob } from "../core/cost-log.ts";
import { GatewayError } from "../core/errors.ts";
import { type LogQuery, StoreRefusedError } from "../core/stores.ts";
import type { PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import { readLogQuery } from "./log-query.ts";
import { asObject } from "./read-json.ts";
import type { Recalculation } from "./recalculation.ts";
import type { Route } from "./router.ts";
import { readBody } from "./strict-body.ts";

/** Order and page say nothing of which rows are meant. */
const NO_FILTERS: ReadonlySet<string> = new Set(["limit", "offset", "sort_by", "order", "after", "attempts", "fields"]);
const NANO = 1e9;

interface RecalculateHouse {
  readonly recalculation: Recalculation;
  now(): number;
}

export function recalculateRoutes(house: RecalculateHouse): Route[] {
  return [
    {
      method: "POST",
      path: "/api/logs/recalculate-cost",
      demands: "write",
      handle(request) {
        const { query, applyToBudgets } = readRecalculation(request, house.now());
        return jsonAnswer(
          guarded(() => showJob(house.recalculation.start(query, applyToBudgets))),
          202,
        );
      },
    },
    {
      method: "GET",
      path: "/api/logs/recalculate-cost/status",
      demands: "read",
      handle: () => {
        const job = guarded(() => house.recalculation.job);
        return jsonAnswer(job === null ? { status: "none" } : showJob(job));
      },
    },
    {
      method: "POST",
      path: "/api/logs/recalculate-cost/cancel",
      demands: "write",
      handle() {
        const job = guarded(() => house.recalculation.cancel());
        if (job === null) throw new GatewayError("conflict", "no recalculation is under way");
        return jsonAnswer({ ...showJob(job), status: "cancelling" }, 202);
      },
    },
  ];
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StoreRefusedError)) throw error;
    throw new GatewayError("control_plane_unavailable", `the request log cannot be used: ${error.reason}`, {
      retryAfter: 5,
      cause: error,
    });
  }
}

/** The filters of `GET /api/logs` as members, lists as lists or with commas; also within `filters`. No body: every row. */
function readRecalculation(request: PlaneRequest, now: number): { query: LogQuery; applyToBudgets: boolean } {
  const { apply_to_budgets: apply = false, filters = {}, ...rest } = request.body.length === 0 ? {} : readBody(request);
  if (typeof apply !== "boolean") throw refusal("apply_to_budgets", "true or false");
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...(asObject(filters, "filters") as JsonObject), ...rest })) {
    if (NO_FILTERS.has(name))
      throw new GatewayError("invalid_request", `'${name}' is no filter: all rows that fit are priced`, {
        param: name,
      });
    parameters.append(name, filterText(name, value));
  }
  const { query, warnings } = readLogQuery(parameters, now, { word: "filter" });
  // To leave a filter out would change more than was asked for.
  if (warnings[0] !== undefined) throw new GatewayError("invalid_request", warnings[0]);
  return { query, applyToBudgets: apply };
}

function filterText(name: string, value: unknown): string {
  if (value === null) return "";
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === "string" && !entry.includes(","));
  if (!isList) throw refusal(name, "a text, a number, true, false, or a list of texts without commas");
  return value.join(",");
}

function refusal(name: string, expected: string): GatewayError {
  return new GatewayError("invalid_request", `'${name}' must be ${expected}`, { param: name });
}

function showJob(job: RepriceJob) {
  const { startTime, endTime } = job.query;
  return {
    job_id: job.id,
    status: job.state,
    apply_to_budgets: job.applyToBudgets,
    started_at: time(job.startedAt),
    ended_at: job.endedAt === null ? null : time(job.endedAt),
    start_time: startTime === 0 ? null : time(startTime),
    end_time: time(endTime),
    /** Rows up to here have been looked at. */
    position: job.timestamp <= startTime && job.matched === 0 ? null : time(Math.min(job.timestamp, endTime)),
    matched: job.matched,
    updated: job.changed,
    unpriced: job.unpriced,
    cost_difference: job.difference / NANO,
    budgets_adjusted: job.posted,
    error: job.error === "" ? null : job.error,
  };
}

function time(at: number): string {
  return new Date(at).toISOString();
}

// What requests cost over time, in the file of the request log: hourly sums, and slices of rows that are priced anew.
import type { DatabaseSync } from "node:sqlite";
import type {
  CostDifference,
  CostLog,
  HourlyUse,
  HoursQuery,
  PriceAgain,
  RepriceJob,
  UnpricedModel,
} from "../../core/cost-log.ts";
import { StoreRefusedError } from "../../core/stores.ts";
import { inTransaction, storeReason } from "./file.ts";
import { HOUR_MS } from "./log-hours.ts";
import { LOG_MIGRATIONS } from "./log-migrations.ts";
import { openForWriting } from "./open.ts";
import { Repricing } from "./reprice-rows.ts";
import { addSearchFunction } from "./text-search.ts";

/** Sums of one hour, key and model that are looked at: some milliseconds of this thread. */
const MOST_UNPRICED = 5000;

interface OpenCosts {
  readonly database: DatabaseSync;
  readonly repricing: Repricing;
}

/** A connection of its own in the writer's thread: their transactions follow one another and never wait for each other. */
export function createCostLog(path: string): CostLog {
  return new SqliteCostLog(path);
}

class SqliteCostLog implements CostLog {
  readonly #path: string;
  #open: OpenCosts | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  hours(query: HoursQuery): readonly HourlyUse[] {
    return this.#with(({ database }) => readHours(database, query));
  }

  unpriced(from: number): readonly UnpricedModel[] {
    return this.#with(({ database }) => readUnpriced(database, from));
  }

  job(): RepriceJob | null {
    return this.#with(({ repricing }) => repricing.kept());
  }

  keep(job: RepriceJob): void {
    this.#with(({ database, repricing }) => inTransaction(database, () => repricing.keep(job)));
  }

  reprice(job: RepriceJob, rows: number, price: PriceAgain): { job: RepriceJob; isLast: boolean } {
    return this.#with(({ database, repricing }) => inTransaction(database, () => repricing.slice(job, rows, price)));
  }

  differences(): readonly CostDifference[] {
    return this.#with(({ repricing }) => repricing.differences());
  }

  close(): void {
    this.#open?.database.close();
    this.#open = null;
  }

  /** A connection that failed is not used again: numbers of rows that it knows may be of what was undone. */
  #with<T>(work: (open: OpenCosts) => T): T {
    try {
      this.#open ??= connect(this.#path);
      return work(this.#open);
    } catch (error) {
      try {
        this.close();
      } catch {
        this.#open = null;
      }
      if (error instanceof StoreRefusedError) throw error;
      throw new StoreRefusedError(this.#path, storeReason(error), error);
    }
  }
}

function connect(path: string): OpenCosts {
  const database = openForWriting(path, LOG_MIGRATIONS);
  addSearchFunction(database);
  return { database, repricing: new Repricing(database) };
}

const OWNERS = [
  ["virtual_key_id", "virtualKeyId"],
  ["team_id", "teamId"],
  ["customer_id", "customerId"],
  ["provider", "provider"],
  ["model", "model"],
] as const;

function readHours(database: DatabaseSync, query: HoursQuery): HourlyUse[] {
  const asked = OWNERS.filter(([, name]) => query[name] !== undefined);
  const conditions = asked.map(([column]) => `${column} = ?`);
  // An owner's index holds the rows that have one: SQLite takes it only where it sees that none without is asked for.
  for (const [column, name] of OWNERS) if (query[name]) conditions.push(`${column} <> ''`);
  const sql = `
SELECT hour, sum(requests) AS requests, sum(errors) AS errors, total(input_tokens) AS inputTokens,
  total(output_tokens) AS outputTokens, total(cost_nano) AS cost, sum(unpriced) AS unpriced
FROM cost_hours WHERE ${[...conditions, "hour >= ? AND hour < ?"].join(" AND ")} GROUP BY hour ORDER BY hour`;
  const values = asked.map(([, name]) => query[name] as string);
  return database
    .prepare(sql)
    .all(...values, Math.ceil(query.from / HOUR_MS), Math.ceil(query.to / HOUR_MS))
    .map(({ hour, ...sums }) => ({ at: (hour as number) * HOUR_MS, ...sums }) as HourlyUse);
}

function readUnpriced(database: DatabaseSync, from: number): UnpricedModel[] {
  const sql = `
SELECT provider, model, sum(unpriced) AS requests
FROM (SELECT provider, model, unpriced FROM cost_hours WHERE unpriced > 0 AND hour >= ? ORDER BY hour DESC LIMIT ?)
GROUP BY provider, model ORDER BY requests DESC, provider, model`;
  return database
    .prepare(sql)
    .all(Math.ceil(from / HOUR_MS), MOST_UNPRICED)
    .map((row) => ({ ...row }) as unknown as UnpricedModel);
}

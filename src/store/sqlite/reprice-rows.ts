// Prices stored rows anew, a slice a transaction: the rows, their sums, what changed for whom, and how far the job is.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { CostDifference, PriceAgain, RepriceJob } from "../../core/cost-log.ts";
import type { Cost } from "../../core/price.ts";
import { type ChargedAttempt, costOf, hasUnpriced } from "../../core/request-cost.ts";
import type { Usage } from "../../core/usage.ts";
import { changeCosts, type NewCost } from "./block-costs.ts";
import type { StoredAttempt } from "./log-columns.ts";
import { filterConditions, whereClause } from "./log-filter.ts";
import { HourBatch, HourTable, MOST_NANO } from "./log-hours.ts";
import { StoredWords } from "./log-words.ts";
import { decodeUsage, storedCost } from "./stored-cost.ts";
import type { Condition } from "./text-search.ts";
import { rowAttempts } from "./whole-row.ts";

/** What of a row is read for its price. */
interface PricedRow {
  readonly seq: number;
  readonly timestamp: number;
  readonly object: string;
  readonly provider: string;
  readonly model: string;
  readonly requested_model: string;
  readonly virtual_key_id: string | null;
  readonly team_id: string | null;
  readonly customer_id: string | null;
  readonly cost_nano: number | null;
  readonly unpriced: number;
  readonly attempts: string;
  readonly detail: Uint8Array | null;
}

const COLUMNS =
  "seq, timestamp, object, provider, model, requested_model, virtual_key_id, team_id, customer_id, cost_nano, unpriced, attempts, detail";
/** Of a StoredAttempt. */
const PLACE = { usage: 15, askedModel: 16, rawUsage: 18, cost: 19 } as const;

interface Place {
  readonly timestamp: number;
  readonly seq: number;
}

/** What a slice adds up to. */
interface Tally {
  matched: number;
  changed: number;
  unpriced: number;
  difference: number;
  unpricedDifference: number;
  /** What rows cost now, by their numbers. */
  readonly costs: Map<number, NewCost>;
}

/** The statements of repricing over one connection. Every call stands in a transaction of its caller's. */
export class Repricing {
  readonly #database: DatabaseSync;
  readonly #end: StatementSync;
  readonly #update: StatementSync;
  readonly #addTotals: StatementSync;
  readonly #addDifference: StatementSync;
  readonly #hours: HourTable;
  readonly #words: StoredWords;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#hours = new HourTable(database);
    this.#words = new StoredWords(database);
    this.#end = database.prepare(
      `SELECT timestamp, seq FROM request_log WHERE (timestamp, seq) > (?, ?) AND timestamp <= ?
       ORDER BY timestamp, seq LIMIT 1 OFFSET ?`,
    );
    this.#update = database.prepare("UPDATE request_log SET cost_nano = ?, unpriced = ?, attempts = ? WHERE seq = ?");
    this.#addTotals = database.prepare(
      `UPDATE log_totals SET cost_nano = min(cost_nano + CAST(? AS INTEGER), ${MOST_NANO}), unpriced = unpriced + ?`,
    );
    this.#addDifference = database.prepare(`
INSERT INTO cost_differences (virtual_key_id, team_id, customer_id, provider, model, nano)
VALUES (?, ?, ?, ?, ?, CAST(? AS INTEGER))
ON CONFLICT DO UPDATE SET nano = max(min(nano + excluded.nano, ${MOST_NANO}), -${MOST_NANO})`);
  }

  kept(): RepriceJob | null {
    const row = this.#database.prepare("SELECT job FROM cost_job").get() as { job: string } | undefined;
    return row === undefined ? null : (JSON.parse(row.job) as RepriceJob);
  }

  keep(job: RepriceJob): void {
    if (this.kept()?.id !== job.id) this.#database.exec("DELETE FROM cost_differences");
    this.#database
      .prepare("INSERT INTO cost_job (one, job) VALUES (1, ?) ON CONFLICT DO UPDATE SET job = excluded.job")
      .run(JSON.stringify(job));
  }

  slice(job: RepriceJob, rows: number, price: PriceAgain): { job: RepriceJob; isLast: boolean } {
    const end = this.#end.get(job.timestamp, job.seq, job.query.endTime, rows - 1) as unknown as Place | undefined;
    const tally: Tally = {
      matched: 0,
      changed: 0,
      unpriced: 0,
      difference: 0,
      unpricedDifference: 0,
      costs: new Map(),
    };
    const hours = new HourBatch();
    for (const row of this.#rows(job, end)) this.#reprice(row, price, hours, tally);
    if (tally.difference !== 0 || tally.unpricedDifference !== 0)
      this.#addTotals.run(tally.difference, tally.unpricedDifference);
    hours.write(this.#hours);
    changeCosts(this.#database, tally.costs);
    const next: RepriceJob = {
      ...job,
      timestamp: end?.timestamp ?? job.query.endTime,
      seq: end?.seq ?? Number.MAX_SAFE_INTEGER,
      matched: job.matched + tally.matched,
      changed: job.changed + tally.changed,
      unpriced: job.unpriced + tally.unpriced,
      difference: job.difference + tally.difference,
    };
    this.keep(next);
    return { job: next, isLast: end === undefined };
  }

  differences(): CostDifference[] {
    const all = this.#database.prepare(
      `SELECT virtual_key_id AS virtualKeyId, team_id AS teamId, customer_id AS customerId, provider, model, nano
       FROM cost_differences WHERE nano <> 0`,
    );
    all.setReadBigInts(true);
    return all.all() as unknown as CostDifference[];
  }

  /** The rows between two places that the job asks for. */
  #rows(job: RepriceJob, end: Place | undefined): PricedRow[] {
    const from: Condition = { sql: "(timestamp, seq) > (?, ?)", values: [job.timestamp, job.seq] };
    const to: Condition =
      end === undefined
        ? { sql: "timestamp <= ?", values: [job.query.endTime] }
        : { sql: "(timestamp, seq) <= (?, ?)", values: [end.timestamp, end.seq] };
    const { startTime: _start, endTime: _end, ...filters } = job.query;
    const conditions = [from, to, ...filterConditions(filters)];
    return this.#database
      .prepare(`SELECT ${COLUMNS} FROM request_log ${whereClause(conditions)} ORDER BY timestamp, seq`)
      .all(...conditions.flatMap(({ values }) => values)) as unknown as PricedRow[];
  }

  #reprice(row: PricedRow, price: PriceAgain, hours: HourBatch, tally: Tally): void {
    tally.matched++;
    const { attempts, requestedModel } = rowAttempts(row, this.#words);
    const of = {
      at: row.timestamp,
      virtualKeyId: row.virtual_key_id ?? "",
      teamId: row.team_id ?? "",
      customerId: row.customer_id ?? "",
    };
    const before = row.cost_nano ?? 0;
    const differences: [string, string, string, number][] = [];
    let isOther = false;
    // Attempts of a row that kept not all of them cost what they did.
    let kept = before;
    const charged = attempts.map((attempt) => {
      const cost = priceOf(row, askedOf(requestedModel, attempt), attempt, price);
      const old = attempt[PLACE.cost] ?? null;
      kept -= old?.[0] ?? 0;
      const fresh = cost === null ? null : storedCost(cost);
      if (JSON.stringify(fresh) !== JSON.stringify(old)) isOther = true;
      attempt[PLACE.cost] = fresh;
      const difference = (cost?.nano ?? 0) - (old?.[0] ?? 0);
      if (difference !== 0) differences.push([attempt[0], attempt[1], askedOf(requestedModel, attempt), difference]);
      return { usage: toldBy(attempt), rawUsage: attempt[PLACE.rawUsage] ?? null, cost };
    });
    const isUnpriced = hasUnpriced(charged);
    if (isUnpriced) tally.unpriced++;
    if (!isOther && (row.unpriced === 1) === isUnpriced) return;
    const nano = totalOf(charged, kept);
    this.#update.run(nano, isUnpriced ? 1 : 0, JSON.stringify(filled(attempts)), row.seq);
    tally.costs.set(row.seq, { nano, isUnpriced });
    if ((nano ?? 0) !== before || (nano === null) !== (row.cost_nano === null)) tally.changed++;
    tally.difference += (nano ?? 0) - before;
    tally.unpricedDifference += (isUnpriced ? 1 : 0) - row.unpriced;
    hours.unpriced(of, row.provider, row.model, (isUnpriced ? 1 : 0) - row.unpriced);
    for (const [provider, model, asked, difference] of differences) {
      hours.cost(of, provider, model, difference);
      this.#addDifference.run(of.virtualKeyId, of.teamId, of.customerId, provider, asked, difference);
    }
  }
}

function toldBy(attempt: StoredAttempt): Usage | null {
  const usage = attempt[PLACE.usage];
  return usage === null ? null : usageOf(usage);
}

function totalOf(charged: readonly ChargedAttempt[], kept: number): number | null {
  const nano = costOf(charged);
  return kept > 0 ? (nano ?? 0) + kept : nano;
}

/** Rows of an older version have shorter attempts: what lies between is null. */
function filled(attempts: readonly StoredAttempt[]): unknown[] {
  return attempts.map((attempt) => Array.from(attempt, (value) => value ?? null));
}

/** The model as the target was asked for it: kept where it is another than the one that was sent. */
function askedOf(requestedModel: string, attempt: StoredAttempt): string {
  const asked = attempt[PLACE.askedModel];
  if (typeof asked === "string") return asked;
  // Rows of an older version know what the caller wrote: provider and model, or the model alone.
  if (attempt.length > PLACE.askedModel) return attempt[1];
  return requestedModel.slice(requestedModel.indexOf("/") + 1);
}

function priceOf(row: PricedRow, askedModel: string, attempt: StoredAttempt, price: PriceAgain): Cost | null {
  const raw = attempt[PLACE.rawUsage] ?? null;
  // Newer rows keep what was charged for; older ones know the tokens alone.
  const usage = attempt.length > PLACE.askedModel ? null : toldBy(attempt);
  if (raw === null && (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0) === 0) return null;
  return price({
    provider: attempt[0],
    model: attempt[1],
    askedModel,
    providerKeyId: attempt[3],
    providerKeyName: attempt[2],
    virtualKeyId: row.virtual_key_id,
    requestType: row.object,
    acceptedAt: row.timestamp,
    rawUsage: raw === null ? null : decodeUsage(raw),
    usage,
  });
}

function usageOf([input, output, cached, written, reasoning]: NonNullable<StoredAttempt[15]>): Usage {
  return {
    inputTokens: input,
    outputTokens: output,
    cachedTokens: cached,
    cacheWriteTokens: written,
    reasoningTokens: reasoning,
  };
}

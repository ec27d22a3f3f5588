// Hourly sums of requests, tokens and cost: gathered in memory for a batch of rows, and written with them.
import type { DatabaseSync, StatementSync } from "node:sqlite";

export const HOUR_MS = 3_600_000;
/** SQLite turns what outgrows 64 bits into a float, which a sum must not become: it stops here. Nano-dollars. */
export const MOST_NANO = "9000000000000000000";

/** Whose use it is, and of what. Ids are empty where there is none. */
export interface HourOf {
  /** Unix ms. */
  readonly at: number;
  readonly virtualKeyId: string;
  readonly teamId: string;
  readonly customerId: string;
}

export interface HourSums {
  readonly of: HourOf;
  readonly provider: string;
  readonly model: string;
  requests: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  costNano: number;
  unpriced: number;
}

/** What the rows of one transaction add to the hourly sums. A cost stands with the provider that charged it. */
export class HourBatch {
  readonly #sums = new Map<string, HourSums>();
  /** Where a request is counted, there its cost usually stands too. */
  #last: HourSums | null = null;

  /** Counted once, where the request was answered. */
  request(of: HourOf, provider: string, model: string, count: RequestCount): void {
    const sums = this.#of(of, provider, model);
    sums.requests++;
    if (count.isError) sums.errors++;
    sums.inputTokens += count.inputTokens;
    sums.outputTokens += count.outputTokens;
    if (count.isUnpriced) sums.unpriced++;
  }

  cost(of: HourOf, provider: string, model: string, nano: number): void {
    if (nano !== 0) this.#of(of, provider, model).costNano += nano;
  }

  unpriced(of: HourOf, provider: string, model: string, requests: number): void {
    if (requests !== 0) this.#of(of, provider, model).unpriced += requests;
  }

  write(table: HourTable): void {
    for (const [key, sums] of this.#sums) table.add(key, sums);
  }

  #of(of: HourOf, provider: string, model: string): HourSums {
    const last = this.#last;
    if (last !== null && last.of === of && last.provider === provider && last.model === model) return last;
    const key = `${Math.floor(of.at / HOUR_MS)}\n${of.virtualKeyId}\n${provider}\n${model}\n${of.teamId}\n${of.customerId}`;
    let sums = this.#sums.get(key);
    if (sums === undefined) {
      sums = { of, provider, model, requests: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 };
      this.#sums.set(key, sums);
    }
    // What follows asks with the same object.
    if (sums.of === of) this.#last = sums;
    return sums;
  }
}

export interface RequestCount {
  readonly isError: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly isUnpriced: boolean;
}

/** Rows whose numbers are known at once; of an hour there are as many as there are keys and models in use. */
const MOST_KNOWN = 20_000;

/** The table of hourly sums over one connection; made anew after a transaction that failed. */
export class HourTable {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  /** Sums are never taken away, so a number stays right. */
  readonly #ids = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(`
INSERT INTO cost_hours (virtual_key_id, hour, team_id, customer_id, provider, model,
  requests, errors, input_tokens, output_tokens, cost_nano, unpriced)
VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0)
ON CONFLICT DO UPDATE SET requests = requests RETURNING id`);
    this.#update = database.prepare(`
UPDATE cost_hours SET requests = requests + ?, errors = errors + ?, input_tokens = input_tokens + ?,
  output_tokens = output_tokens + ?, cost_nano = min(cost_nano + CAST(? AS INTEGER), ${MOST_NANO}), unpriced = unpriced + ?
WHERE id = ?`);
  }

  add(key: string, sums: HourSums): void {
    this.#update.run(
      sums.requests,
      sums.errors,
      sums.inputTokens,
      sums.outputTokens,
      Math.min(sums.costNano, Number.MAX_SAFE_INTEGER),
      sums.unpriced,
      this.#ids.get(key) ?? this.#idOf(key, sums),
    );
  }

  #idOf(key: string, { of, provider, model }: HourSums): number {
    const hour = Math.floor(of.at / HOUR_MS);
    const row = this.#insert.get(of.virtualKeyId, hour, of.teamId, of.customerId, provider, model);
    const id = row?.["id"] as number;
    if (this.#ids.size >= MOST_KNOWN) this.#ids.clear();
    this.#ids.set(key, id);
    return id;
  }
}

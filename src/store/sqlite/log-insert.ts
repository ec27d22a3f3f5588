// Inserts packed records into the log file, and what they add up to with them, in the transaction of its caller's.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { FIELD, FLAG } from "../../core/record-codec.ts";
import type { RecordView } from "../../core/record-view.ts";
import { BlockStore } from "./block-store.ts";
import { BlockBuilder } from "./log-block.ts";
import { type ColumnValue, columnValues, EMPTY_COLUMNS, LOG_COLUMNS } from "./log-columns.ts";
import { HOUR_MS, HourBatch, type HourOf, HourTable, MOST_NANO } from "./log-hours.ts";
import { type LogDictionary, WordTable } from "./log-words.ts";
import { RowFacts } from "./row-facts.ts";
import { viewFacts } from "./view-facts.ts";

/** Text of a record's content; null = there is none, or it is hidden. */
export interface ContentText {
  readonly input: string | null;
  readonly output: string | null;
}

/** What the rows of one transaction add to the running totals. */
class Totals {
  requests = 0;
  succeeded = 0;
  latency = 0;
  promptTokens = 0;
  completionTokens = 0;
  totalTokens = 0;
  costNano = 0;
  unpriced = 0;
}

/** The statements of inserting over one connection; made anew after a transaction that failed. */
export class LogInsert {
  readonly #words: WordTable;
  readonly #hourTable: HourTable;
  readonly #insertRow: StatementSync;
  readonly #insertContent: StatementSync;
  readonly #addTotals: StatementSync;
  /** Of the row under way. */
  readonly #values: ColumnValue[] = LOG_COLUMNS.map(() => null);
  readonly #blocks: BlockStore;
  readonly #facts = new RowFacts();
  #block = new BlockBuilder();
  #totals = new Totals();
  #hours = new HourBatch();
  /** Whose row came last: the next one is often of the same key in the same hour. */
  #of: HourOf = { at: 0, virtualKeyId: "", teamId: "", customerId: "" };

  constructor(database: DatabaseSync) {
    this.#words = new WordTable(database);
    this.#hourTable = new HourTable(database);
    this.#blocks = new BlockStore(database);
    const columns = [...LOG_COLUMNS, ...Object.keys(EMPTY_COLUMNS)];
    const values = [...LOG_COLUMNS.map(() => "?"), ...Object.values(EMPTY_COLUMNS)];
    // An id that is there already was written before a failure that was only reported.
    this.#insertRow = database.prepare(
      `INSERT INTO request_log (${columns.join(", ")}) VALUES (${values.join(", ")}) ON CONFLICT (id) DO NOTHING`,
    );
    this.#insertContent = database.prepare("INSERT INTO log_content (seq, input, output) VALUES (?, ?, ?)");
    this.#addTotals = database.prepare(
      `UPDATE log_totals SET requests = requests + ?1, succeeded = succeeded + ?2, latency = latency + ?3,
         prompt_tokens = prompt_tokens + ?4, completion_tokens = completion_tokens + ?5,
         total_tokens = total_tokens + ?6, cost_nano = min(cost_nano + CAST(?7 AS INTEGER), ${MOST_NANO}), unpriced = unpriced + ?8`,
    );
  }

  /** First in each transaction. */
  begin(): void {
    this.#totals = new Totals();
    this.#hours = new HourBatch();
    this.#block = new BlockBuilder();
  }

  /** The record that the view looks at. */
  add(view: RecordView, dictionary: LogDictionary, content: ContentText): void {
    this.#words.add(dictionary);
    columnValues(view, dictionary.id, this.#values);
    const { changes, lastInsertRowid } = this.#insertRow.run(...this.#values);
    if (changes === 0) return;
    const { input, output } = content;
    if (input !== null || output !== null) this.#insertContent.run(lastInsertRowid, input, output);
    const facts = this.#facts;
    viewFacts(view, this.#values, facts);
    facts.seq = lastInsertRowid as number;
    this.#block.add(facts);
    this.#addUp(view);
    this.#addHour(view);
  }

  /** Last in each transaction. */
  finish(): void {
    const sums = this.#totals;
    this.#addTotals.run(
      sums.requests,
      sums.succeeded,
      sums.latency,
      sums.promptTokens,
      sums.completionTokens,
      sums.totalTokens,
      Math.min(sums.costNano, Number.MAX_SAFE_INTEGER),
      sums.unpriced,
    );
    this.#hours.write(this.#hourTable);
    this.#blocks.add(this.#block);
  }

  /** The transaction is over. */
  done(isCommitted: boolean): void {
    this.#words.done(isCommitted);
  }

  #addUp(view: RecordView): void {
    const sums = this.#totals;
    const input = view.numberOrNull(FIELD.inputTokens) ?? 0;
    const output = view.numberOrNull(FIELD.outputTokens) ?? 0;
    sums.requests++;
    if (view.string(FIELD.outcome) === "success") sums.succeeded++;
    sums.latency += view.number(FIELD.endedAt);
    sums.promptTokens += input;
    sums.completionTokens += output;
    sums.totalTokens += input + output;
    sums.costNano += view.numberOrNull(FIELD.costNano) ?? 0;
    if (view.has(FLAG.isUnpriced)) sums.unpriced++;
  }

  #addHour(view: RecordView): void {
    const of = this.#ofRecord(view);
    const provider = this.#values[LOG_COLUMNS.indexOf("provider")] as string;
    const model = this.#values[LOG_COLUMNS.indexOf("model")] as string;
    this.#hours.request(of, provider, model, {
      isError: view.string(FIELD.outcome) === "error",
      inputTokens: view.numberOrNull(FIELD.inputTokens) ?? 0,
      outputTokens: view.numberOrNull(FIELD.outputTokens) ?? 0,
      isUnpriced: view.has(FLAG.isUnpriced),
    });
    let left = view.numberOrNull(FIELD.costNano) ?? 0;
    for (let i = 0, at = view.firstAttempt; i < view.attempts; i++, at = view.behindAttempt(at)) {
      const cost = view.attemptCost(at);
      if (cost === null) continue;
      this.#hours.cost(of, view.attemptName(i, at, "provider"), view.attemptName(i, at, "model"), cost);
      left -= cost;
    }
    // Of very many attempts not all are kept.
    if (left !== 0) this.#hours.cost(of, provider, model, left);
  }

  #ofRecord(view: RecordView): HourOf {
    const last = this.#of;
    const at = view.number(FIELD.acceptedAt);
    const virtualKeyId = view.string(FIELD.virtualKeyId) ?? "";
    const teamId = view.string(FIELD.teamId) ?? "";
    const customerId = view.string(FIELD.customerId) ?? "";
    const isSame =
      last.virtualKeyId === virtualKeyId &&
      last.teamId === teamId &&
      last.customerId === customerId &&
      Math.floor(last.at / HOUR_MS) === Math.floor(at / HOUR_MS);
    if (!isSame) this.#of = { at, virtualKeyId, teamId, customerId };
    return this.#of;
  }
}

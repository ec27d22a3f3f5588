// The facts of a row, taken from its packed record or from the row as it is stored.
import { FIELD, FLAG } from "../../core/record-codec.ts";
import type { RecordView } from "../../core/record-view.ts";
import { attemptAt, type ColumnValue, LOG_COLUMNS, type StoredRow } from "./log-columns.ts";
import { countOf, FACT, hashOf, outcomeFlag, type RowFacts, WORD_DIMENSIONS } from "./row-facts.ts";

/** Slots without a name of their own in core: a list of usage, names beside ids. */
const SLOT = { virtualKeyName: 17, cachedTokens: 26, teamName: 37, customerName: 39 } as const;
const ATTEMPT_SLOT = { keyName: 3, fallbackIndex: 4 } as const;
const WORD = Object.fromEntries(WORD_DIMENSIONS.map((name, place) => [name, place])) as Record<
  (typeof WORD_DIMENSIONS)[number],
  number
>;
const COLUMN = Object.fromEntries(LOG_COLUMNS.map((name, place) => [name, place])) as Record<
  (typeof LOG_COLUMNS)[number],
  number
>;
/** Engines whose work a row names; an order that the caller gave is nobody's. */
export const NAMED_ENGINES = new Set(["governance", "routing-rule", "loadbalancing", "model-catalog"]);

/** The facts of the record that the view looks at, whose columns are known. */
export function viewFacts(view: RecordView, values: readonly ColumnValue[], facts: RowFacts): void {
  const outcome = values[COLUMN.status] as string;
  const index = view.shownAttempt;
  const at = index < 0 ? -1 : attemptAt(view, index);
  const isRetried = view.attempts > 1 || (at >= 0 && (view.numbers[at + ATTEMPT_SLOT.fallbackIndex] as number) > 0);
  facts.time = values[COLUMN.timestamp] as number;
  facts.latency = values[COLUMN.latency] as number;
  facts.cost = (values[COLUMN.cost_nano] as number | null) ?? Number.NaN;
  facts.input = countOf(values[COLUMN.prompt_tokens] as number | null);
  facts.output = countOf(values[COLUMN.completion_tokens] as number | null);
  facts.cached = countOf(view.numberOrNull(SLOT.cachedTokens));
  facts.overhead = countOf(view.numberOrNull(FIELD.overheadUs));
  const client = values[COLUMN.client_request_id] as string | null;
  facts.client = client === null ? 0 : hashOf(client);
  facts.flags =
    outcomeFlag(outcome) |
    (view.has(FLAG.stream) ? FACT.stream : 0) |
    (view.has(FLAG.isUnpriced) ? FACT.unpriced : 0) |
    (isRetried ? FACT.retried : 0);
  const { words, names } = facts;
  words[WORD.provider] = values[COLUMN.provider] as string;
  words[WORD.model] = values[COLUMN.model] as string;
  words[WORD.requested_model] = view.string(FIELD.requestedModel) ?? "";
  words[WORD.virtual_key] = (values[COLUMN.virtual_key_id] as string | null) ?? "";
  words[WORD.selected_key] = values[COLUMN.selected_key_id] as string;
  words[WORD.team] = (values[COLUMN.team_id] as string | null) ?? "";
  words[WORD.customer] = (values[COLUMN.customer_id] as string | null) ?? "";
  words[WORD.user] = view.string(FIELD.userId) ?? "";
  words[WORD.app] = view.string(FIELD.app) ?? "";
  words[WORD.user_agent] = view.string(FIELD.userAgent) ?? "";
  words[WORD.session] = view.string(FIELD.sessionId) ?? "";
  words[WORD.routing_rule] = view.string(FIELD.ruleId) ?? "";
  words[WORD.routing_engine] = namedEngine(view.has(FLAG.hasDecision) ? view.string(FIELD.engine) : null);
  words[WORD.stop_reason] = (values[COLUMN.stop_reason] as string | null) ?? "";
  words[WORD.object] = values[COLUMN.object] as string;
  names[WORD.virtual_key] = view.string(SLOT.virtualKeyName) ?? "";
  names[WORD.selected_key] = keyNameAt(view, index, at);
  names[WORD.team] = view.string(SLOT.teamName) ?? "";
  names[WORD.customer] = view.string(SLOT.customerName) ?? "";
  names[WORD.routing_rule] = view.string(FIELD.ruleName) ?? "";
  facts.tags = view.tags();
}

function keyNameAt(view: RecordView, index: number, at: number): string {
  if (at < 0) return "";
  const word = view.numbers[at + ATTEMPT_SLOT.keyName] as number;
  return word >= 0 ? view.words.get(word) : (view.unpacked().attempts[index]?.keyName ?? "");
}

function namedEngine(engine: string | null): string {
  return engine !== null && NAMED_ENGINES.has(engine) ? engine : "";
}

/** The facts of a row of an older file. */
export function storedFacts(row: StoredRow, facts: RowFacts): void {
  facts.seq = row.seq;
  facts.time = row.timestamp;
  facts.latency = row.latency;
  facts.cost = row.cost_nano ?? Number.NaN;
  facts.input = countOf(row.prompt_tokens);
  facts.output = countOf(row.completion_tokens);
  facts.cached = countOf(row.cached_read_tokens);
  facts.overhead = countOf(row.overhead_us);
  facts.client = row.client_request_id === null ? 0 : hashOf(row.client_request_id);
  facts.flags =
    outcomeFlag(row.status) |
    (row.stream === 1 ? FACT.stream : 0) |
    (row.unpriced === 1 ? FACT.unpriced : 0) |
    (row.attempts.length > 1 || row.fallback_index > 0 ? FACT.retried : 0);
  const words: Record<(typeof WORD_DIMENSIONS)[number], string | null> = {
    provider: row.provider,
    model: row.model,
    requested_model: row.requested_model,
    virtual_key: row.virtual_key_id,
    selected_key: row.selected_key_id,
    team: row.team_id,
    customer: row.customer_id,
    user: row.user_id,
    app: row.app,
    user_agent: row.user_agent,
    session: row.session_id,
    routing_rule: row.routing_rule_id,
    routing_engine: namedEngine(row.decision?.e ?? null),
    stop_reason: row.stop_reason,
    object: row.object,
  };
  WORD_DIMENSIONS.forEach((name, place) => {
    facts.words[place] = words[name] ?? "";
    facts.names[place] = "";
  });
  facts.names[WORD.virtual_key] = row.virtual_key_name ?? "";
  facts.names[WORD.selected_key] = row.selected_key_name;
  facts.names[WORD.team] = row.team_name ?? "";
  facts.names[WORD.customer] = row.customer_name ?? "";
  facts.names[WORD.routing_rule] = row.routing_rule_name ?? "";
  facts.tags = row.tags;
}

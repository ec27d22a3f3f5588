// The forms of a row of the log in answers: whole, as a table shows it, and as rows of the attempts.
import type { LogAttempt, LogRow } from "../core/stores.ts";

/** Longest beginning of the question that stands for the content, UTF-16 units. */
const SUMMARY_LENGTH = 200;

/** A row with the members by which clients of Bifrost know what ours calls otherwise. */
export function wholeRow(row: AttemptRow) {
  return {
    // what failed over stands inside, so only a row of an attempt has others beneath it
    child_count: 0,
    children_cost: 0,
    children_tokens: 0,
    ...row,
    alias: aliasOf(row),
    canonical_model_name: row.model,
    user_name: row.user_id,
    service_tier:
      row.attempts.find((attempt) => attempt.fallback_index === row.fallback_index && isDone(attempt))?.usage_details
        ?.tier ?? null,
    content_summary: row.input_history.findLast(({ role }) => role === "user")?.content.slice(0, SUMMARY_LENGTH) ?? "",
    attempt_trail: row.attempts.map((attempt, index) => ({
      attempt: index,
      provider: attempt.provider,
      model: attempt.model,
      key_id: attempt.key_id,
      key_name: attempt.key,
      fail_reason: attempt.outcome === "" ? null : attempt.error || attempt.outcome,
    })),
  };
}

/** The name that the caller used, where it is another than the model's. */
function aliasOf({ requested_model: asked, model, provider }: AttemptRow): string | null {
  return asked === "" || asked === model || asked === `${provider}/${model}` ? null : asked;
}

function isDone(attempt: LogAttempt): boolean {
  return attempt.outcome === "";
}

/** What a table shows of a request: without content, decision and how costs came about. Members mean what they mean in a whole row. */
export function summaryRow(row: AttemptRow) {
  const { id, timestamp, object, stream, provider, model, requested_model, status, status_code, latency, cost } = row;
  return {
    id,
    parent_request_id: row.parent_request_id,
    timestamp,
    object,
    stream,
    provider,
    model,
    requested_model,
    status,
    status_code,
    stop_reason: row.stop_reason,
    latency,
    time_to_first_token: row.time_to_first_token,
    overhead_us: row.overhead_us,
    prompt_tokens: row.token_usage?.prompt_tokens ?? null,
    completion_tokens: row.token_usage?.completion_tokens ?? null,
    total_tokens: row.token_usage?.total_tokens ?? null,
    cost,
    virtual_key_id: row.virtual_key_id,
    virtual_key_name: row.virtual_key_name,
    selected_key_name: row.selected_key_name,
    team_name: row.team_name,
    customer_name: row.customer_name,
    user_id: row.user_id,
    app: row.app,
    session_id: row.session_id,
    routing_rule_name: row.routing_rule_name,
    number_of_retries: row.number_of_retries,
    fallback_index: row.fallback_index,
    error_message: row.error_details?.message ?? null,
    attempts: row.attempts.map(summaryAttempt),
  };
}

function summaryAttempt(attempt: LogAttempt) {
  const { provider, model, key, fallback_index, reason, start, first_byte, end, status, outcome, error } = attempt;
  return { provider, model, key, fallback_index, reason, start, first_byte, end, status, outcome, error };
}

/** A row of one provider that a request tried. */
export type AttemptRow = Omit<LogRow, "parent_request_id"> & {
  readonly parent_request_id: string | null;
} & Partial<Children>;

/** What the rows beneath the first one of a request come to. */
interface Children {
  readonly child_count: number;
  readonly children_cost: number;
  readonly children_tokens: number;
}

const CHILD = "-fallback-";

/** A request as Bifrost has it: a row for each provider tried, the first with the request's own id, the others beneath it. */
export function attemptRows(row: LogRow): AttemptRow[] {
  const tries = Map.groupBy(row.attempts, (attempt) => attempt.fallback_index);
  if (tries.size < 2) return [row];
  const [root, ...children] = [...tries.values()].map((attempts, index) => attemptRow(row, attempts, index));
  return root === undefined ? [row] : [{ ...root, ...sumsOf(children) }, ...children];
}

function sumsOf(children: readonly AttemptRow[]): Children {
  const sum = (of: (row: AttemptRow) => number): number => children.reduce((all, row) => all + of(row), 0);
  return {
    child_count: children.length,
    children_cost: exact(sum(({ cost }) => cost ?? 0)),
    children_tokens: sum(({ token_usage: usage }) => usage?.total_tokens ?? 0),
  };
}

/** Without what sums and differences of binary fractions add: times have 3 decimals, costs no more than 12. */
function exact(value: number): number {
  return Number(value.toFixed(12));
}

function attemptRow(row: LogRow, attempts: readonly LogAttempt[], index: number): AttemptRow {
  const first = attempts[0] as LogAttempt;
  const last = attempts.at(-1) as LogAttempt;
  const isAnswer = last.fallback_index === row.fallback_index;
  const parent = index === 0 ? {} : { id: row.id + CHILD + index, parent_request_id: row.id };
  const usage = attempts.findLast((attempt) => attempt.token_usage !== null) ?? last;
  const costs = attempts.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  const common = {
    ...row,
    ...parent,
    timestamp: timeOf(row, first),
    created_at: timeOf(row, first),
    provider: last.provider,
    model: last.model,
    number_of_retries: attempts.length - 1,
    fallback_index: last.fallback_index,
    selected_key_id: last.key_id,
    selected_key_name: last.key,
    latency: exact((last.end ?? row.latency) - first.start),
    time_to_first_token: last.first_token === null ? null : exact(last.first_token - first.start),
    token_usage: usage.token_usage,
    cost: costs.length === 0 ? null : exact(costs.reduce((sum, cost) => sum + cost, 0)),
    cost_details: attempts.length === 1 ? last.cost_details : null,
    attempts,
  };
  return isAnswer ? common : { ...common, ...failed(last) };
}

function timeOf(row: LogRow, first: LogAttempt): string {
  return new Date(Date.parse(row.timestamp) + Math.floor(first.start)).toISOString();
}

/** What of a request is not true of a provider that did not answer it. */
function failed({ status, outcome, error }: LogAttempt) {
  return {
    status: "error" as const,
    status_code: status,
    stop_reason: null,
    output_message: null,
    raw_response: null,
    error_details: { status_code: status ?? 0, type: outcome, code: outcome, message: error },
  };
}

/** The id of the request whose attempt has this id; null when it is none of an attempt. */
export function requestOfAttempt(id: string): string | null {
  const at = id.lastIndexOf(CHILD);
  return at > 0 && /^\d{1,3}$/.test(id.slice(at + CHILD.length)) ? id.slice(0, at) : null;
}

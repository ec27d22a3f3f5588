// The columns of the request log, and how a packed record fills them.
import type { Outcome } from "../../core/exchange.ts";
import type { RequestRecord } from "../../core/record.ts";
import { FIELD, FLAG } from "../../core/record-codec.ts";
import type { RecordView } from "../../core/record-view.ts";
import { encodeDetail, roundedMs } from "./log-detail.ts";
import type { StoredCost, StoredOrigin, StoredUsage } from "./stored-cost.ts";

/** What is filtered, sorted and summed, in the order of `columnValues`. Older rows have columns for everything. */
export const LOG_COLUMNS = [
  "id",
  "timestamp",
  "object",
  "provider",
  "model",
  "status",
  "stream",
  "latency",
  "selected_key_id",
  "virtual_key_id",
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "cost_nano",
  "stop_reason",
  "client_request_id",
  "unpriced",
  "team_id",
  "customer_id",
  "detail",
] as const;

/** Columns of older rows that must have a value. */
export const EMPTY_COLUMNS = {
  requested_model: "''",
  selected_key_name: "''",
  number_of_retries: "0",
  fallback_index: "0",
  content_hidden: "0",
  attempts: "''",
} as const;

export type LogColumn = (typeof LOG_COLUMNS)[number];
export type LogValue = string | number | null;

/** The same, and the detail. */
export type ColumnValue = LogValue | Uint8Array;

/** One row as the database gives it, its content beside it. What the detail tells is in no column. */
export interface PackedRow extends Omit<StoredRow, keyof Facts | "dropped_params" | "attempts" | "decision"> {
  /** JSON, in rows from before there was a detail. */
  readonly dropped_params: string | null;
  /** JSON, in such rows, and in those that were priced anew; else empty. */
  readonly attempts: string;
  readonly decision: string | null;
  /** log-detail.ts */
  readonly detail: Uint8Array | null;
}

/** What records tell since their second layout. */
export type Facts = Pick<
  RequestRecord,
  "contentLevel" | "contentDropped" | "tags" | "messages" | "messageCount" | "inputMessage"
> & {
  readonly user_id: string | null;
  readonly app: string | null;
  readonly session_id: string | null;
  readonly routing_rule_id: string | null;
  readonly routing_rule_name: string | null;
  readonly overhead_us: number | null;
};

/** One row with all that is known of it. */
export interface StoredRow extends Facts {
  readonly seq: number;
  readonly id: string;
  /** Unix ms. */
  readonly timestamp: number;
  readonly object: string;
  readonly provider: string;
  readonly model: string;
  readonly requested_model: string;
  readonly status: Outcome;
  readonly status_code: number | null;
  readonly stream: number;
  readonly latency: number;
  readonly time_to_first_token: number | null;
  readonly selected_key_id: string;
  readonly selected_key_name: string;
  readonly virtual_key_id: string | null;
  readonly virtual_key_name: string | null;
  readonly number_of_retries: number;
  readonly fallback_index: number;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly total_tokens: number | null;
  readonly cached_read_tokens: number | null;
  readonly cached_write_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly cost_nano: number | null;
  readonly stop_reason: string | null;
  readonly error_code: string | null;
  readonly error_type: string | null;
  readonly error_status: number | null;
  readonly error_message: string | null;
  readonly client_request_id: string | null;
  readonly user_agent: string | null;
  readonly content_hidden: number;
  readonly dropped_params: readonly string[];
  readonly attempts: readonly StoredAttempt[];
  readonly decision: StoredDecision | null;
  readonly unpriced: number;
  readonly team_id: string | null;
  readonly team_name: string | null;
  readonly customer_id: string | null;
  readonly customer_name: string | null;
  readonly input: string | null;
  readonly output: string | null;
}

/** An attempt as rows from before there was a detail have it: values without names. The oldest have no more than the usage. */
export type StoredAttempt = [
  provider: string,
  model: string,
  keyName: string,
  keyId: string,
  fallbackIndex: number,
  status: number,
  outcome: string,
  error: string,
  reason: string,
  start: number,
  connected: number,
  head: number,
  firstToken: number,
  end: number,
  possiblyBilled: 0 | 1,
  usage: [number | null, number | null, number | null, number | null, number | null] | null,
  askedModel?: string | null,
  usageOrigin?: StoredOrigin,
  rawUsage?: StoredUsage | null,
  cost?: StoredCost | null,
];

export interface StoredDecision {
  readonly s: number;
  readonly d: number | null;
  readonly e: string;
  readonly v: number;
  /** [provider, model, weight, share, health, removed] */
  readonly c: readonly [string, string, number | null, number, number, string | null][];
  /** [provider, model, key, reason] */
  readonly o: readonly [string, string, string, string][];
  /** [name, matched, why]; rows from before have none. */
  readonly r?: readonly [string, boolean, string][];
}

/** The values of a record's row, put into `values`. The detail is valid until the next one is asked for. */
export function columnValues(view: RecordView, dictionary: number, values: ColumnValue[]): void {
  const index = view.shownAttempt;
  const at = attemptAt(view, index);
  const input = view.numberOrNull(FIELD.inputTokens);
  const output = view.numberOrNull(FIELD.outputTokens);
  values[0] = view.string(FIELD.id);
  values[1] = view.number(FIELD.acceptedAt);
  values[2] = view.string(FIELD.requestType);
  values[3] = index < 0 ? plannedTarget(view).provider : view.attemptName(index, at, "provider");
  values[4] = index < 0 ? plannedTarget(view).model : view.attemptName(index, at, "model");
  values[5] = view.string(FIELD.outcome);
  values[6] = view.has(FLAG.stream) ? 1 : 0;
  values[7] = roundedMs(view.number(FIELD.endedAt));
  values[8] = index < 0 ? "" : view.attemptName(index, at, "keyId");
  values[9] = view.string(FIELD.virtualKeyId);
  values[10] = input;
  values[11] = output;
  values[12] = input === null && output === null ? null : (input ?? 0) + (output ?? 0);
  values[13] = view.numberOrNull(FIELD.costNano);
  values[14] = view.string(FIELD.stopReason);
  values[15] = view.string(FIELD.clientRequestId);
  values[16] = view.has(FLAG.isUnpriced) ? 1 : 0;
  values[17] = view.string(FIELD.teamId);
  values[18] = view.string(FIELD.customerId);
  values[19] = encodeDetail(view, dictionary);
}

/** Where an attempt begins. */
export function attemptAt(view: RecordView, index: number): number {
  let at = view.firstAttempt;
  for (let before = 0; before < index; before++) at = view.behindAttempt(at);
  return at;
}

/** What a request without an attempt would have tried first, or what it asked for. */
function plannedTarget(view: RecordView): { provider: string; model: string } {
  const { decision, requestedModel } = view.unpacked();
  return decision?.order[0] ?? { provider: "", model: requestedModel };
}

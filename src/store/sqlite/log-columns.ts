// The columns of the request log, and how a record fills them.
import type { Outcome } from "../../core/exchange.ts";
import type { AttemptRecord, DecisionRecord, RequestRecord } from "../../core/record.ts";
import type { Usage } from "../../core/usage.ts";
import { number, quote } from "./json-text.ts";
import {
  costText,
  originText,
  type StoredCost,
  type StoredOrigin,
  type StoredUsage,
  usageText,
} from "./stored-cost.ts";

/** In the order of `columnValues`. */
export const LOG_COLUMNS = [
  "id",
  "timestamp",
  "object",
  "provider",
  "model",
  "requested_model",
  "status",
  "status_code",
  "stream",
  "latency",
  "time_to_first_token",
  "selected_key_id",
  "selected_key_name",
  "virtual_key_id",
  "virtual_key_name",
  "number_of_retries",
  "fallback_index",
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "cached_read_tokens",
  "cached_write_tokens",
  "reasoning_tokens",
  "cost_nano",
  "stop_reason",
  "error_code",
  "error_type",
  "error_status",
  "error_message",
  "client_request_id",
  "user_agent",
  "content_hidden",
  "dropped_params",
  "attempts",
  "decision",
  "unpriced",
  "team_id",
  "team_name",
  "customer_id",
  "customer_name",
] as const;

export type LogColumn = (typeof LOG_COLUMNS)[number];
export type LogValue = string | number | null;

/** One row as the database gives it, its content beside it. */
export interface StoredRow {
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
  /** JSON. */
  readonly dropped_params: string | null;
  readonly attempts: string;
  readonly decision: string | null;
  readonly unpriced: number;
  readonly team_id: string | null;
  readonly team_name: string | null;
  readonly customer_id: string | null;
  readonly customer_name: string | null;
  readonly input: string | null;
  readonly output: string | null;
}

/** An attempt as it is stored: values without names, for every row has them. Older rows have no more than the usage. */
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
}

/** ms with three places: more is noise and costs room. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Input and output together; null when the provider told neither. */
export function totalTokens(usage: Usage): number | null {
  if (usage.inputTokens === null && usage.outputTokens === null) return null;
  return (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
}

/** The values of a record's row. */
export function columnValues(record: RequestRecord): LogValue[] {
  const { attempts, usage, error } = record;
  const shown = shownAttempt(record);
  return [
    record.id,
    record.acceptedAt,
    record.requestType,
    shownProvider(record),
    shownModel(record),
    record.requestedModel,
    record.outcome,
    record.status === 0 ? null : record.status,
    record.stream ? 1 : 0,
    round(record.endedAt),
    record.firstTokenAt < 0 ? null : round(record.firstTokenAt),
    shown?.keyId ?? "",
    shown?.keyName ?? "",
    record.virtualKeyId,
    record.virtualKeyName,
    retries(attempts),
    shown?.fallbackIndex ?? 0,
    usage.inputTokens,
    usage.outputTokens,
    totalTokens(usage),
    usage.cachedTokens,
    usage.cacheWriteTokens,
    usage.reasoningTokens,
    record.costNano,
    record.stopReason,
    error?.code ?? null,
    error?.type ?? null,
    error?.status ?? null,
    error?.message ?? null,
    record.clientRequestId,
    record.userAgent,
    record.contentHidden ? 1 : 0,
    record.losses.length === 0 ? null : JSON.stringify(record.losses),
    `[${attempts.map(attemptText).join(",")}]`,
    record.decision === null ? null : decisionText(record.decision),
    record.isUnpriced ? 1 : 0,
    record.teamId,
    record.teamName,
    record.customerId,
    record.customerName,
  ];
}

type Shown = Pick<RequestRecord, "attempts" | "answeredBy" | "decision" | "requestedModel">;

/** The attempt that a row speaks of: the one that answered, or the last. */
function shownAttempt({ attempts, answeredBy }: Shown): AttemptRecord | null {
  return attempts[answeredBy] ?? attempts.at(-1) ?? null;
}

export function shownProvider(record: Shown): string {
  return shownAttempt(record)?.provider ?? record.decision?.order[0]?.provider ?? "";
}

export function shownModel(record: Shown): string {
  return shownAttempt(record)?.model ?? record.decision?.order[0]?.model ?? record.requestedModel;
}

/** Tries beyond the first at each target. */
function retries(attempts: readonly AttemptRecord[]): number {
  if (attempts.length < 2) return 0;
  return attempts.length - new Set(attempts.map((attempt) => attempt.fallbackIndex)).size;
}

/** A StoredAttempt as JSON text, put together by hand: JSON.stringify of the same costs three times as much. */
function attemptText(a: AttemptRecord): string {
  const { usage: u } = a;
  const usage =
    u === null
      ? "null"
      : `[${number(u.inputTokens)},${number(u.outputTokens)},${number(u.cachedTokens)},${number(u.cacheWriteTokens)},${number(u.reasoningTokens)}]`;
  return (
    `[${quote(a.provider)},${quote(a.model)},${quote(a.keyName)},${quote(a.keyId)},${a.fallbackIndex},${a.status},` +
    `${quote(a.outcome)},${quote(a.error)},${quote(a.reason)},${round(a.startedAt)},${round(a.connectedAt)},` +
    `${round(a.headAt)},${round(a.firstTokenAt)},${round(a.endedAt)},${a.possiblyBilled ? 1 : 0},${usage},` +
    `${a.askedModel === null || a.askedModel === a.model ? "null" : quote(a.askedModel)},${originText(a.usageOrigin)},` +
    `${usageText(a.rawUsage)},${costText(a.cost)}]`
  );
}

/** A StoredDecision as JSON text. */
function decisionText(decision: DecisionRecord): string {
  let candidates = "";
  for (const c of decision.candidates)
    candidates +=
      `${candidates === "" ? "" : ","}[${quote(c.provider)},${quote(c.model)},${number(c.weight)},${number(c.share)},` +
      `${number(c.health)},${c.removed === null ? "null" : quote(c.removed)}]`;
  let order = "";
  for (const t of decision.order)
    order += `${order === "" ? "" : ","}[${quote(t.provider)},${quote(t.model)},${quote(t.keyName)},${quote(t.reason)}]`;
  return (
    `{"s":${number(decision.seed)},"d":${number(decision.draw)},"e":${quote(decision.engine)},` +
    `"v":${decision.snapshotVersion},"c":[${candidates}],"o":[${order}]}`
  );
}

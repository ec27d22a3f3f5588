// Puts a stored row together: what its columns hold, and what its detail tells.
import type { AttemptRecord, DecisionRecord, RequestRecord } from "../../core/record.ts";
import type { Usage } from "../../core/usage.ts";
import type { PackedRow, StoredAttempt, StoredDecision, StoredRow } from "./log-columns.ts";
import { decodeDetail } from "./log-detail.ts";
import type { StoredWords } from "./log-words.ts";
import { recordedCost, storedOrigin, storedUsage } from "./stored-cost.ts";

/** The row with all that is known of it. */
export function wholeRow(row: PackedRow, words: StoredWords): StoredRow {
  if (row.detail === null) return olderRow(row);
  const record = decodeDetail(row.detail, (dictionary) => words.of(dictionary));
  const { attempts, usage, error, decision } = record;
  const shown = attempts[record.answeredBy] ?? attempts.at(-1);
  return {
    ...row,
    requested_model: record.requestedModel,
    status_code: record.status === 0 ? null : record.status,
    time_to_first_token: record.firstTokenAt < 0 ? null : record.firstTokenAt,
    selected_key_name: shown?.keyName ?? "",
    virtual_key_name: record.virtualKeyName,
    number_of_retries: retries(attempts),
    fallback_index: shown?.fallbackIndex ?? 0,
    cached_read_tokens: usage.cachedTokens,
    cached_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
    error_code: error?.code ?? null,
    error_type: error?.type ?? null,
    error_status: error?.status ?? null,
    error_message: error?.message ?? null,
    user_agent: record.userAgent,
    content_hidden: record.contentHidden ? 1 : 0,
    dropped_params: record.losses,
    team_name: record.teamName,
    customer_name: record.customerName,
    attempts: row.attempts === "" ? attempts.map(storedAttempt) : attemptsOf(row.attempts),
    decision: decision === null ? null : storedDecision(decision),
    contentLevel: record.contentLevel,
    contentDropped: record.contentDropped,
    tags: record.tags,
    messages: record.messages,
    messageCount: record.messageCount,
    inputMessage: record.inputMessage,
    user_id: record.userId,
    app: record.app,
    session_id: record.sessionId,
    routing_rule_id: record.ruleId,
    routing_rule_name: record.ruleName,
    overhead_us: record.overheadUs < 0 ? null : record.overheadUs,
  };
}

/** The attempts of a row alone, and the model that was asked for. */
export function rowAttempts(
  row: Pick<PackedRow, "attempts" | "detail" | "requested_model">,
  words: StoredWords,
): { attempts: StoredAttempt[]; requestedModel: string } {
  if (row.attempts !== "" || row.detail === null)
    return { attempts: attemptsOf(row.attempts), requestedModel: row.requested_model };
  const record: RequestRecord = decodeDetail(row.detail, (dictionary) => words.of(dictionary));
  return { attempts: record.attempts.map(storedAttempt), requestedModel: record.requestedModel };
}

function olderRow(row: PackedRow): StoredRow {
  return {
    ...row,
    dropped_params: row.dropped_params === null ? [] : (JSON.parse(row.dropped_params) as string[]),
    attempts: attemptsOf(row.attempts),
    decision: row.decision === null ? null : (JSON.parse(row.decision) as StoredDecision),
    contentLevel: row.content_hidden === 1 ? "off" : "ends",
    contentDropped: false,
    tags: [],
    messages: [],
    messageCount: 0,
    inputMessage: -1,
    user_id: null,
    app: null,
    session_id: null,
    routing_rule_id: null,
    routing_rule_name: null,
    overhead_us: null,
  };
}

function attemptsOf(text: string): StoredAttempt[] {
  return JSON.parse(text) as StoredAttempt[];
}

/** Tries beyond the first at each target. */
function retries(attempts: readonly AttemptRecord[]): number {
  return attempts.length - new Set(attempts.map((attempt) => attempt.fallbackIndex)).size;
}

function storedAttempt(a: AttemptRecord): StoredAttempt {
  return [
    a.provider,
    a.model,
    a.keyName,
    a.keyId,
    a.fallbackIndex,
    a.status,
    a.outcome,
    a.error,
    a.reason,
    a.startedAt,
    a.connectedAt,
    a.headAt,
    a.firstTokenAt,
    a.endedAt,
    a.possiblyBilled ? 1 : 0,
    a.usage === null ? null : usageCounts(a.usage),
    a.askedModel === a.model ? null : a.askedModel,
    storedOrigin(a.usageOrigin),
    a.rawUsage === null ? null : storedUsage(a.rawUsage),
    a.cost === null ? null : recordedCost(a.cost),
  ];
}

function usageCounts(usage: Usage): NonNullable<StoredAttempt[15]> {
  return [usage.inputTokens, usage.outputTokens, usage.cachedTokens, usage.cacheWriteTokens, usage.reasoningTokens];
}

function storedDecision(decision: DecisionRecord): StoredDecision {
  return {
    s: decision.seed,
    d: decision.draw,
    e: decision.engine,
    v: decision.snapshotVersion,
    c: decision.candidates.map((c) => [c.provider, c.model, c.weight, c.share, c.health, c.removed]),
    o: decision.order.map((t) => [t.provider, t.model, t.keyName, t.reason]),
    r: decision.rules.map(({ name, matched, why }) => [name, matched, why]),
  };
}

// Makes the row that the API shows out of what the request log stores.
import type { CostRecord } from "../../core/record.ts";
import type {
  LogAttempt,
  LogCostDetails,
  LogDecision,
  LogMessage,
  LogRow,
  LogTokenUsage,
  LogUsageDetails,
} from "../../core/stores.ts";
import { decisionText } from "./decision-text.ts";
import type { StoredAttempt, StoredDecision, StoredRow } from "./log-columns.ts";
import { NO_WHOLE, type WholeText } from "./log-whole.ts";
import { decodeCost, decodeUsage, type StoredUsage, usageOrigin } from "./stored-cost.ts";
import { NAMED_ENGINES } from "./view-facts.ts";

const NANO = 1e9;
const PICO = 1e12;

/** The row as `GET /api/logs` tells it. */
export function logRow(stored: StoredRow, whole: WholeText = NO_WHOLE): LogRow {
  const attempts = stored.attempts.map(logAttempt);
  const decision = stored.decision === null ? null : logDecision(stored.decision);
  const timestamp = new Date(stored.timestamp).toISOString();
  return {
    id: stored.id,
    parent_request_id: null,
    timestamp,
    created_at: timestamp,
    object: stored.object,
    provider: stored.provider,
    model: stored.model,
    requested_model: stored.requested_model,
    number_of_retries: stored.number_of_retries,
    fallback_index: stored.fallback_index,
    selected_key_id: stored.selected_key_id,
    selected_key_name: stored.selected_key_name,
    virtual_key_id: stored.virtual_key_id,
    virtual_key_name: stored.virtual_key_name,
    team_id: stored.team_id,
    team_name: stored.team_name,
    customer_id: stored.customer_id,
    customer_name: stored.customer_name,
    routing_engines_used: decision !== null && NAMED_ENGINES.has(decision.engine) ? [decision.engine] : [],
    routing_engine_logs: decisionText(decision, attempts),
    input_history: whole.messages ?? inputHistory(stored),
    output_message: stored.output === null ? null : { role: "assistant", content: whole.answer ?? stored.output },
    content_hidden: stored.content_hidden === 1,
    token_usage: rowUsage(stored),
    cost: stored.cost_nano === null ? null : stored.cost_nano / NANO,
    cost_details: allCosts(attempts),
    latency: stored.latency,
    time_to_first_token: stored.time_to_first_token,
    status: stored.status,
    status_code: stored.status_code,
    stop_reason: stored.stop_reason,
    error_details:
      stored.error_code === null
        ? null
        : {
            status_code: stored.error_status ?? 0,
            type: stored.error_type ?? "",
            code: stored.error_code,
            message: stored.error_message ?? "",
          },
    stream: stored.stream === 1,
    metadata: Object.fromEntries(stored.tags),
    content_level: stored.contentLevel,
    content_dropped: stored.contentDropped,
    raw_request: whole.request,
    raw_response: whole.response,
    user_id: stored.user_id,
    app: stored.app,
    session_id: stored.session_id,
    overhead_us: stored.overhead_us,
    routing_rule_id: stored.routing_rule_id,
    routing_rule_name: stored.routing_rule_name,
    client_request_id: stored.client_request_id,
    user_agent: stored.user_agent,
    attempts,
    decision,
    dropped_params: stored.dropped_params,
  };
}

/** Of many messages those that were listed; what they say is known of the last one of the user alone. */
function inputHistory(stored: StoredRow): LogMessage[] {
  const { input, messages, inputMessage } = stored;
  const own = input === null ? [] : [{ role: "user", content: input }];
  if (messages.length === 0 || stored.contentLevel === "off") return own;
  const listed = messages.map(({ role, kind, bytes }, place) =>
    place === inputMessage && input !== null
      ? { role, content: input, kind, bytes }
      : { role, content: "", kind, bytes },
  );
  // The last one of the user stands behind those that are listed.
  return inputMessage < 0 ? [...listed, ...own] : listed;
}

function rowUsage(stored: StoredRow): LogTokenUsage | null {
  return tokenUsage([
    stored.prompt_tokens,
    stored.completion_tokens,
    stored.cached_read_tokens,
    stored.cached_write_tokens,
    stored.reasoning_tokens,
  ]);
}

function tokenUsage(counts: NonNullable<StoredAttempt[15]>): LogTokenUsage | null {
  if (counts.every((count) => count === null)) return null;
  const [input, output, read, written, reasoning] = counts;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input === null && output === null ? null : (input ?? 0) + (output ?? 0),
    prompt_tokens_details: { cached_read_tokens: read, cached_write_tokens: written },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function happened(time: number): number | null {
  return time < 0 ? null : time;
}

/** Attempts as one. */
function allCosts(attempts: readonly LogAttempt[]): LogCostDetails | null {
  const charged = attempts.map(({ cost_details }) => cost_details).filter((details) => details !== null);
  const last = charged.at(-1);
  if (last === undefined) return null;
  if (charged.length === 1) return last;
  const reported = charged.map((details) => details.reported).filter((amount) => amount !== null);
  return {
    parts: charged.flatMap(({ parts }) => parts),
    unpriced: [...new Set(charged.flatMap(({ unpriced }) => unpriced))],
    price_version: last.price_version,
    source: last.source,
    reported: reported.length === 0 ? null : reported.reduce((sum, amount) => sum + amount, 0),
  };
}

function costDetails({ parts, unpriced, priceVersion, source, reportedNano }: CostRecord): LogCostDetails {
  return {
    parts: parts.map(({ kind, count, rate, unitPico }) => ({
      kind,
      count,
      rate,
      unit_price: unitPico / PICO,
      cost: (unitPico * count) / PICO,
    })),
    unpriced,
    price_version: priceVersion,
    source,
    reported: reportedNano === null ? null : reportedNano / NANO,
  };
}

function usageDetails(stored: StoredUsage): LogUsageDetails {
  const { counts, tier, region, refused } = decodeUsage(stored);
  return { counts, tier, region, refused };
}

function logAttempt(stored: StoredAttempt): LogAttempt {
  const [provider, model, key, keyId, fallbackIndex, status, outcome, error, reason] = stored;
  const [start, connected, head, firstToken, end] = stored.slice(9) as [number, number, number, number, number];
  const usage = stored[15];
  const rawUsage = stored[18] ?? null;
  const cost = stored[19] ? decodeCost(stored[19]) : null;
  const isUnpriced = cost === null || (cost.nano === 0 && cost.unpriced.length > 0);
  return {
    provider,
    model,
    key,
    key_id: keyId,
    fallback_index: fallbackIndex,
    status: status === 0 ? null : status,
    outcome,
    error,
    reason,
    start,
    connected: happened(connected),
    first_byte: happened(head),
    first_token: happened(firstToken),
    end: happened(end),
    possibly_billed: stored[14] === 1,
    token_usage: usage === null ? null : tokenUsage(usage),
    usage_origin: usageOrigin(stored[17]),
    usage_details: rawUsage === null ? null : usageDetails(rawUsage),
    cost: isUnpriced ? null : cost.nano / NANO,
    cost_details: cost === null ? null : costDetails(cost),
  };
}

function logDecision(stored: StoredDecision): LogDecision {
  return {
    order: stored.o.map(([provider, model, key, reason]) => ({ provider, model, key, reason })),
    candidates: stored.c.map(([provider, model, weight, share, health, removed]) => ({
      provider,
      model,
      weight,
      share,
      health,
      ...(removed === null ? {} : { removed }),
    })),
    draw: stored.d,
    seed: stored.s,
    rules: (stored.r ?? []).map(([name, matched, why]) => ({ name, matched, why })),
    engine: stored.e,
    snapshot_version: stored.v,
  };
}

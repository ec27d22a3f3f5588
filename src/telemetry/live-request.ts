// An exchange as its viewers see it, at any moment of its life.
import { contentLevelOf, keptWords, providerStatus } from "../core/content-level.ts";
import type { ContentLevel } from "../core/entities.ts";
import type { Attempt, Exchange } from "../core/exchange.ts";
import type { LiveAttempt, LiveRequest } from "../core/live.ts";
import type { LiveFilter } from "../core/live-watch.ts";
import { requestType } from "../core/operations.ts";
import { overheadUs } from "../core/overhead.ts";
import { RECORD_LIMITS } from "../core/record.ts";
import { costOf } from "../core/request-cost.ts";

const NANO = 1e9;

/** What a record would keep of it. */
function words(text: string, status: number, level: ContentLevel): string {
  return keptWords(text, status, level).slice(0, RECORD_LIMITS.message);
}

/** Reads it now and keeps nothing of it; of headers it reads one, of the body nothing. */
export function liveRequest(exchange: Exchange): LiveRequest {
  const { settled, attempts, usage, virtualKey, error } = exchange;
  const { provider, model, fallbackIndex } = servedBy(exchange);
  const tokens = settled ? (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0) : 0;
  const cost = settled ? costOf(attempts) : null;
  const overhead = settled ? overheadUs(exchange) : -1;
  const level = contentLevelOf(exchange);
  return {
    id: exchange.id,
    timestamp: new Date(exchange.acceptedAt).toISOString(),
    object: requestType(exchange.endpoint.operation, exchange.stream),
    stream: exchange.stream,
    requested_model: name(exchange.model),
    virtual_key_id: virtualKey?.entity.id ?? null,
    virtual_key_name: virtualKey?.entity.name ?? null,
    user_id: exchange.userId,
    app: exchange.app,
    provider,
    model: name(model),
    status: settled ? exchange.outcome : "processing",
    status_code: exchange.status > 0 ? exchange.status : null,
    latency: settled ? time(exchange.endedAt) : null,
    time_to_first_token: time(exchange.firstTokenAt),
    total_tokens: settled && hasTokens(exchange) ? tokens : null,
    cost: cost === null ? null : cost / NANO,
    overhead_us: overhead < 0 ? null : overhead,
    error_message: settled && error !== null ? words(error.message, providerStatus(error), level) : null,
    fallback_index: fallbackIndex,
    number_of_retries: retries(attempts),
    attempts: kept(attempts).map((attempt) => liveAttempt(attempt, level)),
  };
}

/** Whether a viewer with this filter wants the request, as far as it is known. Once it does, it stays so to the end. */
export function isWanted(filter: LiveFilter, exchange: Exchange): boolean {
  const { status, virtualKeys, users, apps, providers, models } = filter;
  if (status !== undefined && !(exchange.settled && holds(status, exchange.outcome))) return false;
  if (virtualKeys !== undefined) {
    const entity = exchange.virtualKey?.entity;
    if (entity === undefined || !(holds(virtualKeys, entity.id) || holds(virtualKeys, entity.name))) return false;
  }
  if (users !== undefined && !holds(users, exchange.userId)) return false;
  if (apps !== undefined && !holds(apps, exchange.app)) return false;
  if (providers !== undefined && !isTried(exchange, (served) => holds(providers, served.provider))) return false;
  if (models === undefined || holds(models, exchange.model)) return true;
  return isTried(exchange, (served) => holds(models, served.model));
}

interface Served {
  readonly provider: string;
  readonly model: string;
  readonly fallbackIndex: number;
}

const NOBODY: Served = { provider: "", model: "", fallbackIndex: 0 };

/** Who answered, else who is or was asked last, else who is to be asked. */
export function servedBy({ answeredBy, attempts, decision }: Exchange): Served {
  const served = answeredBy ?? attempts[attempts.length - 1];
  if (served !== undefined) return served;
  const first = decision?.order[0];
  return first === undefined ? NOBODY : { provider: first.provider.name, model: first.model, fallbackIndex: 0 };
}

function isTried(exchange: Exchange, test: (served: Served) => boolean): boolean {
  return exchange.attempts.length === 0 ? test(servedBy(exchange)) : exchange.attempts.some(test);
}

function holds<T>(values: readonly T[], value: T | null): boolean {
  return value !== null && values.includes(value);
}

function liveAttempt(attempt: Attempt, level: ContentLevel): LiveAttempt {
  const isOver = attempt.endedAt >= 0;
  return {
    provider: attempt.provider,
    model: name(attempt.model),
    key: attempt.keyName,
    fallback_index: attempt.fallbackIndex,
    reason: attempt.reason,
    start: time(attempt.startedAt) ?? 0,
    first_byte: time(attempt.headAt),
    end: time(attempt.endedAt),
    status: attempt.status > 0 ? attempt.status : null,
    outcome: isOver ? attempt.outcome : "",
    error: isOver ? words(attempt.error, attempt.status, level) : "",
  };
}

/** As a record keeps them: of very many the first ones and the last. */
function kept(attempts: readonly Attempt[]): readonly Attempt[] {
  if (attempts.length <= RECORD_LIMITS.attempts) return attempts;
  return [...attempts.slice(0, RECORD_LIMITS.attempts - 1), attempts[attempts.length - 1] as Attempt];
}

/** Tries beyond the first at each target, as a row of the log counts them. */
function retries(attempts: readonly Attempt[]): number {
  let count = 0;
  for (let i = 1; i < attempts.length; i++) if (attempts[i]?.fallbackIndex === attempts[i - 1]?.fallbackIndex) count++;
  return count;
}

function hasTokens({ usage }: Exchange): boolean {
  return usage.inputTokens !== null || usage.outputTokens !== null;
}

const name = (text: string): string => text.slice(0, RECORD_LIMITS.name);
/** To the microsecond. */
const time = (ms: number): number | null => (ms < 0 ? null : Math.round(ms * 1000) / 1000);

// What the gateway itself took of a request's time: neither the provider nor waiting for room is in it.
import type { Exchange } from "./exchange.ts";

/**
 * µs, whole: from accept until the first call was handed to the outbound door, less what it waited for leases and room, and from
 * the moment the answer was there until the request was settled. A request that was sent to nobody was the gateway's own all along.
 * Tries in between, with their backoff, and the passing on of a stream's events are not in it. -1 before it is settled.
 */
export function overheadUs(exchange: Exchange): number {
  const { endedAt, sentAt, waited, answerEndedAt, attempts } = exchange;
  if (endedAt < 0) return -1;
  const sent = sentAt < 0 ? (attempts[0]?.startedAt ?? endedAt) : sentAt;
  const answered = answerEndedAt < 0 ? (attempts[attempts.length - 1]?.endedAt ?? endedAt) : answerEndedAt;
  const after = answered < 0 ? 0 : endedAt - answered;
  return Math.max(0, Math.round((sent - waited + after) * 1000));
}

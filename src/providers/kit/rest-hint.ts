// Reads how long a provider asks to be left alone from the headers of its refusal.
import type { HeaderView } from "../../core/http.ts";
import { readDate, readNumber, readReset } from "./durations.ts";

/** No hint rests a key for longer: a wrong header must not take a key away for a day. */
export const MAX_REST = 5 * 60_000;

/** Each rate window: the headers that tell what is left in it and when it opens again. */
const WINDOWS: readonly (readonly [remaining: string, reset: string])[] = [
  ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
  ["x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
  ["x-ratelimit-remaining-requests-minute", "x-ratelimit-reset-requests-minute"],
  ["x-ratelimit-remaining-tokens-minute", "x-ratelimit-reset-tokens-minute"],
  ["x-ratelimit-remaining-requests-hour", "x-ratelimit-reset-requests-hour"],
  ["x-ratelimit-remaining-tokens-hour", "x-ratelimit-reset-tokens-hour"],
  ["x-ratelimit-remaining-requests-day", "x-ratelimit-reset-requests-day"],
  ["x-ratelimit-remaining-tokens-day", "x-ratelimit-reset-tokens-day"],
  ["x-ratelimit-remaining-tokens-prompt", "x-ratelimit-reset-tokens-prompt"],
  ["x-ratelimit-remaining-tokens-generated", "x-ratelimit-reset-tokens-generated"],
  ["anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"],
  ["anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"],
  ["anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"],
  ["anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"],
  ["x-ratelimit-remaining", "x-ratelimit-reset"],
  ["ratelimit-remaining", "ratelimit-reset"],
  ["ratelimitbysize-remaining", "ratelimitbysize-reset"],
];

function bounded(ms: number): number {
  return Math.min(MAX_REST, Math.max(0, Math.ceil(ms)));
}

function retryAfter(headers: HeaderView, now: number): number | null {
  const precise = readNumber(headers.get("retry-after-ms")?.trim() ?? "");
  if (precise !== null) return precise;
  const text = headers.get("retry-after")?.trim();
  if (text === undefined) return null;
  const seconds = readNumber(text);
  return seconds === null ? readDate(text, now) : seconds * 1000;
}

/** The windows that are used up decide, the last to open first; where none says so, the first that moves is worth a try. */
function windowReset(headers: HeaderView, now: number): number | null {
  let exhausted: number | null = null;
  let first: number | null = null;
  for (const [remaining, reset] of WINDOWS) {
    const text = headers.get(reset);
    const ms = text === undefined ? null : readReset(text, now);
    if (ms === null) continue;
    first = first === null ? ms : Math.min(first, ms);
    if (readNumber(headers.get(remaining)?.trim() ?? "") === 0) exhausted = Math.max(exhausted ?? 0, ms);
  }
  return exhausted ?? first;
}

/** ms from now until the provider takes calls again, 0 to MAX_REST; null when its headers do not say. */
export function restHint(headers: HeaderView, now: number): number | null {
  const ms = retryAfter(headers, now) ?? windowReset(headers, now);
  return ms === null ? null : bounded(ms);
}

// What queries of the log ask of a row: numbers, words and tags.
import type { Outcome } from "../../core/exchange.ts";

/** Words of a row, in the order of `RowFacts.words`; tags stand beside them. */
export const WORD_DIMENSIONS = [
  "provider",
  "model",
  "requested_model",
  "virtual_key",
  "selected_key",
  "team",
  "customer",
  "user",
  "app",
  "user_agent",
  "session",
  "routing_rule",
  "routing_engine",
  "stop_reason",
  "object",
] as const;

export type WordDimension = (typeof WORD_DIMENSIONS)[number];

/** Bits of a row's flags. */
export const FACT = { error: 1, cancelled: 2, stream: 4, unpriced: 8, retried: 16 } as const;
/** What stands for a count that is not known. */
export const NO_COUNT = 0xffff_ffff;

/** One row; absent words are empty. */
export class RowFacts {
  seq = 0;
  /** Unix ms. */
  time = 0;
  /** ms */
  latency = 0;
  /** Nano-dollars; NaN = none. */
  cost = Number.NaN;
  input = NO_COUNT;
  output = NO_COUNT;
  cached = NO_COUNT;
  /** µs */
  overhead = NO_COUNT;
  /** Of the client's own id of the request; 0 = none. */
  client = 0;
  flags = 0;
  readonly words: string[] = WORD_DIMENSIONS.map(() => "");
  /** Of what has a name beside its id. */
  readonly names: string[] = WORD_DIMENSIONS.map(() => "");
  tags: readonly (readonly [name: string, value: string])[] = [];
}

/** A number for a text: who looks for it compares numbers first. Never 0. */
export function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash >>> 0 || 1;
}

/** A count as a column holds it. */
export function countOf(value: number | null): number {
  if (value === null || !(value >= 0)) return NO_COUNT;
  return value < NO_COUNT ? Math.round(value) : NO_COUNT - 1;
}

export function outcomeFlag(outcome: Outcome | string | null): number {
  if (outcome === "error") return FACT.error;
  return outcome === "cancelled" ? FACT.cancelled : 0;
}

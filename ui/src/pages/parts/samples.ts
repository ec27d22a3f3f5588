// Values that the page of all parts shows.
import type { RouteFacts } from "../../lib/timeline.ts";

const attempt = { fallback_index: 0, error: "", reason: "drawn" } as const;

/** A failover after one retry. */
export const FAILOVER: RouteFacts = {
  latency: 1284,
  overheadUs: 47,
  attempts: [
    {
      ...attempt,
      provider: "azure",
      model: "gpt-4o",
      key: "east",
      status: 503,
      outcome: "overloaded",
      start: 0.4,
      connected: 31,
      first_byte: 188,
      first_token: null,
      end: 189,
    },
    {
      ...attempt,
      provider: "azure",
      model: "gpt-4o",
      key: "west",
      status: null,
      outcome: "first_byte_timeout",
      start: 289,
      connected: 312,
      first_byte: null,
      first_token: null,
      end: 612,
    },
    {
      ...attempt,
      provider: "openai",
      model: "gpt-4o",
      key: "main",
      status: 200,
      outcome: "",
      start: 612.4,
      connected: 633,
      first_byte: 820,
      first_token: 834,
      end: 1283,
    },
  ],
};

/** A live one. */
export const RUNNING: RouteFacts = {
  latency: null,
  elapsed: 900,
  overheadUs: null,
  attempts: [
    {
      ...attempt,
      provider: "anthropic",
      model: "claude-haiku-4-5",
      key: "team",
      status: null,
      outcome: "",
      start: 0.3,
      connected: 24,
      first_byte: null,
      first_token: null,
      end: null,
    },
  ],
};

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20);
const wave = (index: number, phase: number): number =>
  Math.round(400 + 300 * Math.sin(index / 5 + phase) + ((index * 37 + phase * 11) % 90));

export const TIMES = Array.from({ length: 72 }, (_, index) => START + index * HOUR);
export const SERIES = ["openai", "anthropic", "azure", "gemini"].map((name, phase) => ({
  name,
  values: TIMES.map((_, index) => wave(index, phase)),
}));
export const BARS = TIMES.map((at, index) => ({
  at,
  count: wave(index, 1),
  failed: index % 17 === 4 ? 90 : index % 3,
}));

export interface SampleRow {
  readonly id: string;
  readonly model: string;
  readonly ms: number;
  readonly cost: number | null;
}

export const ROWS: readonly SampleRow[] = Array.from({ length: 2_000 }, (_, index) => ({
  id: `req-${index}`,
  model: index % 3 === 0 ? "anthropic/claude-haiku-4-5" : "openai/gpt-4o-mini",
  ms: 80 + ((index * 7919) % 4000),
  cost: index % 5 === 0 ? null : ((index * 31) % 97) / 10_000,
}));

export const JSON_SAMPLE = {
  model: "openai/gpt-4o-mini",
  messages: [
    { role: "system", content: "Be short." },
    { role: "user", content: "Why is <b>this</b> no HTML?" },
  ],
  temperature: 0.2,
  stream: true,
  tools: [],
  stop: null,
};

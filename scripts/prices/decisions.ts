// Kept by hand: which source is right where both price one thing differently, and prices that both have wrong.
import type { PricePeriod, Rates } from "../../src/core/price.ts";
import { always, type Draft } from "./draft.ts";

export type Source = "genai" | "litellm";

export interface Decision {
  readonly provider: string;
  readonly model: RegExp;
  readonly take: Source;
  readonly why: string;
}

/** The first one that fits decides for all kinds of usage of that model that differ. A difference without one stops the build. */
export const DECISIONS: readonly Decision[] = [
  {
    provider: "openai",
    model: /transcribe/,
    take: "genai",
    why: "audio tokens have a price of their own; the other sheet repeats the one of text",
  },
  {
    provider: "openai",
    model: /^gpt-4o-mini-tts/,
    take: "genai",
    why: "what it puts out is audio, 12 dollars a million",
  },
  {
    provider: "openai",
    model: /^gpt-4(\.1|o)/,
    take: "litellm",
    why: "searches of models without reasoning cost 25 dollars a thousand with the tool that they take",
  },
  {
    provider: "azure",
    model: /^o4-mini/,
    take: "litellm",
    why: "a quarter of the input's price; the other is that, rounded",
  },
  { provider: "azure", model: /^(ada|text-embedding)/, take: "genai", why: "the other is the price of a data zone" },
  {
    provider: "bedrock",
    model: /claude-/,
    take: "genai",
    why: "an id without `global.` is served in its region, a tenth dearer; `global.` ids have entries of their own",
  },
  {
    provider: "mistral",
    model: /^mistral-(large-latest|medium|small-latest)$/,
    take: "litellm",
    why: "what the name stands for now: Large 3, Medium 3.5, Small 4",
  },
  { provider: "mistral", model: /^open-mistral-nemo$/, take: "genai", why: "the last price that it had" },
  { provider: "groq", model: /safeguard/, take: "litellm", why: "the other is the price of gpt-oss-120b" },
  { provider: "groq", model: /^whisper/, take: "genai", why: "by the hour, as Groq bills; the other is that, rounded" },
  {
    provider: "deepseek",
    model: /./,
    take: "litellm",
    why: "the other has the night discount that ended in 2025, or a third party's price; V4 is below",
  },
  { provider: "xai", model: /./, take: "litellm", why: "the names stand for newer models now; the later sheet" },
  {
    provider: "fireworks",
    model: /^(gemma-3-27b-it|gpt-oss-120b|kimi-k3-us)$/,
    take: "litellm",
    why: "the price of its size class, or the dearer of two that nothing decides",
  },
  { provider: "fireworks", model: /./, take: "genai", why: "the price of its size class" },
  {
    provider: "perplexity",
    model: /./,
    take: "litellm",
    why: "the fee of a request depends on the size of its search; the other is the dearest one for all",
  },
  { provider: "together", model: /Llama-3\.3-70B/, take: "litellm", why: "the later of the two" },
  { provider: "together", model: /./, take: "litellm", why: "the price of 8x7B mixtures, 0.60 dollars" },
];

const pico = (dollars: number): number => Math.round(dollars * 1e6);

/** Dollars of a million tokens. */
function perMillion(input: number, cached: number, output: number): Rates {
  return { input: pico(input), cached_input: pico(cached), output: pico(output) };
}

/** 01:00–04:00 and 06:00–10:00 UTC. */
const PEAK_HOURS = [
  { from: 60, to: 240 },
  { from: 360, to: 600 },
] as const;
const WORKDAYS = [1, 2, 3, 4, 5] as const;
const PEAK_BEGAN = Date.UTC(2026, 7, 16, 16);
const WEEKENDS_BEGAN = Date.UTC(2026, 7, 22, 16);
const FLASH_4_1 = Date.UTC(2026, 8, 10);

function deepseek(periods: readonly PricePeriod[]): Draft {
  return { periods, uplift: null, maxInputTokens: 1_000_000, maxOutputTokens: 393_216 };
}

function span(from: number | null, to: number | null, offPeak: Rates, peak: Rates | null): PricePeriod[] {
  const periods: PricePeriod[] = [{ from, to, windows: null, rates: offPeak }];
  const days = from !== null && from >= WEEKENDS_BEGAN ? { days: WORKDAYS } : {};
  if (peak !== null)
    periods.push({ from, to, windows: PEAK_HOURS.map((hours) => ({ ...hours, ...days })), rates: peak });
  return periods;
}

const FLASH = span(FLASH_4_1, null, perMillion(0.15, 0.003, 0.6), perMillion(0.3, 0.006, 1.2));
const PRO = [perMillion(0.66, 0.022, 1.98), perMillion(1.32, 0.044, 3.96)] as const;
const OLD_FLASH = [perMillion(0.22, 0.007, 0.66), perMillion(0.44, 0.014, 1.32)] as const;

/**
 * Prices that stand in place of both sources'. DeepSeek V4: its Models & Pricing page as of 31 July, 16 August and 27 October
 * 2026. Neither source can say date, hour and weekday at once. Chinese holidays, which are off-peak, are not known here: on
 * those days the price is an upper bound.
 */
export const CORRECTIONS: Readonly<Record<string, Readonly<Record<string, Draft>>>> = {
  deepseek: {
    "deepseek-flash": deepseek(FLASH),
    "deepseek-v4-flash": deepseek([
      ...span(null, PEAK_BEGAN, perMillion(0.14, 0.0028, 0.28), null),
      ...span(PEAK_BEGAN, WEEKENDS_BEGAN, ...OLD_FLASH),
      ...span(WEEKENDS_BEGAN, FLASH_4_1, ...OLD_FLASH),
      ...FLASH,
    ]),
    "deepseek-v4-pro": deepseek([
      ...span(null, PEAK_BEGAN, perMillion(0.435, 0.003_625, 0.87), null),
      ...span(PEAK_BEGAN, WEEKENDS_BEGAN, ...PRO),
      ...span(WEEKENDS_BEGAN, null, ...PRO),
    ]),
  },
  // the built-in provider asks nobody for anything
  demo: {
    "*": {
      periods: [always({ input: 0, cached_input: 0, cache_write_5m: 0, cache_write_1h: 0, output: 0 })],
      uplift: null,
      maxInputTokens: null,
      maxOutputTokens: null,
    },
  },
};

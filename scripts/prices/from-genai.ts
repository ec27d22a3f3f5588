// Reads the prices of @pydantic/genai-prices into drafts: dated prices, times of day, long-context steps.
import { readFileSync } from "node:fs";
import { type ConditionalPrice, findProvider, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";
import type { PricePeriod, Rates } from "../../src/core/price.ts";
import { type Draft, type Drafts, put } from "./draft.ts";

const PACKAGE = new URL("../../node_modules/@pydantic/genai-prices/package.json", import.meta.url);

/** Ours → theirs. */
const SOURCES: Readonly<Record<string, string>> = {
  openai: "openai",
  azure: "azure",
  anthropic: "anthropic",
  gemini: "google",
  bedrock: "aws",
  mistral: "mistral",
  cohere: "cohere",
  groq: "groq",
  cerebras: "cerebras",
  deepseek: "deepseek",
  xai: "x-ai",
  perplexity: "perplexity",
  openrouter: "openrouter",
  fireworks: "fireworks",
  together: "together",
  moonshot: "moonshotai",
  minimax: "minimax",
};
/** Price key → what it is the price of, and for how many. */
const KEYS: Readonly<Record<string, readonly [what: string, per: number]>> = {
  input_mtok: ["input", 1e6],
  output_mtok: ["output", 1e6],
  cache_read_mtok: ["cached_input", 1e6],
  cache_write_mtok: ["cache_write_5m", 1e6],
  cache_write_1h_mtok: ["cache_write_1h", 1e6],
  input_audio_mtok: ["input_audio", 1e6],
  cache_audio_read_mtok: ["cached_audio", 1e6],
  output_audio_mtok: ["output_audio", 1e6],
  input_image_mtok: ["input_image", 1e6],
  cache_image_read_mtok: ["cached_image", 1e6],
  output_image_mtok: ["output_image", 1e6],
  input_video_mtok: ["input_video", 1e6],
  output_video_mtok: ["output_video", 1e6],
  output_reasoning_mtok: ["reasoning", 1e6],
  output_citation_mtok: ["citation", 1e6],
  web_searches_kcount: ["web_search", 1e3],
  storage_searches_kcount: ["file_search", 1e3],
  requests_kcount: ["request", 1e3],
  input_document_kpages: ["page", 1e3],
  input_annotated_document_kpages: ["annotated_page", 1e3],
  audio_hours: ["second_in", 3600],
  input_audio_hours: ["second_in", 3600],
};
/** Price keys of nothing that a gateway passes on. */
const PASSED_OVER: ReadonlySet<string> = new Set(["input_text_messages_kcount"]);

type Match = ModelInfo["match"];

/** The spellings that a pattern names: whole ids, and beginnings that are whole ids. */
function literals(match: Match): string[] {
  if ("equals" in match) return [match.equals];
  if ("starts_with" in match) return [match.starts_with];
  if ("or" in match) return match.or.flatMap(literals);
  return [];
}

function idsOf(model: ModelInfo): readonly string[] {
  const found = new Set([model.id, ...literals(model.match)]);
  return [...found].filter((id) => !/[-:/.]$|^ft:/.test(id));
}

function picoOf(price: number, per: number): number {
  return Math.round((price / per) * 1e12);
}

/** Some steps are told as the last token below them. */
function stepOf(start: number): number {
  return start % 1000 === 999 ? start + 1 : start;
}

function ratesOf(prices: ModelPrice): Rates {
  const rates: Record<string, number> = {};
  for (const [key, price] of Object.entries(prices)) {
    if (price === undefined || PASSED_OVER.has(key)) continue;
    const known = KEYS[key];
    if (known === undefined)
      throw new Error(`@pydantic/genai-prices has a price key that the build does not know: ${key}`);
    const [what, per] = known;
    rates[what] = picoOf(typeof price === "number" ? price : price.base, per);
    if (typeof price !== "number")
      for (const tier of price.tiers) rates[`${what}>${stepOf(tier.start)}`] = picoOf(tier.price, per);
  }
  return rates;
}

function minuteOf(time: string): number {
  const match = /^(\d\d):(\d\d):00Z$/.exec(time);
  if (match === null) throw new Error(`a time of day that is not in UTC minutes: ${time}`);
  return Number(match[1]) * 60 + Number(match[2]);
}

function periodOf({ constraint, prices }: ConditionalPrice): PricePeriod {
  const rates = ratesOf(prices);
  if (constraint === undefined) return { from: null, to: null, windows: null, rates };
  if (constraint.type === "start_date")
    return { from: Date.parse(`${constraint.start_date}T00:00:00Z`), to: null, windows: null, rates };
  const window = { from: minuteOf(constraint.start_time), to: minuteOf(constraint.end_time) };
  return { from: null, to: null, windows: [window], rates };
}

function draftOf(model: ModelInfo): Draft {
  const periods = (Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }]).map(periodOf);
  return { periods, uplift: null, maxInputTokens: model.context_window ?? null, maxOutputTokens: null };
}

/** Everything of the installed package that our providers have. */
export function draftsOfGenai(): Drafts {
  const drafts: Drafts = new Map();
  for (const [provider, source] of Object.entries(SOURCES)) {
    const models = findProvider({ providerId: source })?.models;
    if (models === undefined) throw new Error(`@pydantic/genai-prices knows no provider ${source}`);
    // an entry's own id before another entry's pattern
    for (const model of models) for (const id of idsOf(model)) put(drafts, provider, id, draftOf(model));
    for (const model of models)
      if (literals(model.match).includes(model.id)) put(drafts, provider, model.id, draftOf(model));
  }
  return drafts;
}

export function genaiVersion(): string {
  return (JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string }).version;
}

// Reads the usage objects that a provider writes again and again, all but the numbers alike, without parsing them.
import type { Usage } from "../../core/usage.ts";
import { NumberFrame } from "../../lib/number-frame.ts";
import { isObject, type JsonObject } from "../read.ts";

/** As many spellings are known at once: a provider has one or two. */
const MOST_FRAMES = 8;
const LONGEST = 1024;
/** Members that say nothing beyond `Usage` as long as they are 0. */
const DETAILS: Readonly<Record<string, readonly string[]>> = {
  prompt_tokens_details: ["cached_tokens", "audio_tokens", "cache_write_tokens"],
  completion_tokens_details: [
    "reasoning_tokens",
    "audio_tokens",
    "accepted_prediction_tokens",
    "rejected_prediction_tokens",
  ],
};
const TOTALS = ["prompt_tokens", "completion_tokens", "total_tokens"];

/** A known spelling, with the places of its numbers; -1 = it has no such member. */
interface Spelling {
  readonly frame: NumberFrame;
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
  readonly cached: number;
  readonly written: number;
  readonly reasoning: number;
  readonly zeros: readonly number[];
}

/** Made in one place for all. The one used last comes first. */
const spellings: Spelling[] = [];
let misses = 0;
/** So many that are none of the known are learnt from; afterwards one of so many, for learning costs more than parsing. */
const EAGER = 16;
const SELDOM = 64;

/** What the usage at bytes[from, to) says, where that is all in `Usage`; null: it is to be parsed. */
export function readPlainUsage(bytes: Buffer, from: number, to: number): Usage | null {
  for (let i = 0; i < spellings.length; i++) {
    const spelling = spellings[i] as Spelling;
    if (!spelling.frame.read(bytes, from, to)) continue;
    if (i > 0) {
      spellings[i] = spellings[0] as Spelling;
      spellings[0] = spelling;
    }
    return usageOf(spelling);
  }
  return learn(bytes, from, to);
}

function usageOf(places: Spelling): Usage | null {
  const { values } = places.frame;
  for (const zero of places.zeros) if (values[zero] !== 0) return null;
  const inputTokens = values[places.prompt] as number;
  const outputTokens = values[places.completion] as number;
  const cached = places.cached < 0 ? 0 : (values[places.cached] as number);
  const written = places.written < 0 ? 0 : (values[places.written] as number);
  const reasoning = places.reasoning < 0 ? 0 : (values[places.reasoning] as number);
  if (cached + written > inputTokens || reasoning > outputTokens) return null;
  // one that counts its reasoning beside the output says so by its total
  if (places.total >= 0 && reasoning > 0 && values[places.total] !== inputTokens + outputTokens) return null;
  return {
    inputTokens,
    outputTokens,
    cachedTokens: places.cached < 0 ? null : cached,
    cacheWriteTokens: places.written < 0 ? null : written,
    reasoningTokens: places.reasoning < 0 ? null : reasoning,
  };
}

function learn(bytes: Buffer, from: number, to: number): Usage | null {
  if (to - from > LONGEST || (++misses > EAGER && misses % SELDOM !== 0)) return null;
  const frame = new NumberFrame(bytes, from, to);
  const spelling = spellingOf(frame);
  if (spelling === null || !frame.read(bytes, from, to)) return null;
  misses = 0;
  if (spellings.length >= MOST_FRAMES) spellings.pop();
  spellings.unshift(spelling);
  return usageOf(spelling);
}

/** Null where it has members that `Usage` has no place for. */
function spellingOf(frame: NumberFrame): Spelling | null {
  const found = frame.isWhole ? parse(frame.indexed) : null;
  if (found === null) return null;
  const places = new Map<string, number>();
  for (const [name, value] of Object.entries(found)) {
    const details = Object.hasOwn(DETAILS, name) ? DETAILS[name] : undefined;
    if (details !== undefined && value !== null) {
      if (!isObject(value) || !note(places, value, details, `${name}.`)) return null;
    } else if (details === undefined && !note(places, { [name]: value }, TOTALS, "")) return null;
  }
  const at = (name: string): number => places.get(name) ?? -1;
  const spelling = {
    frame,
    prompt: at("prompt_tokens"),
    completion: at("completion_tokens"),
    total: at("total_tokens"),
    cached: at("prompt_tokens_details.cached_tokens"),
    written: at("prompt_tokens_details.cache_write_tokens"),
    reasoning: at("completion_tokens_details.reasoning_tokens"),
    zeros: [at("prompt_tokens_details.audio_tokens"), at("completion_tokens_details.audio_tokens")].filter(
      (place) => place >= 0,
    ),
  };
  return spelling.prompt < 0 || spelling.completion < 0 ? null : spelling;
}

/** Notes the members' places; false where one is not among the names, or no number. `null` is absent. */
function note(places: Map<string, number>, from: JsonObject, names: readonly string[], prefix: string): boolean {
  for (const [name, value] of Object.entries(from)) {
    if (!names.includes(name)) return false;
    if (value === null) continue;
    if (typeof value !== "number" || !Number.isInteger(value)) return false;
    places.set(prefix + name, value - 1);
  }
  return true;
}

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

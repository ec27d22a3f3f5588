// Token counts of the OpenAI dialect, where cached tokens are part of prompt_tokens and reasoning part of completion_tokens.
import { emptyUsage, type ToldUsage, tokenCount, type Usage } from "../../core/usage.ts";
import { isObject, type JsonObject } from "../read.ts";
import { readPlainUsage } from "./plain-usage.ts";

function details(usage: JsonObject, name: string): JsonObject {
  const value = usage[name];
  return isObject(value) ? value : {};
}

/** A part of a whole, or null where it is more than the whole. */
function partOf(value: unknown, whole: number | null): number | null {
  const count = tokenCount(value);
  return count !== null && (whole === null || count <= whole) ? count : null;
}

/** Reads a usage object; what is no count becomes null. */
export function decodeUsage(value: unknown): Usage {
  if (!isObject(value)) return emptyUsage();
  const prompt = details(value, "prompt_tokens_details");
  const completion = details(value, "completion_tokens_details");
  const inputTokens = tokenCount(value["prompt_tokens"]);
  let outputTokens = tokenCount(value["completion_tokens"]);
  const reasoning = tokenCount(completion["reasoning_tokens"]);
  // xAI counts reasoning beside completion_tokens; its total tells.
  if (inputTokens !== null && outputTokens !== null && reasoning !== null && reasoning > 0) {
    if (value["total_tokens"] === inputTokens + outputTokens + reasoning) outputTokens += reasoning;
  }
  return {
    inputTokens,
    outputTokens,
    // DeepSeek has a name of its own for it.
    cachedTokens: partOf(prompt["cached_tokens"] ?? value["prompt_cache_hit_tokens"], inputTokens),
    cacheWriteTokens: partOf(prompt["cache_write_tokens"], inputTokens),
    reasoningTokens: partOf(reasoning, outputTokens),
  };
}

/** The usage object of an answer; null where nothing is known. */
export function encodeUsage(usage: Usage): JsonObject | null {
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = usage;
  if (inputTokens === null && outputTokens === null) return null;
  const prompt: JsonObject = { cached_tokens: cachedTokens ?? 0 };
  if (cacheWriteTokens !== null) prompt["cache_write_tokens"] = cacheWriteTokens;
  return {
    prompt_tokens: inputTokens ?? 0,
    completion_tokens: outputTokens ?? 0,
    total_tokens: (inputTokens ?? 0) + (outputTokens ?? 0),
    prompt_tokens_details: prompt,
    completion_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
  };
}

/** Tiers that are the standard one: nothing that a price needs to know. */
const STANDARD: ReadonlySet<unknown> = new Set([undefined, null, "", "default", "standard", "auto"]);

function toldTier(serviceTier: unknown): string | null {
  return typeof serviceTier === "string" && !STANDARD.has(serviceTier) ? serviceTier : null;
}

/** What a parsed usage object says; null: it is none. */
export function toldUsage(value: unknown, serviceTier: unknown): ToldUsage | null {
  if (!isObject(value)) return null;
  return { usage: decodeUsage(value), report: { usage: value, serviceTier: toldTier(serviceTier) } };
}

/** The usage object at bytes[from, to), usually without making objects of it. */
export function readUsage(bytes: Buffer, from: number, to: number, serviceTier: unknown = undefined): ToldUsage {
  const usage = readPlainUsage(bytes, from, to);
  if (usage === null) {
    const text = bytes.toString("utf8", from, to);
    return { usage: decodeUsage(JSON.parse(text)), report: { usage: text, serviceTier: toldTier(serviceTier) } };
  }
  if (STANDARD.has(serviceTier)) return { usage, report: null };
  return { usage, report: { usage: bytes.toString("utf8", from, to), serviceTier: toldTier(serviceTier) } };
}

/** The usage of an answer or of a chunk: Groq tells it in a place of its own. */
export function usageIn(body: JsonObject): ToldUsage | null {
  const own = body["x_groq"];
  return toldUsage(body["usage"] ?? (isObject(own) ? own["usage"] : undefined), body["service_tier"]);
}

/** What a whole answer or event of any kind tells; null: nothing. */
export function findUsage(body: Buffer): ToldUsage | null {
  if (!body.includes('"usage"')) return null;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isObject(value) ? usageIn(value) : null;
  } catch {
    return null;
  }
}

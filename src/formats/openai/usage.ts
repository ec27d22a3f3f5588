// Token counts of the OpenAI dialect, where cached tokens are part of prompt_tokens and reasoning part of completion_tokens.
import { emptyUsage, tokenCount, type Usage } from "../../core/usage.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { readNumber } from "../../lib/json-tokens.ts";
import { isObject, type JsonObject } from "../read.ts";

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

const counts = new JsonScan([
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "prompt_tokens_details",
  "completion_tokens_details",
  "prompt_cache_hit_tokens",
]);
const [PROMPT, COMPLETION, TOTAL, PROMPT_DETAILS, COMPLETION_DETAILS, CACHE_HIT] = [0, 1, 2, 3, 4, 5] as const;
const promptDetails = new JsonScan(["cached_tokens", "cache_write_tokens"]);
const completionDetails = new JsonScan(["reasoning_tokens"]);

/** The number that a scan found; undefined: absent, or of another kind. */
function countOf(bytes: Buffer, scan: JsonScan, field: number): number | undefined {
  if (scan.types[field] !== JSON_TYPE.number) return undefined;
  return readNumber(bytes, scan.starts[field] as number, scan.ends[field] as number);
}

/** The usage object at bytes[from, to), without making objects of it: a fifth of what parsing costs. */
export function readUsage(bytes: Buffer, from: number, to: number): Usage {
  if (!counts.read(bytes, from, to)) return decodeUsage(JSON.parse(bytes.toString("utf8", from, to)));
  const usage: Record<string, unknown> = {
    prompt_tokens: countOf(bytes, counts, PROMPT),
    completion_tokens: countOf(bytes, counts, COMPLETION),
    total_tokens: countOf(bytes, counts, TOTAL),
    prompt_cache_hit_tokens: countOf(bytes, counts, CACHE_HIT),
    prompt_tokens_details: undefined,
    completion_tokens_details: undefined,
  };
  const [promptFrom, promptTo] = [counts.starts[PROMPT_DETAILS] as number, counts.ends[PROMPT_DETAILS] as number];
  const [completionFrom, completionTo] = [
    counts.starts[COMPLETION_DETAILS] as number,
    counts.ends[COMPLETION_DETAILS] as number,
  ];
  if (counts.types[PROMPT_DETAILS] === JSON_TYPE.object && promptDetails.read(bytes, promptFrom, promptTo))
    usage["prompt_tokens_details"] = {
      cached_tokens: countOf(bytes, promptDetails, 0),
      cache_write_tokens: countOf(bytes, promptDetails, 1),
    };
  if (
    counts.types[COMPLETION_DETAILS] === JSON_TYPE.object &&
    completionDetails.read(bytes, completionFrom, completionTo)
  )
    usage["completion_tokens_details"] = { reasoning_tokens: countOf(bytes, completionDetails, 0) };
  return decodeUsage(usage);
}

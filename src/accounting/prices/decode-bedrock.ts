// The usage of Bedrock's Converse API, where what was read from and written to the cache is beside the input.
import type { RawUsage } from "../../core/usage.ts";
import { inner, isObject, type Json, Report, tierOf } from "./report.ts";

export interface BedrockFacts {
  /** `serviceTier` of the answer: `{type: "priority"}`. */
  readonly serviceTier?: unknown;
}

function addWrites(report: Report, usage: Json): void {
  const total = report.tokens(usage, "cacheWriteInputTokens");
  const details = usage["cacheDetails"];
  let long = 0;
  for (const item of Array.isArray(details) ? (details as readonly unknown[]) : [])
    if (isObject(item) && item["ttl"] === "1h") long += report.part(item, "inputTokens", total - long);
  report.add("cache_write_1h", long);
  report.add("cache_write_5m", total - long);
}

/** `usage` of a Converse answer, or of the `metadata` event of its stream. */
export function decodeConverseUsage(value: unknown, facts: BedrockFacts = {}): RawUsage {
  const report = new Report();
  if (!isObject(value)) return report.usage;
  const tier = facts.serviceTier;
  report.tier = tierOf(isObject(tier) ? tier["type"] : tier);
  report.add("input", report.tokens(value, "inputTokens"));
  report.add("cached_input", report.tokens(value, "cacheReadInputTokens"));
  addWrites(report, value);
  report.add("output", report.tokens(value, "outputTokens"));
  report.add("web_search", report.amount(inner(value, "serverToolUsage"), "webSearchRequests"));
  return report.usage;
}

/** The answer of an embedding or text model that is called by InvokeModel: Titan counts in it. */
export function decodeTitanUsage(answer: unknown): RawUsage {
  const report = new Report();
  if (!isObject(answer)) return report.usage;
  report.add("input", report.tokens(answer, "inputTextTokenCount"));
  const results = answer["results"];
  for (const result of Array.isArray(results) ? (results as readonly unknown[]) : [])
    if (isObject(result)) report.add("output", report.tokens(result, "tokenCount"));
  return report.usage;
}

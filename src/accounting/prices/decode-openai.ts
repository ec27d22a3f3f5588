// The usage of OpenAI's APIs and of those that speak like them: chat, text, embeddings, responses.
import type { RawUsage, UsageKey } from "../../core/usage.ts";
import { inner, isObject, type Json, Report, reportedNano, tierOf } from "./report.ts";

/** What of an answer, besides its usage object, decides on the price. */
export interface AnswerFacts {
  /** `service_tier` of the answer. */
  readonly serviceTier?: unknown;
  /** `output` of a response: tools that ran on the provider's side have prices of their own. */
  readonly outputItems?: unknown;
}

/** Tools of the Responses API that are charged by the call. */
const TOOL_ITEMS: Readonly<Record<string, UsageKey>> = {
  web_search_call: "web_search",
  file_search_call: "file_search",
};
/** One tick of xAI's own figure, in dollars, is 10^-10. */
const TICKS_IN_NANO = 10;

/** Splits input into text, audio and pictures, and each into what was read from the cache. */
function addInput(report: Report, total: number, details: Json, cached: number): void {
  const written = report.part(details, "cache_write_tokens", total - cached);
  const audio = report.part(details, "audio_tokens", total - written);
  const image = report.part(details, "image_tokens", total - written - audio);
  const text = total - written - audio - image;
  const split = inner(details, "cached_tokens_details");
  // without a word on what was cached it was text: audio is cheaper from the cache, and nothing says that it was
  const cachedAudio = Math.min(audio, report.part(split, "audio_tokens", cached));
  const cachedImage = Math.min(image, report.part(split, "image_tokens", cached - cachedAudio));
  const cachedText = Math.min(text, cached - cachedAudio - cachedImage);
  const rest = cached - cachedAudio - cachedImage - cachedText;
  const moreAudio = Math.min(rest, audio - cachedAudio);
  const moreImage = Math.min(rest - moreAudio, image - cachedImage);
  report.add("input", text - cachedText);
  report.add("cached_input", cachedText);
  report.add("cache_write_5m", written);
  report.add("input_audio", audio - cachedAudio - moreAudio);
  report.add("cached_audio", cachedAudio + moreAudio);
  report.add("input_image", image - cachedImage - moreImage);
  report.add("cached_image", cachedImage + moreImage);
}

function addOutput(report: Report, total: number, details: Json): void {
  const reasoning = report.part(details, "reasoning_tokens", total);
  const audio = report.part(details, "audio_tokens", total - reasoning);
  const image = report.part(details, "image_tokens", total - reasoning - audio);
  report.add("output", total - reasoning - audio - image);
  report.add("reasoning", reasoning);
  report.add("output_audio", audio);
  report.add("output_image", image);
}

/** xAI counts reasoning beside the completion, which the total tells; Perplexity does where it stands beside the counts. */
function outputTotal(report: Report, usage: Json, input: number, told: number, details: Json): number {
  const reasoning = report.tokensIfTold(details, "reasoning_tokens") ?? 0;
  const isBeside = usage["reasoning_tokens"] !== undefined || usage["total_tokens"] === input + told + reasoning;
  return isBeside ? told + reasoning : told;
}

/** OpenRouter's figure. With a key of the caller's own it is the fee alone, and the host bills the rest. */
function routedCost(usage: Json, cost: unknown): number | null {
  const own = reportedNano(cost);
  const upstream =
    usage["is_byok"] === true ? reportedNano(inner(usage, "cost_details")["upstream_inference_cost"]) : 0;
  return own === null ? null : own + (upstream ?? 0);
}

/** Figures and fees that single providers put into the same object. */
function addOwnFigures(report: Report, usage: Json): void {
  const { cost } = usage;
  const ticks = usage["cost_in_usd_ticks"];
  if (isObject(cost)) report.reportedNano = reportedNano(cost["total_cost"]);
  else if (cost !== undefined && cost !== null) report.reportedNano = routedCost(usage, cost);
  else if (typeof ticks === "number" && Number.isSafeInteger(ticks) && ticks >= 0)
    report.reportedNano = Math.round(ticks / TICKS_IN_NANO);
  if (cost !== undefined && cost !== null && report.reportedNano === null) report.refuse("cost");
  report.add("citation", report.tokens(usage, "citation_tokens"));
  report.add("web_search", report.amount(usage, "num_search_queries"));
  report.add("web_search", report.amount(usage, "num_sources_used"));
  report.add("web_search", report.amount(inner(usage, "server_tool_use"), "web_search_requests"));
  const size = usage["search_context_size"];
  if (size === "low" || size === "medium" || size === "high") report.add(`request/${size}`, 1);
}

/** The usage object of a chat, text or embedding answer: OpenAI's, and what DeepSeek, Moonshot, xAI, OpenRouter, Perplexity make of it. */
export function decodeChatUsage(value: unknown, answer: AnswerFacts = {}): RawUsage {
  const report = new Report();
  if (!isObject(value)) return report.usage;
  report.tier = tierOf(answer.serviceTier ?? value["service_tier"]);
  const input = report.tokens(value, "prompt_tokens");
  const details = inner(value, "prompt_tokens_details");
  const ownName = value["prompt_cache_hit_tokens"] === undefined ? "cached_tokens" : "prompt_cache_hit_tokens";
  const cached =
    details["cached_tokens"] === undefined
      ? report.part(value, ownName, input)
      : report.part(details, "cached_tokens", input);
  addInput(report, input, details, cached);
  const told = report.tokens(value, "completion_tokens");
  // Perplexity has it beside the counts
  const completion = { ...pick(value, "reasoning_tokens"), ...inner(value, "completion_tokens_details") };
  addOutput(report, outputTotal(report, value, input, told, completion), completion);
  addOwnFigures(report, value);
  return report.usage;
}

function pick(from: Json, name: string): Json {
  return from[name] === undefined ? {} : { [name]: from[name] };
}

/** The usage object of a response, and the tools that ran in it. */
export function decodeResponsesUsage(value: unknown, answer: AnswerFacts = {}): RawUsage {
  const report = new Report();
  addTools(report, answer.outputItems);
  report.tier = tierOf(answer.serviceTier);
  if (!isObject(value)) return report.usage;
  const input = report.tokens(value, "input_tokens");
  const details = inner(value, "input_tokens_details");
  addInput(report, input, details, report.part(details, "cached_tokens", input));
  const told = report.tokens(value, "output_tokens");
  const output = inner(value, "output_tokens_details");
  addOutput(report, outputTotal(report, value, input, told, output), output);
  addOwnFigures(report, value);
  return report.usage;
}

function addTools(report: Report, items: unknown): void {
  if (!Array.isArray(items)) return;
  const sessions = new Set<unknown>();
  for (const item of items as readonly unknown[]) {
    const type = isObject(item) ? item["type"] : undefined;
    if (!isObject(item) || typeof type !== "string") continue;
    const key = Object.hasOwn(TOOL_ITEMS, type) ? TOOL_ITEMS[type] : undefined;
    // a search that opened or read a page is part of the search before it
    const action = inner(item, "action")["type"];
    if (key !== undefined && (action === undefined || action === "search")) report.add(key, 1);
    if (type === "code_interpreter_call") sessions.add(item["container_id"] ?? item);
  }
  report.add("code_interpreter", sessions.size);
}

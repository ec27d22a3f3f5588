// Makes the body of an Anthropic messages request for a provider.
import type { ChatRequest, Tool, Translated } from "../../core/chat.ts";
import type { TargetContext } from "../../core/formats.ts";
import { LossList, loseExtra } from "../losses.ts";
import { compact, type JsonObject } from "../read.ts";
import { encodeConversation } from "./encode-messages.ts";
import { refusesSampling } from "./model-generation.ts";
import { encodeThinking, type ThinkingFields } from "./thinking.ts";

/** The schema must be an object's. */
function encodeTool(tool: Tool): JsonObject {
  return compact({
    name: tool.name,
    description: tool.description,
    input_schema: { type: "object", ...(tool.parameters ?? { properties: {} }) },
    strict: tool.strict,
    cache_control: tool.cacheControl,
  });
}

function encodeToolFields(request: ChatRequest, same: boolean): JsonObject {
  const others = same && Array.isArray(request.extra["tools"]) ? (request.extra["tools"] as unknown[]) : [];
  const tools = [...(request.tools ?? []).map(encodeTool), ...others];
  if (tools.length === 0) return {};
  const { toolChoice, parallelToolCalls } = request;
  // "One call at a time" is a setting of the choice here; `none` knows it not.
  const single = parallelToolCalls === false && toolChoice?.type !== "none";
  const disable = single ? { disable_parallel_tool_use: true } : {};
  if (toolChoice === undefined) return single ? { tools, tool_choice: { type: "auto", ...disable } } : { tools };
  if (toolChoice.type === "tool") return { tools, tool_choice: { type: "tool", name: toolChoice.name, ...disable } };
  return { tools, tool_choice: { type: toolChoice.type === "required" ? "any" : toolChoice.type, ...disable } };
}

/** Settings of other dialects that this one has no word for: those that would change the answer are losses. */
function loseSettings(request: ChatRequest, losses: LossList): void {
  const { n, seed, logprobs, topLogprobs, frequencyPenalty, presencePenalty, logitBias } = request;
  if (n !== undefined && n > 1) losses.loss("n");
  if (seed !== undefined) losses.loss("seed");
  if (logprobs === true) losses.loss("logprobs");
  if (topLogprobs !== undefined && topLogprobs > 0) losses.loss("top_logprobs");
  if (frequencyPenalty !== undefined && frequencyPenalty !== 0) losses.loss("frequency_penalty");
  if (presencePenalty !== undefined && presencePenalty !== 0) losses.loss("presence_penalty");
  if (logitBias !== undefined && Object.keys(logitBias).length > 0) losses.loss("logit_bias");
}

/** Temperature ends at 1 here; with thinking, and on newer models, sampling is not the caller's to set. */
function encodeSampling(
  request: ChatRequest,
  model: string,
  thinks: boolean,
  same: boolean,
  losses: LossList,
): JsonObject {
  const { temperature, topP, topK } = request;
  if (same) return compact({ temperature, top_p: topP, top_k: topK });
  const fixed = thinks || refusesSampling(model);
  if (fixed && temperature !== undefined && temperature !== 1) losses.loss("temperature");
  if (fixed && topP !== undefined && topP !== 1) losses.loss("top_p");
  if (fixed && topK !== undefined) losses.loss("top_k");
  if (fixed) return {};
  if (temperature !== undefined && temperature > 1) losses.loss("temperature");
  return compact({
    temperature: temperature === undefined ? undefined : Math.min(temperature, 1),
    top_p: topP,
    top_k: topK,
  });
}

/** Structured output is the dialect's own (`output_config.format`); JSON without a schema it does not have. */
function encodeOutput(request: ChatRequest, effort: string | undefined, same: boolean, losses: LossList): JsonObject {
  const { responseFormat: format, extra } = request;
  if (format?.type === "json") losses.loss("response_format");
  if (format?.type === "json-schema" && format.description !== undefined)
    losses.hint("response_format.json_schema.description");
  const rest = same && extra["output_config"] !== undefined ? (extra["output_config"] as JsonObject) : {};
  const output = compact({
    ...rest,
    effort,
    format: format?.type === "json-schema" ? { type: "json_schema", schema: format.schema } : undefined,
  });
  return Object.keys(output).length > 0 ? { output_config: output } : {};
}

/** Sequences of nothing but white space are refused. */
function encodeStop(stop: readonly string[] | undefined, losses: LossList): readonly string[] | undefined {
  const kept = stop?.filter((sequence) => sequence.trim() !== "");
  if (kept?.length !== stop?.length) losses.loss("stop");
  return kept === undefined || kept.length === 0 ? undefined : kept;
}

const TIERS: Record<string, string> = { auto: "auto", default: "standard_only" };

function encodeTier(tier: string | undefined, same: boolean, losses: LossList): string | undefined {
  if (tier === undefined || same) return tier;
  if (!Object.hasOwn(TIERS, tier)) losses.hint("service_tier");
  return TIERS[tier];
}

function encodeMetadata(request: ChatRequest, same: boolean, losses: LossList): JsonObject {
  if (!same && request.metadata !== undefined) losses.hint("metadata");
  const metadata = compact({ ...(same ? request.metadata : {}), user_id: request.user });
  return Object.keys(metadata).length > 0 ? { metadata } : {};
}

export function encodeRequest(request: ChatRequest, target: TargetContext): Translated<Record<string, unknown>> {
  const losses = new LossList();
  const same = request.origin === undefined || request.origin === "anthropic";
  const context = { provider: target.provider, sameDialect: same, losses };
  const { tools: _tools, output_config: _output, ...extra } = request.extra;
  if (!same) {
    loseExtra(request.extra, losses);
    loseSettings(request, losses);
  }
  const maxTokens = request.maxOutputTokens ?? target.defaultMaxOutputTokens;
  const { thinking, effort }: ThinkingFields = encodeThinking(request, target.model, maxTokens, losses);
  const thinks = thinking !== undefined && thinking["type"] !== "disabled";
  const value = compact({
    model: target.model,
    max_tokens: maxTokens,
    ...encodeConversation(request.messages, context),
    ...encodeToolFields(request, same),
    ...encodeSampling(request, target.model, thinks, same, losses),
    thinking,
    ...encodeOutput(request, effort, same, losses),
    stop_sequences: encodeStop(request.stop, losses),
    service_tier: encodeTier(request.serviceTier, same, losses),
    ...encodeMetadata(request, same, losses),
    ...(same ? extra : {}),
    stream: request.stream ? true : undefined,
  });
  return { value, losses: losses.list };
}

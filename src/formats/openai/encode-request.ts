// Makes the body of an OpenAI chat request for a provider.
import type { ChatRequest, Reasoning, Tool, Translated } from "../../core/chat.ts";
import type { TargetContext } from "../../core/formats.ts";
import { LossList, loseExtra } from "../losses.ts";
import { placeOf } from "../places.ts";
import { compact, type JsonObject } from "../read.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeResponseFormat, encodeTool, encodeToolChoice } from "./tools.ts";

/** These know the newer name alone (or refuse the older for reasoning models); the others of the family know the older. */
const TAKES_MAX_COMPLETION_TOKENS = new Set(["openai", "azure"]);

/** OpenAI's limit on stop sequences. */
const MAX_STOPS = 4;

/** A thinking budget as an effort, for targets that know no budget: the upper ends are those used the other way round. */
function effortOf(budget: number): string {
  if (budget <= 2_048) return "low";
  return budget <= 8_192 ? "medium" : "high";
}

function encodeReasoning(reasoning: Reasoning, target: TargetContext, same: boolean, losses: LossList): JsonObject {
  const { effort, maxTokens, enabled } = reasoning;
  // OpenRouter's own form of it carries all three.
  if (target.provider === "openrouter") return { reasoning: compact({ effort, max_tokens: maxTokens, enabled }) };
  if (maxTokens !== undefined) losses.hint(same ? "reasoning.max_tokens" : "thinking.budget_tokens");
  if (effort !== undefined) return { reasoning_effort: effort };
  if (maxTokens !== undefined && enabled !== false) return { reasoning_effort: effortOf(maxTokens) };
  // Models that do not reason refuse any effort: on or off alone is left to the model.
  losses.hint(same ? "reasoning.enabled" : "thinking");
  return {};
}

function encodeStop(stop: readonly string[], same: boolean, losses: LossList): readonly string[] {
  if (same || stop.length <= MAX_STOPS) return stop;
  losses.loss("stop_sequences");
  return stop.slice(0, MAX_STOPS);
}

const TIERS: Record<string, string> = { auto: "auto", standard_only: "default" };

function encodeTier(tier: string, same: boolean, losses: LossList): string | undefined {
  if (same) return tier;
  if (!Object.hasOwn(TIERS, tier)) losses.hint("service_tier");
  return TIERS[tier];
}

function encodeTools(tools: readonly Tool[], request: ChatRequest, same: boolean, losses: LossList): JsonObject {
  const others = same && Array.isArray(request.extra["tools"]) ? (request.extra["tools"] as unknown[]) : [];
  const encoded = tools.map((tool, n) => {
    if (tool.cacheControl === undefined) return encodeTool(tool);
    if (same) return { ...encodeTool(tool), cache_control: tool.cacheControl };
    losses.hint(`${placeOf(tool, `tools[${n}]`)}.cache_control`);
    return encodeTool(tool);
  });
  return encoded.length + others.length === 0 ? {} : { tools: [...encoded, ...others] };
}

/** Settings that are carried one to one. */
function encodeSettings(request: ChatRequest, same: boolean, losses: LossList): JsonObject {
  const { responseFormat, toolChoice, stop, serviceTier, topK, metadata } = request;
  if (topK !== undefined && !same) losses.loss("top_k");
  if (metadata !== undefined && !same) losses.hint("metadata");
  return compact({
    tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice),
    parallel_tool_calls: request.parallelToolCalls,
    response_format: responseFormat === undefined ? undefined : encodeResponseFormat(responseFormat),
    temperature: request.temperature,
    top_p: request.topP,
    top_k: same ? topK : undefined,
    stop: stop === undefined || stop.length === 0 ? undefined : encodeStop(stop, same, losses),
    seed: request.seed,
    n: request.n,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    logit_bias: request.logitBias,
    logprobs: request.logprobs,
    top_logprobs: request.topLogprobs,
    service_tier: serviceTier === undefined ? undefined : encodeTier(serviceTier, same, losses),
    user: request.user,
    metadata: same ? metadata : undefined,
  });
}

/** This dialect refuses a choice among tools, or parallel calls, where there are no tools. */
function dropToolFields(body: JsonObject): void {
  if (body["tools"] !== undefined) return;
  delete body["tool_choice"];
  delete body["parallel_tool_calls"];
}

export function encodeRequest(request: ChatRequest, target: TargetContext): Translated<Record<string, unknown>> {
  const losses = new LossList();
  const same = request.origin === undefined || request.origin === "openai";
  const context = { provider: target.provider, sameDialect: same, losses };
  const { tools: _tools, ...extra } = request.extra;
  if (!same) loseExtra(request.extra, losses);
  const limit = TAKES_MAX_COMPLETION_TOKENS.has(target.provider) ? "max_completion_tokens" : "max_tokens";
  const body: JsonObject = {
    model: target.model,
    messages: encodeMessages(request.messages, context),
    ...encodeTools(request.tools ?? [], request, same, losses),
    ...(request.maxOutputTokens === undefined ? {} : { [limit]: request.maxOutputTokens }),
    ...encodeSettings(request, same, losses),
    ...(request.reasoning === undefined ? {} : encodeReasoning(request.reasoning, target, same, losses)),
    ...(same ? extra : {}),
  };
  if (request.stream) {
    body["stream"] = true;
    // Asked for whether the caller did or not: what the answer cost is counted from it.
    if (target.takesStreamOptions) body["stream_options"] = { include_usage: true };
  }
  dropToolFields(body);
  return { value: body, losses: losses.list };
}

// Reasoning settings to Anthropic's `thinking` and `output_config.effort`.
import type { ChatRequest, Reasoning } from "../../core/chat.ts";
import type { LossList } from "../losses.ts";
import { compact, type JsonObject } from "../read.ts";
import { alwaysThinks, thinksByBudget } from "./model-generation.ts";

/** The least budget that is taken. */
const MIN_BUDGET = 1_024;

/** Efforts as budgets, for models that know no effort. */
const BUDGETS: Record<string, number> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000,
};

/** Efforts as this dialect names them. */
const EFFORTS: Record<string, string> = {
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "xhigh",
  max: "max",
};

export interface ThinkingFields {
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/** The caller's name for the setting. */
function fieldOf(request: ChatRequest): string {
  if (request.origin === "anthropic") return "thinking";
  return request.reasoning?.effort === undefined ? "reasoning" : "reasoning_effort";
}

/** A budget that leaves room for the answer: at most half of the limit, unless the caller named it. */
function fitBudget(reasoning: Reasoning, maxTokens: number): number {
  const wanted = reasoning.maxTokens ?? BUDGETS[reasoning.effort ?? "medium"] ?? (BUDGETS["medium"] as number);
  const most = reasoning.maxTokens === undefined ? Math.floor(maxTokens / 2) : maxTokens - 1;
  return Math.min(Math.max(wanted, MIN_BUDGET), Math.max(most, MIN_BUDGET));
}

function byBudget(request: ChatRequest, reasoning: Reasoning, maxTokens: number, losses: LossList): ThinkingFields {
  // A budget below the least or above the limit is refused: then the answer comes without thinking.
  if (maxTokens <= MIN_BUDGET) {
    losses.loss(fieldOf(request));
    return {};
  }
  return { thinking: { type: "enabled", budget_tokens: fitBudget(reasoning, maxTokens) } };
}

/** The effort whose budget would hold these tokens. */
function effortOf(maxTokens: number): string {
  return ["low", "medium"].find((name) => maxTokens <= (BUDGETS[name] as number)) ?? "high";
}

function byEffort(reasoning: Reasoning, losses: LossList): ThinkingFields {
  const { effort, maxTokens } = reasoning;
  if (maxTokens !== undefined) losses.hint("reasoning.max_tokens");
  const word = effort ?? (maxTokens === undefined ? undefined : effortOf(maxTokens));
  return { thinking: { type: "adaptive" }, ...(word === undefined ? {} : { effort: EFFORTS[word] ?? "high" }) };
}

function switchedOff(request: ChatRequest, model: string, losses: LossList): ThinkingFields {
  if (alwaysThinks(model)) {
    losses.hint(fieldOf(request));
    return { effort: "low" };
  }
  // Older models think only when told to.
  return thinksByBudget(model) ? {} : { thinking: { type: "disabled" } };
}

/** Anthropic's callers said it in this dialect: it goes on as it is. */
function asSaid(reasoning: Reasoning): ThinkingFields {
  const { enabled, maxTokens, effort } = reasoning;
  const type = enabled === false ? "disabled" : maxTokens === undefined ? "adaptive" : "enabled";
  return compact({
    thinking: enabled === undefined ? undefined : compact({ type, budget_tokens: maxTokens }),
    effort,
  }) as ThinkingFields;
}

/** The settings for this request and model; empty where nothing was asked for. */
export function encodeThinking(
  request: ChatRequest,
  model: string,
  maxTokens: number,
  losses: LossList,
): ThinkingFields {
  const { reasoning } = request;
  if (reasoning === undefined) return {};
  if (request.origin === "anthropic") return asSaid(reasoning);
  if (reasoning.enabled === false || reasoning.effort === "none" || reasoning.maxTokens === 0)
    return switchedOff(request, model, losses);
  // Thinking and a forced tool exclude each other; the tool is what the caller cannot do without.
  const forced = request.toolChoice?.type === "required" || request.toolChoice?.type === "tool";
  if (forced) {
    losses.loss(fieldOf(request));
    return alwaysThinks(model) ? { effort: "low" } : {};
  }
  return thinksByBudget(model) ? byBudget(request, reasoning, maxTokens, losses) : byEffort(reasoning, losses);
}

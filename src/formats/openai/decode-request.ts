// Reads an OpenAI chat request.
import type { ChatRequest, Reasoning, Tool, ToolChoice, Translated } from "../../core/chat.ts";
import { LossList } from "../losses.ts";
import {
  compact,
  isObject,
  type JsonObject,
  missingField,
  optionalArray,
  optionalBoolean,
  optionalCount,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  readEach,
  requireString,
} from "../read.ts";
import { decodeMessage } from "./decode-messages.ts";
import { decodeFunctions, decodeResponseFormat, decodeToolChoice, decodeTools } from "./tools.ts";

/** Fields that the canonical form has names for, and the gateway's own; every other one is extra. */
const KNOWN = new Set(
  (
    "model messages tools tool_choice functions function_call parallel_tool_calls response_format " +
    "max_tokens max_completion_tokens temperature top_p top_k stop seed n user metadata " +
    "frequency_penalty presence_penalty logit_bias logprobs top_logprobs service_tier " +
    "reasoning reasoning_effort reasoning_max_tokens stream stream_options fallbacks extra_params extra_fields"
  ).split(" "),
);

function decodeReasoning(body: JsonObject): Reasoning | undefined {
  const given = optionalObject(body["reasoning"], "reasoning") ?? {};
  const reasoning: Reasoning = compact({
    enabled: optionalBoolean(given["enabled"], "reasoning.enabled"),
    effort:
      optionalString(body["reasoning_effort"], "reasoning_effort") ??
      optionalString(given["effort"], "reasoning.effort"),
    maxTokens:
      optionalCount(body["reasoning_max_tokens"], "reasoning_max_tokens") ??
      optionalCount(given["max_tokens"], "reasoning.max_tokens"),
  });
  return Object.keys(reasoning).length > 0 ? reasoning : undefined;
}

function decodeToolFields(body: JsonObject, extra: JsonObject): { tools?: Tool[]; toolChoice?: ToolChoice } {
  const others: unknown[] = [];
  const given = optionalArray(body["tools"], "tools");
  const functions = optionalArray(body["functions"], "functions");
  const tools = [
    ...(given === undefined ? [] : decodeTools(given, others)),
    ...(functions === undefined ? [] : decodeFunctions(functions)),
  ];
  // What the canonical form does not know goes on to a target of the same dialect.
  if (others.length > 0) extra["tools"] = others;
  const field = body["tool_choice"] === undefined || body["tool_choice"] === null ? "function_call" : "tool_choice";
  const choice = body[field];
  if (isObject(choice) && isObject(choice["allowed_tools"])) extra["tool_choice"] = choice;
  return {
    ...(given === undefined && functions === undefined ? {} : { tools }),
    ...(choice === undefined || choice === null ? {} : { toolChoice: decodeToolChoice(choice, field) }),
  };
}

function decodeLogitBias(body: JsonObject): Record<string, number> | undefined {
  const bias = optionalObject(body["logit_bias"], "logit_bias");
  for (const token of Object.keys(bias ?? {})) optionalNumber(bias?.[token], `logit_bias.${token}`);
  return bias as Record<string, number> | undefined;
}

/** The numbers and switches that are carried one to one. */
function decodeSettings(body: JsonObject): Partial<ChatRequest> {
  return {
    parallelToolCalls: optionalBoolean(body["parallel_tool_calls"], "parallel_tool_calls"),
    responseFormat: decodeResponseFormat(body["response_format"]),
    maxOutputTokens:
      optionalCount(body["max_completion_tokens"], "max_completion_tokens") ??
      optionalCount(body["max_tokens"], "max_tokens"),
    temperature: optionalNumber(body["temperature"], "temperature"),
    topP: optionalNumber(body["top_p"], "top_p"),
    topK: optionalInteger(body["top_k"], "top_k"),
    stop: optionalStrings(body["stop"], "stop"),
    seed: optionalInteger(body["seed"], "seed"),
    n: optionalCount(body["n"], "n"),
    frequencyPenalty: optionalNumber(body["frequency_penalty"], "frequency_penalty"),
    presencePenalty: optionalNumber(body["presence_penalty"], "presence_penalty"),
    logitBias: decodeLogitBias(body),
    logprobs: optionalBoolean(body["logprobs"], "logprobs"),
    topLogprobs: optionalCount(body["top_logprobs"], "top_logprobs"),
    reasoning: decodeReasoning(body),
    serviceTier: optionalString(body["service_tier"], "service_tier"),
    user: optionalString(body["user"], "user"),
    metadata: optionalObject(body["metadata"], "metadata"),
  };
}

export function decodeRequest(body: Record<string, unknown>): Translated<ChatRequest> {
  const losses = new LossList();
  const extra: JsonObject = {};
  for (const [field, value] of Object.entries(body)) {
    if (!KNOWN.has(field) && field !== "__proto__") extra[field] = value;
  }
  const model = requireString(body["model"], "model");
  if (body["messages"] === undefined || body["messages"] === null) throw missingField("messages");
  const messages = readEach(body["messages"], "messages", (value, field) => decodeMessage(value, field, losses));
  const options = body["stream_options"];
  const value: ChatRequest = compact({
    model,
    messages,
    ...decodeToolFields(body, extra),
    ...decodeSettings(body),
    stream: optionalBoolean(body["stream"], "stream") ?? false,
    includeUsage: isObject(options) && options["include_usage"] === true,
    origin: "openai",
    extra,
  });
  return { value, losses: losses.list };
}

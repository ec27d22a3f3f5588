// Reads an Anthropic messages request.
import type { ChatRequest, Reasoning, ResponseFormat, Tool, ToolChoice, Translated } from "../../core/chat.ts";
import { LossList } from "../losses.ts";
import { placed } from "../places.ts";
import {
  compact,
  isObject,
  type JsonObject,
  missingField,
  optionalArray,
  optionalBoolean,
  optionalCount,
  optionalNumber,
  optionalObject,
  optionalString,
  requireObject,
  requireString,
  wrongField,
} from "../read.ts";
import { decodeCacheControl } from "./decode-blocks.ts";
import { decodeMessages, decodeSystem } from "./decode-messages.ts";

/** Fields that the canonical form has names for, and the gateway's own; every other one is extra. */
const KNOWN = new Set(
  (
    "model messages system tools tool_choice max_tokens temperature top_p top_k stop_sequences stream thinking " +
    "output_config output_format metadata service_tier fallbacks extra_params"
  ).split(" "),
);

function decodeTool(tool: JsonObject, field: string): Tool {
  return compact({
    type: "function",
    name: requireString(tool["name"], `${field}.name`),
    description: optionalString(tool["description"], `${field}.description`),
    parameters: optionalObject(tool["input_schema"], `${field}.input_schema`),
    strict: optionalBoolean(tool["strict"], `${field}.strict`),
    ...decodeCacheControl(tool["cache_control"]),
  });
}

/** Tools with a type of their own (web search, bash …) are the provider's: kept as they came. */
function decodeTools(body: JsonObject, extra: JsonObject): Tool[] | undefined {
  const values = optionalArray(body["tools"], "tools");
  if (values === undefined) return undefined;
  const tools: Tool[] = [];
  const others: unknown[] = [];
  for (const [n, value] of values.entries()) {
    const field = `tools[${n}]`;
    const tool = placed(requireObject(value, field), field);
    const type = tool["type"] ?? "custom";
    if (type === "custom") tools.push(placed(decodeTool(tool, field), field));
    else others.push(tool);
  }
  if (others.length > 0) extra["tools"] = others;
  return tools;
}

const CHOICES: Record<string, ToolChoice> = {
  auto: { type: "auto" },
  any: { type: "required" },
  none: { type: "none" },
};

function decodeToolChoice(body: JsonObject): { toolChoice?: ToolChoice; parallelToolCalls?: boolean } {
  const choice = optionalObject(body["tool_choice"], "tool_choice");
  if (choice === undefined) return {};
  const type = requireString(choice["type"], "tool_choice.type");
  const disabled = optionalBoolean(choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use");
  if (type !== "tool" && !Object.hasOwn(CHOICES, type))
    throw wrongField("tool_choice.type", "one of auto, any, tool, none");
  const named = (): ToolChoice => ({ type: "tool", name: requireString(choice["name"], "tool_choice.name") });
  return {
    toolChoice: type === "tool" ? named() : (CHOICES[type] as ToolChoice),
    ...(disabled === undefined ? {} : { parallelToolCalls: !disabled }),
  };
}

function decodeThinking(body: JsonObject, output: JsonObject): Reasoning | undefined {
  const thinking = optionalObject(body["thinking"], "thinking");
  const type = thinking === undefined ? undefined : requireString(thinking["type"], "thinking.type");
  const reasoning: Reasoning = compact({
    enabled: type === undefined ? undefined : type !== "disabled",
    effort: optionalString(output["effort"], "output_config.effort"),
    maxTokens: optionalCount(thinking?.["budget_tokens"], "thinking.budget_tokens"),
  });
  return Object.keys(reasoning).length > 0 ? reasoning : undefined;
}

/** Structured output: `output_config.format`, or `output_format` as the beta had it. This dialect gives it no name. */
function decodeFormat(body: JsonObject, output: JsonObject): ResponseFormat | undefined {
  const field = isObject(output["format"]) ? "output_config.format" : "output_format";
  const format = optionalObject(output["format"] ?? body["output_format"], field);
  if (format === undefined) return undefined;
  if (format["type"] !== "json_schema") throw wrongField(`${field}.type`, '"json_schema"');
  return { type: "json-schema", name: "answer", schema: requireObject(format["schema"], `${field}.schema`) };
}

function decodeStops(body: JsonObject): readonly string[] | undefined {
  const stops = optionalArray(body["stop_sequences"], "stop_sequences");
  return stops?.map((stop, n) => requireString(stop, `stop_sequences[${n}]`));
}

function decodeMetadata(body: JsonObject): Pick<ChatRequest, "user" | "metadata"> {
  const metadata = optionalObject(body["metadata"], "metadata");
  if (metadata === undefined) return {};
  const user = optionalString(metadata["user_id"], "metadata.user_id");
  const { user_id: _user, ...rest } = metadata;
  return compact({ user, metadata: Object.keys(rest).length > 0 ? rest : undefined });
}

/** What of the request is told apart from its parts: the fields no canonical name stands for. */
function decodeExtra(body: JsonObject, output: JsonObject): JsonObject {
  const extra: JsonObject = {};
  for (const [field, value] of Object.entries(body)) {
    if (!KNOWN.has(field) && field !== "__proto__") extra[field] = value;
  }
  const { effort: _effort, format: _format, ...rest } = output;
  if (Object.keys(rest).length > 0) extra["output_config"] = rest;
  return extra;
}

export function decodeRequest(body: Record<string, unknown>): Translated<ChatRequest> {
  const losses = new LossList();
  const model = requireString(body["model"], "model");
  if (body["messages"] === undefined || body["messages"] === null) throw missingField("messages");
  const output = optionalObject(body["output_config"], "output_config") ?? {};
  const extra = decodeExtra(body, output);
  const value: ChatRequest = compact({
    model,
    messages: [...decodeSystem(body["system"], losses), ...decodeMessages(body["messages"], losses)],
    tools: decodeTools(body, extra),
    ...decodeToolChoice(body),
    responseFormat: decodeFormat(body, output),
    maxOutputTokens: optionalCount(body["max_tokens"], "max_tokens"),
    temperature: optionalNumber(body["temperature"], "temperature"),
    topP: optionalNumber(body["top_p"], "top_p"),
    topK: optionalCount(body["top_k"], "top_k"),
    stop: decodeStops(body),
    reasoning: decodeThinking(body, output),
    serviceTier: optionalString(body["service_tier"], "service_tier"),
    ...decodeMetadata(body),
    stream: optionalBoolean(body["stream"], "stream") ?? false,
    includeUsage: true,
    origin: "anthropic",
    extra,
  });
  return { value, losses: losses.list };
}

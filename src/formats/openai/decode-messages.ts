// Reads the messages of an OpenAI chat request.
import type {
  AudioPart,
  FilePart,
  ImagePart,
  Message,
  Part,
  RefusalPart,
  TextPart,
  ToolCallPart,
} from "../../core/chat.ts";
import type { LossList } from "../losses.ts";
import { placed } from "../places.ts";
import {
  compact,
  isObject,
  type JsonObject,
  mediaSource,
  optionalString,
  readEach,
  requireObject,
  requireString,
  wrongField,
} from "../read.ts";
import { decodeReasoning, readClientSignature } from "./reasoning.ts";

type ContentPart = TextPart | ImagePart | FilePart | AudioPart | RefusalPart;

/** `cache_control` of OpenAI-like providers, which pass it on to Anthropic. */
export function decodeCacheControl(value: unknown): { cacheControl?: TextPart["cacheControl"] } {
  if (!isObject(value) || value["type"] !== "ephemeral") return {};
  const ttl = value["ttl"];
  return { cacheControl: compact({ type: "ephemeral", ttl: typeof ttl === "string" ? ttl : undefined }) };
}

function decodeImage(part: JsonObject, field: string): ImagePart {
  const image =
    typeof part["image_url"] === "string"
      ? { url: part["image_url"] }
      : requireObject(part["image_url"], `${field}.image_url`);
  const detail = optionalString(image["detail"], `${field}.image_url.detail`);
  const known = detail === "auto" || detail === "low" || detail === "high" ? detail : undefined;
  return compact({
    type: "image",
    source: mediaSource(requireString(image["url"], `${field}.image_url.url`)),
    detail: known,
  });
}

function decodeFile(part: JsonObject, field: string): FilePart {
  const file = requireObject(part["file"], `${field}.file`);
  const name = optionalString(file["filename"], `${field}.file.filename`);
  const id = optionalString(file["file_id"], `${field}.file.file_id`);
  if (id !== undefined) return compact({ type: "file", source: { type: "id", id }, name });
  const data = requireString(file["file_data"], `${field}.file.file_data`);
  const isUrl = data.startsWith("data:") || data.startsWith("https:") || data.startsWith("http:");
  const source = isUrl ? mediaSource(data) : ({ type: "base64", mediaType: "application/pdf", data } as const);
  return compact({ type: "file", source, name });
}

function decodeAudio(part: JsonObject, field: string): AudioPart {
  const audio = requireObject(part["input_audio"], `${field}.input_audio`);
  return {
    type: "audio",
    data: requireString(audio["data"], `${field}.input_audio.data`),
    format: requireString(audio["format"], `${field}.input_audio.format`),
  };
}

const PARTS: Record<string, (part: JsonObject, field: string) => ContentPart> = {
  text: (part, field) => ({ type: "text", text: requireString(part["text"], `${field}.text`) }),
  // some clients send the Responses API's names here
  input_text: (part, field) => ({ type: "text", text: requireString(part["text"], `${field}.text`) }),
  refusal: (part, field) => ({ type: "refusal", text: requireString(part["refusal"], `${field}.refusal`) }),
  image_url: decodeImage,
  file: decodeFile,
  input_audio: decodeAudio,
};

/** The parts of a message's content: a string, a list of parts, or nothing. */
function decodeContent(value: unknown, field: string): ContentPart[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return value === "" ? [] : [placed({ type: "text", text: value }, field)];
  if (!Array.isArray(value)) throw wrongField(field, "a string or a list of parts");
  return readEach(value, field, (element, at) => {
    const part = requireObject(element, at);
    const type = requireString(part["type"], `${at}.type`);
    const decode = Object.hasOwn(PARTS, type) ? PARTS[type] : undefined;
    if (decode === undefined) throw wrongField(`${at}.type`, `one of ${Object.keys(PARTS).join(", ")}`);
    return placed({ ...decode(part, at), ...decodeCacheControl(part["cache_control"]) }, at);
  });
}

function decodeToolCall(value: unknown, field: string): ToolCallPart {
  const call = requireObject(value, field);
  const body = isObject(call["custom"]) ? call["custom"] : requireObject(call["function"], `${field}.function`);
  const part: ToolCallPart = {
    type: "tool-call",
    id: requireString(call["id"], `${field}.id`),
    name: requireString(body["name"], `${field}.function.name`),
    arguments: optionalString(body["arguments"] ?? body["input"], `${field}.function.arguments`) ?? "",
  };
  return placed(part, field);
}

/** The id that stands for a deprecated `function_call`, which had none. */
function functionCallId(name: string): string {
  return `call_${name}`;
}

function decodeAssistant(message: JsonObject, field: string, losses: LossList): Part[] {
  const parts: Part[] = decodeReasoning(message, readClientSignature).map((part) =>
    placed(part, `${field}.reasoning_content`),
  );
  parts.push(...decodeContent(message["content"], `${field}.content`));
  const refusal = optionalString(message["refusal"], `${field}.refusal`);
  if (refusal !== undefined && refusal !== "") parts.push({ type: "refusal", text: refusal });
  if (message["tool_calls"] !== undefined && message["tool_calls"] !== null)
    parts.push(...readEach(message["tool_calls"], `${field}.tool_calls`, decodeToolCall));
  const legacy = message["function_call"];
  if (isObject(legacy)) {
    const name = requireString(legacy["name"], `${field}.function_call.name`);
    const text = optionalString(legacy["arguments"], `${field}.function_call.arguments`) ?? "";
    parts.push({ type: "tool-call", id: functionCallId(name), name, arguments: text });
  }
  if (message["audio"] !== undefined && message["audio"] !== null) losses.loss(`${field}.audio`);
  return parts;
}

function decodeToolResult(message: JsonObject, field: string): Part[] {
  const id =
    message["role"] === "function"
      ? functionCallId(requireString(message["name"], `${field}.name`))
      : requireString(message["tool_call_id"], `${field}.tool_call_id`);
  const content = decodeContent(message["content"], `${field}.content`).map((part) => {
    if (part.type === "audio") throw wrongField(`${field}.content`, "text, images or files");
    return part.type === "refusal" ? ({ type: "text", text: part.text } as const) : part;
  });
  return [placed({ type: "tool-result", id, content }, field)];
}

const ROLES = new Set(["system", "developer", "user", "assistant", "tool", "function"]);

/** Reads one message; each becomes one canonical message. */
export function decodeMessage(value: unknown, field: string, losses: LossList): Message {
  const message = requireObject(value, field);
  const role = requireString(message["role"], `${field}.role`);
  if (!ROLES.has(role)) throw wrongField(`${field}.role`, `one of ${[...ROLES].join(", ")}`);
  const name = role === "function" ? undefined : optionalString(message["name"], `${field}.name`);
  if (role === "tool" || role === "function")
    return placed({ role: "tool", content: decodeToolResult(message, field) }, field);
  const content =
    role === "assistant"
      ? decodeAssistant(message, field, losses)
      : decodeContent(message["content"], `${field}.content`);
  return placed(compact({ role: role as Message["role"], content, name }), field);
}

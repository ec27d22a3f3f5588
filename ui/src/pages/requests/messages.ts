// The messages of a request in parts that can be shown: texts, media as facts, tool calls; out of the body or what the log lists.
import type { LogMessage, LogRow } from "../../../../src/core/stores.ts";

/** A piece of a message. */
export type MessagePart =
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | { readonly type: "media"; readonly kind: string; readonly facts: string }
  | { readonly type: "tool-call"; readonly name: string; readonly id: string; readonly input: string }
  | { readonly type: "tool-result"; readonly id: string; readonly text: string };

export interface ShownMessage {
  readonly role: string;
  readonly parts: readonly MessagePart[];
  /** Of what is not kept: its kind and length. */
  readonly missing: { readonly kind: string; readonly bytes: number | null } | null;
}

type Json = Readonly<Record<string, unknown>>;

/** The request's messages, from the whole body where it is kept, else as the log lists them. */
export function requestMessages(record: Pick<LogRow, "raw_request" | "input_history">): readonly ShownMessage[] {
  const body = parsed(record.raw_request);
  const whole = body === null ? [] : bodyMessages(body);
  return whole.length > 0 ? whole : record.input_history.map(listed);
}

function listed({ role, content, kind = "text", bytes }: LogMessage): ShownMessage {
  if (content === "") return { role, parts: [], missing: { kind, bytes: bytes ?? null } };
  return { role, parts: [{ type: "text", text: content }], missing: null };
}

function bodyMessages(body: Json): ShownMessage[] {
  const system = body["system"] ?? body["instructions"] ?? (body["systemInstruction"] as Json | undefined)?.["parts"];
  const list = listOf(body["messages"]) ?? listOf(body["input"]) ?? listOf(body["contents"]);
  const first = system === undefined || system === null ? [] : [message("system", system)];
  if (list !== null) return [...first, ...list.map((one) => messageOf(one))];
  const prompt = body["prompt"] ?? body["input"];
  return prompt === undefined ? first : [...first, message("user", prompt)];
}

function messageOf(value: unknown): ShownMessage {
  if (typeof value === "string") return message("user", value);
  const one = asObject(value);
  const role = typeof one["role"] === "string" ? one["role"] : roleByType(one["type"]);
  // items of a list of responses stand by themselves
  const own = one["role"] === undefined && one["type"] !== undefined ? partOf(one) : [];
  const content = partsOf(one["content"] ?? one["parts"]);
  const said = one["tool_call_id"] === undefined ? content : [toolResult(one["tool_call_id"], one["content"])];
  return { role, parts: [...own, ...reasoningOf(one), ...said, ...toolCalls(one["tool_calls"])], missing: null };
}

function roleByType(type: unknown): string {
  if (type === "function_call_output" || type === "custom_tool_call_output") return "tool";
  return type === undefined ? "user" : "assistant";
}

function message(role: string, content: unknown): ShownMessage {
  return { role, parts: partsOf(content), missing: null };
}

function partsOf(content: unknown): MessagePart[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content)
    ? content.flatMap((one) => (typeof one === "string" ? partsOf(one) : partOf(asObject(one))))
    : partOf(asObject(content));
}

function reasoningOf({ reasoning_content: reasoning }: Json): MessagePart[] {
  return typeof reasoning === "string" && reasoning !== "" ? [{ type: "reasoning", text: reasoning }] : [];
}

function partOf(part: Json): MessagePart[] {
  const { type, text } = part;
  if (type === "thinking" || type === "reasoning")
    return [{ type: "reasoning", text: textOf(part["thinking"] ?? part["summary"] ?? text) }];
  if (type === "tool_use" || type === "function_call")
    return [call(part["name"], part["call_id"] ?? part["id"], part["input"] ?? part["arguments"])];
  if (type === "tool_result") return [toolResult(part["tool_use_id"], part["content"])];
  if (type === "function_call_output") return [toolResult(part["call_id"], part["output"])];
  if (part["functionCall"] !== undefined)
    return [call(asObject(part["functionCall"])["name"], "", asObject(part["functionCall"])["args"])];
  if (part["functionResponse"] !== undefined)
    return [toolResult(asObject(part["functionResponse"])["name"], asObject(part["functionResponse"])["response"])];
  if (typeof text === "string") return [{ type: "text", text }];
  const media = mediaOf(part);
  return media === null ? [{ type: "text", text: JSON.stringify(part) }] : [media];
}

/** Pictures and files are told as facts: nothing of a prompt is fetched or drawn. */
function mediaOf(part: Json): MessagePart | null {
  const source = asObject(
    part["source"] ??
      part["image_url"] ??
      part["input_audio"] ??
      part["file"] ??
      part["inlineData"] ??
      part["fileData"],
  );
  const place =
    typeof part["image_url"] === "string"
      ? part["image_url"]
      : (source["url"] ?? source["data"] ?? source["file_data"] ?? source["fileUri"] ?? part["file_url"]);
  const id = source["file_id"] ?? part["file_id"];
  if (typeof place !== "string" && typeof id !== "string") return null;
  const kind = String(part["type"] ?? "media")
    .replace(/^input_/, "")
    .replace(/_url$/, "");
  const type =
    source["media_type"] ?? source["mimeType"] ?? source["format"] ?? /^data:([^;,]+)/.exec(String(place))?.[1];
  const facts = [
    typeof type === "string" ? type : "",
    typeof id === "string" ? `id ${id}` : "",
    typeof place === "string" ? placeFacts(place) : "",
  ];
  return { type: "media", kind, facts: facts.filter((one) => one !== "").join(", ") };
}

function placeFacts(place: string): string {
  if (/^(https?|gs|s3|file):/i.test(place)) return `at ${place.length > 200 ? `${place.slice(0, 200)}…` : place}`;
  const data = place.slice(place.indexOf(",") + 1);
  return `${Math.round((data.length * 3) / 4).toLocaleString("en-US")} bytes inside`;
}

function toolCalls(calls: unknown): MessagePart[] {
  return (listOf(calls) ?? []).map((one) => {
    const { id, function: called } = asObject(one);
    return call(asObject(called)["name"], id, asObject(called)["arguments"]);
  });
}

function call(name: unknown, id: unknown, input: unknown): MessagePart {
  return { type: "tool-call", name: textOf(name), id: textOf(id), input: indented(input) };
}

function toolResult(id: unknown, content: unknown): MessagePart {
  const text =
    typeof content === "string"
      ? content
      : Array.isArray(content)
        ? content.map((one) => textOf(asObject(one)["text"] ?? one)).join("\n")
        : indented(content);
  return { type: "tool-result", id: textOf(id), text };
}

/** Arguments come as JSON text; what is none stays as it is. */
function indented(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value ?? {}, null, 2);
  const object = parsed(value);
  return object === null ? value : JSON.stringify(object, null, 2);
}

/** The answer: its text as the log has it, and the tools that it calls. */
export function answerMessage(record: Pick<LogRow, "output_message" | "raw_response">): ShownMessage | null {
  const { output_message: output, raw_response: raw } = record;
  const calls = raw === null ? [] : answerCalls(raw);
  if (output === null && calls.length === 0) return null;
  const text: MessagePart[] = output === null || output.content === "" ? [] : [{ type: "text", text: output.content }];
  return { role: output?.role ?? "assistant", parts: [...text, ...calls], missing: null };
}

function answerCalls(raw: string): MessagePart[] {
  const body = parsed(raw);
  if (body === null) return streamedCalls(raw);
  const choice = asObject(listOf(body["choices"])?.[0]);
  const items = [...(listOf(body["content"]) ?? []), ...(listOf(body["output"]) ?? [])];
  return [
    ...toolCalls(asObject(choice["message"])["tool_calls"]),
    ...items.flatMap((one) => partOf(asObject(one)).filter(({ type }) => type === "tool-call")),
  ];
}

interface Building {
  name: string;
  id: string;
  input: string;
}

/** Tools that are called in a stream, put together from its events. */
function streamedCalls(raw: string): MessagePart[] {
  const calls = new Map<string, Building>();
  const at = (key: string): Building => {
    const found = calls.get(key) ?? { name: "", id: "", input: "" };
    calls.set(key, found);
    return found;
  };
  for (const line of raw.split("\n")) {
    if (!line.startsWith("data:") || !/tool|input_json/.test(line)) continue;
    const event = parsed(line.slice(5));
    if (event !== null) takeEvent(event, at);
  }
  return [...calls.values()].map(({ name, id, input }) => call(name, id, input));
}

function takeEvent(event: Json, at: (key: string) => Building): void {
  for (const one of listOf(asObject(asObject(listOf(event["choices"])?.[0])["delta"])["tool_calls"]) ?? []) {
    const { index, id, function: called } = asObject(one);
    const building = at(String(index));
    building.id ||= textOf(id);
    building.name ||= textOf(asObject(called)["name"]);
    building.input += textOf(asObject(called)["arguments"]);
  }
  const block = asObject(event["content_block"]);
  if (event["type"] === "content_block_start" && block["type"] === "tool_use")
    Object.assign(at(String(event["index"])), { name: textOf(block["name"]), id: textOf(block["id"]) });
  const delta = asObject(event["delta"]);
  if (delta["type"] === "input_json_delta") at(String(event["index"])).input += textOf(delta["partial_json"]);
}

function parsed(text: string | null): Json | null {
  if (text === null || !/^\s*\{/.test(text)) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  return Array.isArray(value)
    ? value.map((one) => textOf(asObject(one)["text"] ?? one)).join("\n")
    : JSON.stringify(value);
}

/** The beginning of a message in one line. */
export function headline({ parts }: ShownMessage): string {
  for (const part of parts) {
    if (part.type === "tool-call") return `calls ${part.name}`;
    if (part.type === "media") return part.kind;
    const line = part.text.slice(0, 400).replaceAll(/\s+/g, " ").trim();
    if (line !== "") return line.slice(0, 160);
  }
  return "";
}

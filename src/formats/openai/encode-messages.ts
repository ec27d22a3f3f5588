// Makes the messages of an OpenAI chat request.
import type { FilePart, Message, Part, ToolResultPart } from "../../core/chat.ts";
import type { LossList } from "../losses.ts";
import { placeOf } from "../places.ts";
import { compact, type JsonObject, mediaUrl } from "../read.ts";
import { encodeReasoning } from "./reasoning.ts";

/** What the translation of one request needs to know everywhere. */
export interface EncodeContext {
  /** The provider type, whose signatures alone may go on. */
  readonly provider: string;
  /** The caller spoke this dialect: its ids and markers mean something to the target. */
  readonly sameDialect: boolean;
  readonly losses: LossList;
}

function encodeFile(part: FilePart, field: string, context: EncodeContext): JsonObject | null {
  const { source, name } = part;
  if (source.type === "text") return { type: "text", text: source.text };
  if (source.type === "base64" || (source.type === "url" && context.sameDialect)) {
    const filename =
      name ?? (source.type === "base64" && source.mediaType === "application/pdf" ? "document.pdf" : undefined);
    return { type: "file", file: compact({ file_data: mediaUrl(source), filename }) };
  }
  if (source.type === "id" && context.sameDialect)
    return { type: "file", file: compact({ file_id: source.id, filename: name }) };
  // A file's id is known to its own provider alone, and this dialect fetches no addresses.
  context.losses.loss(field);
  return null;
}

/** One content part; null where it has no place among them. */
function encodePart(part: Part, field: string, context: EncodeContext): JsonObject | null {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "refusal":
      return { type: "refusal", refusal: part.text };
    case "image":
      return { type: "image_url", image_url: compact({ url: mediaUrl(part.source), detail: part.detail }) };
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
    case "file":
      return encodeFile(part, field, context);
    default:
      return null;
  }
}

function encodeMarked(part: Part, field: string, context: EncodeContext): JsonObject | null {
  const encoded = encodePart(part, field, context);
  const cacheControl = "cacheControl" in part ? part.cacheControl : undefined;
  if ("citations" in part && part.citations !== undefined) context.losses.hint(`${field}.citations`);
  if (cacheControl === undefined || encoded === null) return encoded;
  if (context.sameDialect) return { ...encoded, cache_control: cacheControl };
  context.losses.hint(`${field}.cache_control`);
  return encoded;
}

/** Content as a plain string where it is one text and nothing else, as most servers of this dialect like it best. */
function encodeContent(parts: readonly Part[], field: string, context: EncodeContext): string | JsonObject[] {
  const encoded = parts.map((part, n) => encodeMarked(part, placeOf(part, `${field}.content[${n}]`), context));
  const known = encoded.filter((part) => part !== null);
  const [only] = known;
  if (known.length === 0) return "";
  if (known.length === 1 && only?.["type"] === "text" && only["cache_control"] === undefined)
    return only["text"] as string;
  return known;
}

/** The thinking that may go to this provider: its own, or what a caller of this dialect sent without a mark. */
function ownThinking(parts: readonly Part[], field: string, context: EncodeContext): Part[] {
  const thinking = parts.filter((part) => part.type === "thinking" || part.type === "redacted-thinking");
  const own: Part[] = [];
  for (const part of thinking) {
    if (part.issuer === context.provider || (part.issuer === undefined && context.sameDialect)) own.push(part);
    else context.losses.hint(placeOf(part, `${field}.thinking`));
  }
  return own;
}

function encodeAssistant(message: Message, field: string, context: EncodeContext): JsonObject {
  const text = message.content.filter((part) => part.type === "text" || part.type === "image" || part.type === "file");
  const refusals = message.content.flatMap((part) => (part.type === "refusal" ? [part.text] : []));
  const calls = message.content.flatMap((part) => (part.type === "tool-call" ? [part] : []));
  for (const call of calls) {
    if (call.cacheControl !== undefined) context.losses.hint(`${placeOf(call, field)}.cache_control`);
  }
  return {
    role: "assistant",
    content: text.length === 0 ? null : encodeContent(text, field, context),
    ...encodeReasoning(ownThinking(message.content, field, context), false),
    ...(refusals.length === 0 ? {} : { refusal: refusals.join("") }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map(({ id, name, arguments: text }) => ({
            id,
            type: "function",
            // Strict servers parse the arguments of past calls and refuse no text at all.
            function: { name, arguments: text === "" ? "{}" : text },
          })),
        }),
    ...(message.name === undefined ? {} : { name: message.name }),
  };
}

interface Results {
  readonly messages: JsonObject[];
  /** Images and files, which tool messages of this dialect cannot hold. */
  readonly media: JsonObject[];
}

function encodeToolResult(part: ToolResultPart, field: string, context: EncodeContext): Results {
  if (part.isError === true) context.losses.hint(`${field}.is_error`);
  if (part.cacheControl !== undefined) context.losses.hint(`${field}.cache_control`);
  const texts = part.content.filter((inner) => inner.type === "text");
  const others = part.content.filter((inner) => inner.type !== "text");
  const media = others.map((inner, n) => encodeMarked(inner, placeOf(inner, `${field}.content[${n}]`), context));
  const content =
    texts.length === 0 && media.length > 0 ? "(see the next message)" : encodeContent(texts, field, context);
  return {
    messages: [{ role: "tool", tool_call_id: part.id, content }],
    media: media.filter((inner) => inner !== null),
  };
}

/**
 * All messages. Images and files in tool results follow in a user message of their own, behind the last result of the
 * run, since nothing may stand between a call and its results.
 */
export function encodeMessages(messages: readonly Message[], context: EncodeContext): JsonObject[] {
  const encoded: JsonObject[] = [];
  let media: JsonObject[] = [];
  const flush = () => {
    if (media.length > 0) encoded.push({ role: "user", content: media });
    media = [];
  };
  for (const [n, message] of messages.entries()) {
    const field = placeOf(message, `messages[${n}]`);
    if (message.role !== "tool") flush();
    if (message.role === "assistant") encoded.push(encodeAssistant(message, field, context));
    else if (message.role === "tool") {
      for (const part of message.content) {
        if (part.type !== "tool-result") continue;
        const results = encodeToolResult(part, placeOf(part, field), context);
        encoded.push(...results.messages);
        media.push(...results.media);
      }
    } else {
      const content = encodeContent(message.content, field, context);
      encoded.push(compact({ role: message.role, content, name: message.name }));
    }
  }
  flush();
  return encoded;
}

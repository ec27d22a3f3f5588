// Makes content blocks of the Anthropic dialect, for requests.
import type { FilePart, ImagePart, Part, TextPart, ToolResultPart } from "../../core/chat.ts";
import type { LossList } from "../losses.ts";
import { placeOf } from "../places.ts";
import { compact, type JsonObject } from "../read.ts";
import { argumentsToObject } from "../tool-arguments.ts";

/** What the translation of one request needs to know everywhere. */
export interface EncodeContext {
  /** The provider type, whose signatures alone may go on. */
  readonly provider: string;
  /** The caller spoke this dialect: its file ids mean something to the target. */
  readonly sameDialect: boolean;
  readonly losses: LossList;
}

/** Ids may hold letters, digits, `_` and `-` here; other servers' have dots and colons. The same in call and result. */
export function toolId(id: string): string {
  const clean = id.replace(/[^a-zA-Z0-9_-]/g, "_");
  return clean === "" ? "call" : clean;
}

function encodeImage(part: ImagePart, field: string, context: EncodeContext): JsonObject {
  if (part.detail === "low" || part.detail === "high") context.losses.hint(`${field}.image_url.detail`);
  const { source } = part;
  if (source.type === "url") return { type: "image", source };
  return { type: "image", source: { type: "base64", media_type: source.mediaType, data: source.data } };
}

function documentSource(part: FilePart): JsonObject | null {
  const { source } = part;
  if (source.type === "url") return { type: "url", url: source.url };
  if (source.type === "text") return { type: "text", media_type: "text/plain", data: source.text };
  if (source.type === "id") return { type: "file", file_id: source.id };
  if (source.mediaType === "application/pdf")
    return { type: "base64", media_type: source.mediaType, data: source.data };
  // Any kind of text is taken as plain text; other kinds of file are not known here.
  if (!/^text\/|^application\/(json|xml|x-yaml|yaml)/.test(source.mediaType)) return null;
  return { type: "text", media_type: "text/plain", data: Buffer.from(source.data, "base64").toString("utf8") };
}

function encodeFile(part: FilePart, field: string, context: EncodeContext): JsonObject | null {
  if (part.source.type === "base64" && part.source.mediaType.startsWith("image/"))
    return encodeImage({ type: "image", source: part.source }, field, context);
  const foreign = part.source.type === "id" && !context.sameDialect;
  const source = foreign ? null : documentSource(part);
  if (source === null) {
    context.losses.loss(field);
    return null;
  }
  return compact({ type: "document", source, title: part.name });
}

function encodeText(part: TextPart, field: string, context: EncodeContext): JsonObject | null {
  // An empty text block is refused.
  if (part.text === "") return null;
  if (part.citations === undefined) return { type: "text", text: part.text };
  if (context.sameDialect) return { type: "text", text: part.text, citations: part.citations };
  context.losses.hint(`${field}.citations`);
  return { type: "text", text: part.text };
}

function encodeToolResult(part: ToolResultPart, field: string, context: EncodeContext): JsonObject {
  const content = encodeBlocks(part.content, field, context);
  const [only] = content;
  const isText = content.length === 1 && only?.["type"] === "text" && Object.keys(only).length === 2;
  return compact({
    type: "tool_result",
    tool_use_id: toolId(part.id),
    content: isText ? only["text"] : content.length === 0 ? "" : content,
    is_error: part.isError,
  });
}

/** Reasoning goes back to the provider that signed it, and to no other. */
function encodeThinking(part: Part, field: string, context: EncodeContext): JsonObject | null {
  if (
    part.type === "thinking" &&
    part.issuer === context.provider &&
    part.signature !== undefined &&
    part.signature !== ""
  )
    return { type: "thinking", thinking: part.text, signature: part.signature };
  if (part.type === "redacted-thinking" && part.issuer === context.provider)
    return { type: "redacted_thinking", data: part.data };
  context.losses.hint(field);
  return null;
}

function encodeBlock(part: Part, field: string, context: EncodeContext): JsonObject | null {
  switch (part.type) {
    case "text":
      return encodeText(part, field, context);
    case "refusal":
      return part.text === "" ? null : { type: "text", text: part.text };
    case "image":
      return encodeImage(part, field, context);
    case "file":
      return encodeFile(part, field, context);
    case "audio":
      context.losses.loss(`${field}.input_audio`);
      return null;
    case "thinking":
    case "redacted-thinking":
      return encodeThinking(part, field, context);
    case "tool-call":
      return { type: "tool_use", id: toolId(part.id), name: part.name, input: argumentsToObject(part.arguments) };
    case "tool-result":
      return encodeToolResult(part, field, context);
  }
}

/** The blocks of a message's parts; `field` is where the message stands. */
export function encodeBlocks(parts: readonly Part[], field: string, context: EncodeContext): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const [n, part] of parts.entries()) {
    const block = encodeBlock(part, placeOf(part, `${field}.content[${n}]`), context);
    if (block === null) continue;
    const cacheControl = "cacheControl" in part ? part.cacheControl : undefined;
    blocks.push(cacheControl === undefined ? block : { ...block, cache_control: cacheControl });
  }
  return blocks;
}

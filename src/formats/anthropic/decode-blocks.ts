// Reads content blocks of the Anthropic dialect, as requests have them.
import type {
  CacheControl,
  FilePart,
  ImagePart,
  MediaSource,
  Part,
  TextPart,
  ToolResultPart,
} from "../../core/chat.ts";
import type { LossList } from "../losses.ts";
import { placed } from "../places.ts";
import {
  compact,
  isObject,
  type JsonObject,
  optionalBoolean,
  optionalString,
  requireObject,
  requireString,
  wrongField,
} from "../read.ts";
import { readSignature } from "../signatures.ts";
import { argumentsToText } from "../tool-arguments.ts";

/** The issuer whose signatures stand unmarked in this dialect. */
export const OWN_ISSUER = "anthropic";

export function decodeCacheControl(value: unknown): { cacheControl?: CacheControl } {
  if (!isObject(value) || value["type"] !== "ephemeral") return {};
  const ttl = value["ttl"];
  return { cacheControl: compact({ type: "ephemeral", ttl: typeof ttl === "string" ? ttl : undefined }) };
}

function decodeSource(value: unknown, field: string): MediaSource {
  const source = requireObject(value, field);
  if (source["type"] === "url") return { type: "url", url: requireString(source["url"], `${field}.url`) };
  if (source["type"] !== "base64") throw wrongField(`${field}.type`, 'one of "base64", "url"');
  return {
    type: "base64",
    mediaType: requireString(source["media_type"], `${field}.media_type`),
    data: requireString(source["data"], `${field}.data`),
  };
}

function decodeText(block: JsonObject, field: string): TextPart {
  const citations = Array.isArray(block["citations"]) ? (block["citations"] as unknown[]) : undefined;
  return compact({ type: "text", text: requireString(block["text"], `${field}.text`), citations });
}

function decodeImage(block: JsonObject, field: string): ImagePart | FilePart {
  const source = requireObject(block["source"], `${field}.source`);
  if (source["type"] === "file")
    return { type: "file", source: { type: "id", id: requireString(source["file_id"], `${field}.source.file_id`) } };
  return { type: "image", source: decodeSource(source, `${field}.source`) };
}

/** The text of a `content` source, which is a document made of blocks. */
function blocksText(value: unknown, field: string, losses: LossList): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) throw wrongField(field, "a string or a list of blocks");
  const texts = value.map((block) => (isObject(block) && typeof block["text"] === "string" ? block["text"] : null));
  if (texts.includes(null)) losses.loss(field);
  return texts.filter((text) => text !== null).join("\n");
}

function decodeDocument(block: JsonObject, field: string, losses: LossList): FilePart {
  const at = `${field}.source`;
  const source = requireObject(block["source"], at);
  const name = optionalString(block["title"], `${field}.title`);
  if (typeof block["context"] === "string") losses.loss(`${field}.context`);
  if (isObject(block["citations"]) && block["citations"]["enabled"] === true) losses.loss(`${field}.citations`);
  const type = requireString(source["type"], `${at}.type`);
  if (type === "text")
    return compact({ type: "file", source: { type: "text", text: requireString(source["data"], `${at}.data`) }, name });
  if (type === "content")
    return compact({
      type: "file",
      source: { type: "text", text: blocksText(source["content"], `${at}.content`, losses) },
      name,
    });
  if (type === "file")
    return compact({
      type: "file",
      source: { type: "id", id: requireString(source["file_id"], `${at}.file_id`) },
      name,
    });
  return compact({ type: "file", source: decodeSource(source, at), name });
}

type ResultContent = ToolResultPart["content"][number];

function decodeToolResult(block: JsonObject, field: string, losses: LossList): ToolResultPart {
  const at = `${field}.content`;
  const content = decodeBlocks(block["content"] ?? [], at, losses).filter((part): part is ResultContent => {
    const fits = part.type === "text" || part.type === "image" || part.type === "file";
    if (!fits) throw wrongField(at, "a string or a list of text, image and document blocks");
    return fits;
  });
  return compact({
    type: "tool-result",
    id: requireString(block["tool_use_id"], `${field}.tool_use_id`),
    content,
    isError: optionalBoolean(block["is_error"], `${field}.is_error`),
  });
}

type Decode = (block: JsonObject, field: string, losses: LossList) => Part;

const BLOCKS: Record<string, Decode> = {
  text: decodeText,
  image: decodeImage,
  document: decodeDocument,
  tool_result: decodeToolResult,
  tool_use: (block, field) => ({
    type: "tool-call",
    id: requireString(block["id"], `${field}.id`),
    name: requireString(block["name"], `${field}.name`),
    arguments: argumentsToText(block["input"] ?? {}),
  }),
  thinking: (block, field) => ({
    type: "thinking",
    text: requireString(block["thinking"], `${field}.thinking`),
    ...readSignature(optionalString(block["signature"], `${field}.signature`) ?? "", OWN_ISSUER),
  }),
  redacted_thinking: (block, field) => {
    const { signature, issuer } = readSignature(requireString(block["data"], `${field}.data`), OWN_ISSUER);
    return compact({ type: "redacted-thinking", data: signature, issuer });
  },
};

/** Reads content: a string or a list of blocks. Blocks that the canonical form does not know are told as losses. */
export function decodeBlocks(value: unknown, field: string, losses: LossList): Part[] {
  if (typeof value === "string") return value === "" ? [] : [placed({ type: "text", text: value }, field)];
  if (!Array.isArray(value)) throw wrongField(field, "a string or a list of blocks");
  return value.flatMap((element, n): Part[] => {
    const at = `${field}[${n}]`;
    const block = requireObject(element, at);
    const type = requireString(block["type"], `${at}.type`);
    const decode = Object.hasOwn(BLOCKS, type) ? BLOCKS[type] : undefined;
    if (decode === undefined) {
      losses.loss(at);
      return [];
    }
    return [placed({ ...decode(block, at, losses), ...decodeCacheControl(block["cache_control"]) }, at)];
  });
}

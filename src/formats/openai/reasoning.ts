// Reasoning on messages of the OpenAI dialect: `reasoning_details`, `reasoning_content` and `reasoning`, to thinking parts and back.
import type { Part, RedactedThinkingPart, ThinkingPart } from "../../core/chat.ts";
import { compact, isObject, type JsonObject } from "../read.ts";
import { markSignature, readSignature } from "../signatures.ts";

type Thinking = ThinkingPart | RedactedThinkingPart;

/** Reads a signature: a client's may be marked, a provider's is the provider's own. */
type ReadSignature = (text: string) => { readonly signature: string; readonly issuer?: string | undefined };

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/**
 * The blocks of a `reasoning_details` list. A text block may come in pieces (as streams bring them): pieces are joined
 * until a signature ends the block.
 */
function decodeDetails(details: readonly unknown[], read: ReadSignature): Thinking[] {
  const parts: Thinking[] = [];
  let text = "";
  const close = (signed?: ReturnType<ReadSignature>) => {
    if (text !== "" || signed !== undefined) parts.push(compact({ type: "thinking", text, ...signed }));
    text = "";
  };
  for (const detail of details) {
    if (!isObject(detail)) continue;
    if (detail["type"] === "reasoning.encrypted") {
      close();
      const { signature, issuer } = read(textOf(detail["data"]));
      parts.push(compact({ type: "redacted-thinking", data: signature, issuer }));
      continue;
    }
    text += textOf(detail["text"]) + textOf(detail["summary"]);
    if (typeof detail["signature"] === "string") close(read(detail["signature"]));
  }
  close();
  return parts;
}

/** The thinking parts of a message, from whichever of the three fields tells most. */
export function decodeReasoning(message: JsonObject, read: ReadSignature): Thinking[] {
  const plain = textOf(message["reasoning_content"]) || textOf(message["reasoning"]);
  const details = message["reasoning_details"];
  const parts = Array.isArray(details) ? decodeDetails(details, read) : [];
  const told = parts.some((part) => part.type === "thinking" && part.text !== "");
  if (told || plain === "") return parts;
  const first = parts[0];
  // Only the signature is in the details, the text beside them.
  if (first?.type === "thinking") return [{ ...first, text: plain }, ...parts.slice(1)];
  return [{ type: "thinking", text: plain }, ...parts];
}

/** Reads a client's signature: marked by us, or of unknown issuer. */
export function readClientSignature(text: string): ReturnType<ReadSignature> {
  return readSignature(text);
}

/** The detail for one thinking part; null where the plain text says all. */
function encodeDetail(part: Thinking, index: number, mark: boolean): JsonObject | null {
  if (part.type === "redacted-thinking")
    return { type: "reasoning.encrypted", data: mark ? markSignature(part.data, part.issuer) : part.data, index };
  if (part.signature === undefined || part.signature === "") return null;
  const signature = mark ? markSignature(part.signature, part.issuer) : part.signature;
  return { type: "reasoning.text", text: part.text, signature, index };
}

/** The message fields for thinking parts; `mark`: for a client, whose signatures carry their issuer. */
export function encodeReasoning(parts: readonly Part[], mark: boolean): JsonObject {
  const thinking = parts.filter((part) => part.type === "thinking" || part.type === "redacted-thinking");
  const text = thinking.map((part) => (part.type === "thinking" ? part.text : "")).join("");
  const details = thinking.map((part, n) => encodeDetail(part, n, mark)).filter((detail) => detail !== null);
  return {
    ...(text === "" ? {} : { reasoning_content: text }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
  };
}

// Reads the system prompt and the messages of an Anthropic request.
import type { Message, Part } from "../../core/chat.ts";
import type { LossList } from "../losses.ts";
import { placed } from "../places.ts";
import { missingField, readEach, requireObject, requireString, wrongField } from "../read.ts";
import { decodeBlocks } from "./decode-blocks.ts";

/** The system prompt as a message; none where it is absent or empty. */
export function decodeSystem(value: unknown, losses: LossList): Message[] {
  if (value === undefined || value === null) return [];
  const content = decodeBlocks(value, "system", losses);
  return content.length === 0 ? [] : [placed({ role: "system", content }, "system")];
}

/** A user's turn may hold tool results and other blocks: results and the rest become messages of their own, in order. */
function splitUser(content: readonly Part[], field: string): Message[] {
  const messages: { role: "user" | "tool"; content: Part[] }[] = [];
  for (const part of content) {
    const role = part.type === "tool-result" ? "tool" : "user";
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(part);
    else messages.push({ role, content: [part] });
  }
  return messages.map((message) => placed(message, field));
}

function decodeMessage(value: unknown, field: string, losses: LossList): Message[] {
  const message = requireObject(value, field);
  const role = requireString(message["role"], `${field}.role`);
  if (role !== "user" && role !== "assistant" && role !== "system")
    throw wrongField(`${field}.role`, 'one of "user", "assistant", "system"');
  if (message["content"] === undefined || message["content"] === null) throw missingField(`${field}.content`);
  const content = decodeBlocks(message["content"], `${field}.content`, losses);
  if (role === "user" && content.length > 0) return splitUser(content, field);
  return [placed({ role, content }, field)];
}

export function decodeMessages(value: unknown, losses: LossList): Message[] {
  return readEach(value, "messages", (element, field) => decodeMessage(element, field, losses)).flat();
}

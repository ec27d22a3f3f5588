// Takes reasoning blocks with their signatures out of a body that a provider refused because of them.
import type { Loss } from "../core/chat.ts";

const BLOCKS: ReadonlySet<unknown> = new Set(["thinking", "redacted_thinking", "reasoning"]);
const FIELDS = ["reasoning_details", "reasoning_content", "reasoning", "thinking_blocks"] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stripMessage(message: Record<string, unknown>, index: number): Loss[] {
  const losses: Loss[] = [];
  for (const field of FIELDS) {
    if (message[field] === undefined) continue;
    delete message[field];
    losses.push({ field: `messages[${index}].${field}`, kind: "hint" });
  }
  if (!Array.isArray(message["content"])) return losses;
  const kept = message["content"].filter((part: unknown) => !(isRecord(part) && BLOCKS.has(part["type"])));
  if (kept.length === message["content"].length) return losses;
  // A message may not become empty: providers refuse that too.
  message["content"] = kept.length > 0 ? kept : [{ type: "text", text: "(reasoning removed)" }];
  losses.push({ field: `messages[${index}].content[].thinking`, kind: "hint" });
  return losses;
}

/** Changes `body` (either dialect) and names what was taken out. */
export function stripReasoning(body: Record<string, unknown>): Loss[] {
  const messages = body["messages"];
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((message: unknown, index) => (isRecord(message) ? stripMessage(message, index) : []));
}

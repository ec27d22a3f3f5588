// Makes the system prompt and the messages of an Anthropic request, in the order this dialect demands.
import type { Message } from "../../core/chat.ts";
import { placeOf } from "../places.ts";
import type { JsonObject } from "../read.ts";
import { type EncodeContext, encodeBlocks } from "./encode-blocks.ts";

/** What a conversation begins with that has no user's turn at its beginning, which is refused. */
const NO_USER_TURN = "Continue.";

interface Turn {
  readonly role: "user" | "assistant" | "system";
  readonly content: JsonObject[];
}

export interface Conversation {
  readonly system: string | JsonObject[] | undefined;
  readonly messages: JsonObject[];
}

function isSystem(message: Message): boolean {
  return message.role === "system" || message.role === "developer";
}

/** Text as a plain string where nothing is said beside it. */
function simplify(blocks: readonly JsonObject[]): string | JsonObject[] {
  const [only] = blocks;
  const isPlain = blocks.length === 1 && only?.["type"] === "text" && Object.keys(only).length === 2;
  return isPlain ? (only["text"] as string) : [...blocks];
}

/** In one turn the tool results come first. */
function resultsFirst(blocks: readonly JsonObject[]): JsonObject[] {
  const results = blocks.filter((block) => block["type"] === "tool_result");
  return results.length === 0
    ? [...blocks]
    : [...results, ...blocks.filter((block) => block["type"] !== "tool_result")];
}

/** Messages of one role that follow each other are one turn; one that has nothing to say is left out. */
function encodeTurns(messages: readonly Message[], context: EncodeContext): Turn[] {
  const turns: Turn[] = [];
  for (const [n, message] of messages.entries()) {
    const field = placeOf(message, `messages[${n}]`);
    if (message.name !== undefined) context.losses.hint(`${field}.name`);
    const content = encodeBlocks(message.content, field, context);
    if (content.length === 0) continue;
    const role = isSystem(message) ? "system" : message.role === "assistant" ? "assistant" : "user";
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  return turns;
}

/** The answer that the model is to go on with may not end in white space. */
function trimPrefill(turns: readonly Turn[]): void {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== "assistant" || block?.["type"] !== "text") return;
  const text = (block["text"] as string).trimEnd();
  if (text === "") last.content.pop();
  else last.content[last.content.length - 1] = { ...block, text };
}

/**
 * System text goes to the top-level prompt. From callers of this dialect only what stands at the beginning does: a
 * system turn within the conversation is theirs to send.
 */
function splitSystem(messages: readonly Message[], context: EncodeContext): [Message[], Message[]] {
  const first = messages.findIndex((message) => !isSystem(message));
  const begin = first < 0 ? messages.length : first;
  if (context.sameDialect) return [messages.slice(0, begin), messages.slice(begin)];
  for (const [n, message] of messages.entries()) {
    if (n > begin && isSystem(message)) context.losses.hint(`${placeOf(message, `messages[${n}]`)}.role`);
  }
  return [messages.filter(isSystem), messages.filter((message) => !isSystem(message))];
}

export function encodeConversation(messages: readonly Message[], context: EncodeContext): Conversation {
  const [systems, others] = splitSystem(messages, context);
  const system = systems.flatMap((message) => encodeBlocks(message.content, placeOf(message, "system"), context));
  const turns = encodeTurns(others, context);
  trimPrefill(turns);
  const said = turns.filter((turn) => turn.content.length > 0);
  if (said[0]?.role !== "user") {
    said.unshift({ role: "user", content: [{ type: "text", text: NO_USER_TURN }] });
    context.losses.hint("messages");
  }
  return {
    system: system.length === 0 ? undefined : simplify(system),
    messages: said.map(({ role, content }) => ({
      role,
      content: simplify(role === "user" ? resultsFirst(content) : content),
    })),
  };
}

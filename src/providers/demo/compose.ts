// Writes the demo's answer to a conversation: the same request always gets the same one.
import { createHash } from "node:crypto";
import type { StopReason } from "../../core/chat.ts";
import { type Conversation, readConversation } from "./conversation.ts";
import { sampleOf } from "./sample.ts";

export interface DemoToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** Counted by one rule: a token is four bytes of text, begun ones count, and at least one each way. */
export interface DemoUsage {
  readonly input: number;
  readonly output: number;
}

/** An answer before it has a dialect. */
export interface Composition {
  readonly id: string;
  /** As asked. */
  readonly model: string;
  /** Reasoning before the answer; empty: none. */
  readonly thinking: string;
  readonly text: string;
  /** The text as a stream brings it. */
  readonly pieces: readonly string[];
  readonly toolCalls: readonly DemoToolCall[];
  readonly stopReason: Extract<StopReason, "stop" | "length" | "tool-use" | "stop-sequence" | "content-filter">;
  readonly stopSequence: string | null;
  readonly choices: number;
  readonly usage: DemoUsage;
  readonly includeUsage: boolean;
}

const QUOTED = 400;

/** Four bytes a token, rounded up, at least one. */
export function tokensOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 4));
}

/** Stable hexadecimal name of some bytes. */
export function fingerprint(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 24);
}

/** Words with the space behind them. */
export function wordsOf(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

function toolCallsFor(talk: Conversation, seed: string): DemoToolCall[] {
  const { tools, toolChoice } = talk;
  if (tools.length === 0 || toolChoice.type === "none") return [];
  let called = tools.filter((tool) => talk.lastUserText.includes(tool.name));
  if (toolChoice.type === "named") called = tools.filter((tool) => tool.name === toolChoice.name);
  else if (toolChoice.type === "must" && called.length === 0) called = tools.slice(0, 1);
  // After its results nothing is called again: a conversation with tools comes to an end.
  else if (toolChoice.type === "auto" && talk.toolResult !== null) called = [];
  if (!toolChoice.parallel) called = called.slice(0, 1);
  return called.map((tool, i) => ({
    id: `call_${fingerprint(`${seed}:${i}`)}`,
    name: tool.name,
    arguments: JSON.stringify(sampleOf(tool.schema, talk.lastUserText) ?? {}),
  }));
}

function plainText(talk: Conversation): string {
  if (talk.answerSchema !== null) return JSON.stringify(sampleOf(talk.answerSchema, talk.lastUserText));
  if (talk.toolResult !== null) return `The tool answered: ${talk.toolResult.slice(0, QUOTED)}`;
  if (talk.lastUserText === "") return "This is the demo provider.";
  return `You said: ${talk.lastUserText.slice(0, QUOTED)}`;
}

interface Cut {
  readonly text: string;
  readonly stopReason: "stop" | "length" | "stop-sequence";
  readonly stopSequence: string | null;
}

function cut(text: string, talk: Conversation): Cut {
  let at = text.length;
  let sequence: string | null = null;
  for (const stop of talk.stop) {
    const found = text.indexOf(stop);
    if (found >= 0 && found < at) [at, sequence] = [found, stop];
  }
  const kept = text.slice(0, at);
  const limit = talk.maxTokens * 4;
  if (Buffer.byteLength(kept) > limit) {
    // Cut at a character, not within one.
    const short = new TextDecoder().decode(Buffer.from(kept).subarray(0, limit)).replace(/\ufffd+$/, "");
    return { text: short, stopReason: "length", stopSequence: null };
  }
  return { text: kept, stopReason: sequence === null ? "stop" : "stop-sequence", stopSequence: sequence };
}

/** The answer to a chat body. `text` replaces what would be said. */
export function compose(model: string, body: Record<string, unknown>, text?: string): Composition {
  const talk = readConversation(body);
  const seed = fingerprint(JSON.stringify(body));
  const toolCalls = text === undefined ? toolCallsFor(talk, seed) : [];
  const said = toolCalls.length > 0 ? cut("", talk) : cut(text ?? plainText(talk), talk);
  const bytes = Buffer.byteLength(said.text) + toolCalls.reduce((sum, call) => sum + call.arguments.length, 0);
  return {
    id: seed,
    model,
    thinking: "",
    text: said.text,
    pieces: wordsOf(said.text),
    toolCalls,
    stopReason: toolCalls.length > 0 ? "tool-use" : said.stopReason,
    stopSequence: said.stopSequence,
    choices: talk.choices,
    usage: { input: tokensOf(talk.inputBytes), output: tokensOf(bytes) * talk.choices },
    includeUsage: talk.includeUsage,
  };
}

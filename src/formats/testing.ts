// Helpers of the formats' tests: fixtures, whole answers put together from events, contexts.
import { readFileSync } from "node:fs";
import type { Choice, Part } from "../core/chat.ts";
import type { ChatEvent } from "../core/events.ts";
import type { AnswerContext, ChatFormat, TargetContext } from "../core/formats.ts";
import { emptyUsage, type Usage } from "../core/usage.ts";
import { SseReader } from "../lib/sse.ts";

export function fixture(path: string): Buffer {
  return readFileSync(new URL(path, import.meta.url));
}

export function fixtureJson(path: string): Record<string, unknown> {
  return JSON.parse(fixture(path).toString()) as Record<string, unknown>;
}

/** Reads a stream given in chunks with a format's decoder. */
export function decodeStream(format: ChatFormat, issuer: string, ...chunks: readonly Buffer[]): ChatEvent[] {
  const reader = new SseReader();
  const decoder = format.streamDecoder(issuer);
  const events = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.finish()];
  return events.flatMap(({ name, data }) => decoder.push(name, data));
}

export interface Assembled {
  readonly choices: Choice[];
  readonly usage: Usage;
  readonly ended: boolean;
}

type Growing = { -readonly [Key in keyof Choice]: Choice[Key] } & { content: Part[] };

/** The whole answer that a stream's events make. */
export function assembleEvents(events: readonly ChatEvent[]): Assembled {
  const choices = new Map<number, Growing>();
  let usage = emptyUsage();
  let ended = false;
  const choiceOf = (index: number): Growing => {
    const known = choices.get(index) ?? { index, content: [], stopReason: null };
    choices.set(index, known);
    return known;
  };
  const append = (index: number, part: Part & { text: string }) => {
    const { content } = choiceOf(index);
    const last = content.at(-1);
    const isSame = last?.type === part.type && !(last.type === "thinking" && last.signature !== undefined);
    if (isSame) content[content.length - 1] = { ...last, text: (last as { text: string }).text + part.text } as Part;
    else content.push(part);
  };
  const calls = new Map<string, number>();
  for (const event of events) {
    switch (event.type) {
      case "text-delta":
        append(event.choice, { type: "text", text: event.text });
        break;
      case "refusal-delta":
        append(event.choice, { type: "refusal", text: event.text });
        break;
      case "thinking-delta":
        append(event.choice, { type: "thinking", text: event.text });
        break;
      case "thinking-signature": {
        const { content } = choiceOf(event.choice);
        const { signature, issuer } = event;
        const last = content.at(-1);
        if (last?.type === "thinking" && last.signature === undefined)
          content[content.length - 1] = { ...last, signature, issuer };
        else content.push({ type: "thinking", text: "", signature, issuer });
        break;
      }
      case "redacted-thinking":
        choiceOf(event.choice).content.push({ type: "redacted-thinking", data: event.data, issuer: event.issuer });
        break;
      case "tool-call-start": {
        const { content } = choiceOf(event.choice);
        calls.set(`${event.choice}/${event.index}`, content.length);
        content.push({ type: "tool-call", id: event.id, name: event.name, arguments: "" });
        break;
      }
      case "tool-call-delta": {
        const { content } = choiceOf(event.choice);
        const at = calls.get(`${event.choice}/${event.index}`) as number;
        const call = content[at] as Part & { arguments: string };
        content[at] = { ...call, arguments: call.arguments + event.arguments } as Part;
        break;
      }
      case "choice-end": {
        const choice = choiceOf(event.choice);
        choice.stopReason = event.stopReason;
        if (event.stopSequence !== undefined) choice.stopSequence = event.stopSequence;
        break;
      }
      case "usage":
        usage = event.usage;
        break;
      case "response-end":
        ended = true;
    }
  }
  return { choices: [...choices.values()], usage, ended };
}

export function target(provider: string, model = "m", takesStreamOptions = true): TargetContext {
  return { provider, model, takesStreamOptions, defaultMaxOutputTokens: 4096 };
}

export function answerContext(over: Partial<AnswerContext> = {}): AnswerContext {
  return { model: "asked", includeUsage: false, extraFields: null, inputEstimate: 77, ...over };
}

// Where the events of a chat or text stream have what the model writes.
import { type TextPlaces, textBytesIn } from "../flat-text.ts";

const CHAT: TextPlaces = {
  usual: '"delta":{"content":"',
  // a whole answer that is sent as one event has a message
  objects: ['"delta"', '"message"'],
  names: new Set(["content", "refusal", "name", "arguments", "input", "thinking"]),
  twins: new Set(["reasoning_content", "reasoning"]),
  details: new Set(["text", "summary"]),
};

/** Of one event of a chat stream: text, refusal, reasoning, names and arguments of calls. */
export function chatTextBytes(bytes: Buffer, from: number, to: number): number {
  return textBytesIn(bytes, from, to, CHAT);
}

/** Of one event of a stream of text completions. */
export function completionTextBytes(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  for (const choice of choicesOf(bytes.toString("utf8", from, to)))
    if (typeof choice?.text === "string") sum += Buffer.byteLength(choice.text);
  return sum;
}

interface TextChunk {
  readonly choices?: readonly ({ readonly text?: unknown } | null)[];
}

function choicesOf(text: string): readonly ({ readonly text?: unknown } | null)[] {
  try {
    const chunk = JSON.parse(text) as TextChunk | null;
    return Array.isArray(chunk?.choices) ? chunk.choices : [];
  } catch {
    return [];
  }
}

// Turns a whole canonical answer into the events of a stream, for providers that answer a streamed request with one JSON body.
import type { ChatResponse, Part } from "./chat.ts";
import type { ChatEvent } from "./events.ts";

function partEvents(part: Part, choice: number, nextCall: () => number): ChatEvent[] {
  switch (part.type) {
    case "text":
      return [{ type: "text-delta", choice, text: part.text }];
    case "refusal":
      return [{ type: "refusal-delta", choice, text: part.text }];
    case "thinking": {
      const events: ChatEvent[] = [{ type: "thinking-delta", choice, text: part.text }];
      if (part.signature !== undefined)
        events.push({ type: "thinking-signature", choice, signature: part.signature, issuer: part.issuer ?? "" });
      return events;
    }
    case "redacted-thinking":
      return [{ type: "redacted-thinking", choice, data: part.data, issuer: part.issuer ?? "" }];
    case "tool-call": {
      const index = nextCall();
      return [
        { type: "tool-call-start", choice, index, id: part.id, name: part.name },
        { type: "tool-call-delta", choice, index, arguments: part.arguments },
      ];
    }
    default:
      return [];
  }
}

/** The events of a stream that would have brought this answer. */
export function answerEvents(response: ChatResponse): ChatEvent[] {
  const events: ChatEvent[] = [
    {
      type: "response-start",
      id: response.id,
      model: response.model,
      created: response.created,
      usage: response.usage,
    },
  ];
  for (const choice of response.choices) {
    let calls = 0;
    for (const part of choice.content) events.push(...partEvents(part, choice.index, () => calls++));
    events.push({
      type: "choice-end",
      choice: choice.index,
      stopReason: choice.stopReason ?? "stop",
      ...(choice.stopSequence === undefined ? {} : { stopSequence: choice.stopSequence }),
    });
  }
  events.push({ type: "usage", usage: response.usage }, { type: "response-end" });
  return events;
}

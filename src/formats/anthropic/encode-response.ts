// Makes a whole Anthropic answer for a client.
import type { ChatResponse, Part } from "../../core/chat.ts";
import type { AnswerContext } from "../../core/formats.ts";
import type { JsonObject } from "../read.ts";
import { markSignature } from "../signatures.ts";
import { argumentsToObject } from "../tool-arguments.ts";
import { OWN_ISSUER } from "./decode-blocks.ts";
import { encodeStopReason } from "./stop-reasons.ts";
import { encodeUsage } from "./usage.ts";

function encodePart(part: Part): JsonObject[] {
  switch (part.type) {
    case "text":
      return [{ type: "text", text: part.text, citations: part.citations ?? null }];
    case "refusal":
      return [{ type: "text", text: part.text, citations: null }];
    case "thinking": {
      const signature = markSignature(part.signature ?? "", part.issuer, OWN_ISSUER);
      return [{ type: "thinking", thinking: part.text, signature }];
    }
    case "redacted-thinking":
      return [{ type: "redacted_thinking", data: markSignature(part.data, part.issuer, OWN_ISSUER) }];
    case "tool-call":
      return [{ type: "tool_use", id: part.id, name: part.name, input: argumentsToObject(part.arguments) }];
    default:
      return [];
  }
}

/** This dialect knows one choice: the first is told. */
export function encodeResponse(response: ChatResponse, context: AnswerContext): Record<string, unknown> {
  const choice = response.choices[0];
  const content = choice?.content ?? [];
  const refused = content.some((part) => part.type === "refusal");
  return {
    id: response.id,
    type: "message",
    role: "assistant",
    model: context.model,
    content: content.flatMap(encodePart),
    stop_reason: encodeStopReason(choice?.stopReason ?? "stop", refused),
    stop_sequence: choice?.stopSequence ?? null,
    usage: encodeUsage(response.usage),
  };
}

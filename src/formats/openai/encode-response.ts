// Makes a whole OpenAI chat answer for a client.
import type { ChatResponse, Choice } from "../../core/chat.ts";
import type { AnswerContext } from "../../core/formats.ts";
import { compact, type JsonObject } from "../read.ts";
import { encodeReasoning } from "./reasoning.ts";
import { encodeStopReason } from "./stop-reasons.ts";
import { encodeUsage } from "./usage.ts";

function encodeChoice(choice: Choice): JsonObject {
  const texts = choice.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const refusals = choice.content.flatMap((part) => (part.type === "refusal" ? [part.text] : []));
  const calls = choice.content.flatMap((part) => (part.type === "tool-call" ? [part] : []));
  const message = compact({
    role: "assistant",
    content: texts.length === 0 ? null : texts.join(""),
    refusal: refusals.length === 0 ? null : refusals.join(""),
    ...encodeReasoning(choice.content, true),
    tool_calls:
      calls.length === 0
        ? undefined
        : calls.map(({ id, name, arguments: text }) => ({ id, type: "function", function: { name, arguments: text } })),
  });
  return {
    index: choice.index,
    message,
    logprobs: choice.logprobs ?? null,
    finish_reason: encodeStopReason(choice.stopReason ?? "stop"),
  };
}

export function encodeResponse(response: ChatResponse, context: AnswerContext): Record<string, unknown> {
  return compact({
    id: response.id,
    object: "chat.completion",
    created: response.created,
    model: context.model,
    choices: response.choices.map(encodeChoice),
    usage: encodeUsage(response.usage) ?? undefined,
    service_tier: response.serviceTier,
    system_fingerprint: response.systemFingerprint,
  });
}

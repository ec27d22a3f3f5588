// Reads a whole Anthropic answer.
import type { ChatResponse, Part } from "../../core/chat.ts";
import { InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { emptyUsage } from "../../core/usage.ts";
import { errorOfJson } from "../decode-error.ts";
import { compact, isObject, type JsonObject } from "../read.ts";
import { argumentsToText } from "../tool-arguments.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { toldUsage } from "./usage.ts";

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** One block of an answer; those of the provider's own tools have no canonical form and are left out. */
function decodeBlock(block: JsonObject, issuer: string): Part[] {
  switch (block["type"]) {
    case "text": {
      const citations = Array.isArray(block["citations"]) ? (block["citations"] as unknown[]) : undefined;
      return text(block["text"]) === "" ? [] : [compact({ type: "text", text: text(block["text"]), citations })];
    }
    case "thinking":
      return [{ type: "thinking", text: text(block["thinking"]), signature: text(block["signature"]), issuer }];
    case "redacted_thinking":
      return [{ type: "redacted-thinking", data: text(block["data"]), issuer }];
    case "tool_use":
      return [
        {
          type: "tool-call",
          id: text(block["id"]),
          name: text(block["name"]),
          arguments: argumentsToText(block["input"]),
        },
      ];
    default:
      return [];
  }
}

export function decodeResponse(body: unknown, issuer: string): ChatResponse {
  if (!isObject(body)) throw new InvalidAnswerError("the answer is no JSON object");
  if (body["type"] === "error" || isObject(body["error"]))
    throw new ProviderStreamError(errorOfJson(body) ?? { message: "the provider told an error without a message" });
  const content = body["content"];
  if (!Array.isArray(content)) throw new InvalidAnswerError("the answer has no content");
  const reason = body["stop_reason"];
  const sequence = text(body["stop_sequence"]);
  const usage = isObject(body["usage"]) ? body["usage"] : {};
  const tier = text(usage["service_tier"]);
  return compact({
    id: text(body["id"]),
    model: text(body["model"]),
    // This dialect tells no time; the other one's clients expect one.
    created: Math.floor(Date.now() / 1000),
    choices: [
      compact({
        index: 0,
        content: content.flatMap((block) => (isObject(block) ? decodeBlock(block, issuer) : [])),
        stopReason: typeof reason === "string" ? decodeStopReason(reason) : null,
        stopSequence: sequence === "" ? undefined : sequence,
      }),
    ],
    ...(toldUsage(usage) ?? { usage: emptyUsage(), report: null }),
    serviceTier: tier === "" ? undefined : tier,
  });
}

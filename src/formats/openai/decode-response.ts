// Reads a whole OpenAI chat answer.
import type { ChatResponse, Choice, Part } from "../../core/chat.ts";
import { InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { emptyUsage } from "../../core/usage.ts";
import { errorOfJson } from "../decode-error.ts";
import { compact, isObject, type JsonObject } from "../read.ts";
import { argumentsToText } from "../tool-arguments.ts";
import { decodeReasoning } from "./reasoning.ts";
import { decodeStopReason } from "./stop-reasons.ts";
import { usageIn } from "./usage.ts";

/** Whether an answer's `error` field tells one; some servers send it empty on success. */
export function tellsError(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return false;
  return !isObject(value) || Object.keys(value).length > 0;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Content as text, or as a list of parts (Mistral: text and thinking). */
export function decodeContent(content: unknown, issuer: string): Part[] {
  if (!Array.isArray(content)) return text(content) === "" ? [] : [{ type: "text", text: text(content) }];
  const parts: Part[] = [];
  for (const part of content) {
    if (!isObject(part)) continue;
    if (part["type"] === "thinking") {
      const inner = part["thinking"];
      const lines = Array.isArray(inner)
        ? inner.map((piece) => (isObject(piece) ? text(piece["text"]) : ""))
        : [text(inner)];
      parts.push({ type: "thinking", text: lines.join(""), signature: "", issuer });
    } else if (text(part["text"]) !== "") parts.push({ type: "text", text: text(part["text"]) });
  }
  return parts;
}

function decodeToolCalls(message: JsonObject): Part[] {
  const calls = Array.isArray(message["tool_calls"]) ? (message["tool_calls"] as unknown[]) : [];
  const legacy = message["function_call"];
  const all = isObject(legacy) && calls.length === 0 ? [{ function: legacy }] : calls;
  return all.flatMap((call, n): Part[] => {
    const body = isObject(call) ? (call["function"] ?? call["custom"]) : undefined;
    if (!isObject(call) || !isObject(body)) return [];
    const name = text(body["name"]);
    const input = body["arguments"] ?? body["input"] ?? "";
    return [{ type: "tool-call", id: text(call["id"]) || `call_${n}`, name, arguments: argumentsToText(input) }];
  });
}

function decodeChoice(value: unknown, n: number, issuer: string): Choice {
  if (!isObject(value) || !isObject(value["message"])) throw new InvalidAnswerError(`choices[${n}] has no message`);
  const message = value["message"];
  const refusal = text(message["refusal"]);
  const thinking = decodeReasoning(message, (signature) => ({ signature, issuer }));
  // A block without a signature still tells whose it is: `signature` is then empty.
  const signed = thinking.map((part) =>
    part.type === "thinking" ? { ...part, signature: part.signature ?? "", issuer } : part,
  );
  const calls = decodeToolCalls(message);
  const content: Part[] = [...signed, ...decodeContent(message["content"], issuer)];
  if (refusal !== "") content.push({ type: "refusal", text: refusal });
  const word = value["finish_reason"];
  if (word === "error")
    throw new ProviderStreamError(errorOfJson(value) ?? { message: "the provider ended the answer with an error" });
  const logprobs = value["logprobs"];
  return compact({
    index: typeof value["index"] === "number" ? value["index"] : n,
    content: [...content, ...calls],
    stopReason: typeof word === "string" ? decodeStopReason(word, calls.length > 0) : null,
    logprobs: logprobs === null ? undefined : logprobs,
  });
}

export function decodeResponse(body: unknown, issuer: string): ChatResponse {
  if (!isObject(body)) throw new InvalidAnswerError("the answer is no JSON object");
  if (tellsError(body["error"]))
    throw new ProviderStreamError(errorOfJson(body) ?? { message: "the provider told an error without a message" });
  const choices = body["choices"];
  if (!Array.isArray(choices) || choices.length === 0) throw new InvalidAnswerError("the answer has no choices");
  const tier = text(body["service_tier"]);
  const fingerprint = text(body["system_fingerprint"]);
  return compact({
    id: text(body["id"]),
    model: text(body["model"]),
    created: typeof body["created"] === "number" ? Math.trunc(body["created"]) : 0,
    choices: choices.map((choice, n) => decodeChoice(choice, n, issuer)),
    ...(usageIn(body) ?? { usage: emptyUsage(), report: null }),
    serviceTier: tier === "" ? undefined : tier,
    systemFingerprint: fingerprint === "" ? undefined : fingerprint,
  });
}

// Whole text completions: looked at in their bytes, decoded, and made for a client out of a chat.
import type { ChatResponse, Choice, Part } from "../../core/chat.ts";
import { type AnswerContext, type AnswerView, InvalidAnswerError, ProviderStreamError } from "../../core/formats.ts";
import { emptyUsage } from "../../core/usage.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { errorOfJson } from "../decode-error.ts";
import { compact, isObject, type JsonObject } from "../read.ts";
import { tellsError } from "./decode-response.ts";
import { answer, FIELDS, LIST, NO_CHOICES, refuse, stopReasonOf } from "./inspect.ts";
import { decodeStopReason, encodeStopReason } from "./stop-reasons.ts";
import { encodeUsage, usageIn } from "./usage.ts";

const textScan = new JsonScan([...FIELDS, "choices"], { array: "choices", fields: ["finish_reason", "text"] });

/** Looks at an answer to a text completion request. */
export function inspectText(bytes: Buffer): AnswerView {
  const scan = textScan;
  const refused = refuse(bytes, scan);
  if (refused !== null) return refused;
  if (scan.types[LIST] !== JSON_TYPE.array || scan.itemCount === 0) return NO_CHOICES;
  if (scan.nonObject >= 0 || scan.itemTypes[1] !== JSON_TYPE.string)
    return { type: "invalid", reason: "a choice of the answer has no text" };
  return answer(bytes, scan, stopReasonOf(bytes, scan));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function decodeChoice(value: unknown, n: number): Choice {
  if (!isObject(value) || typeof value["text"] !== "string") throw new InvalidAnswerError(`choices[${n}] has no text`);
  const word = value["finish_reason"];
  const logprobs = value["logprobs"];
  return compact({
    index: typeof value["index"] === "number" ? value["index"] : n,
    content: value["text"] === "" ? [] : [{ type: "text" as const, text: value["text"] }],
    stopReason: typeof word === "string" ? decodeStopReason(word, false) : null,
    logprobs: logprobs === null ? undefined : logprobs,
  });
}

export function decodeTextResponse(body: unknown, _issuer: string): ChatResponse {
  if (!isObject(body)) throw new InvalidAnswerError("the answer is no JSON object");
  if (tellsError(body["error"]))
    throw new ProviderStreamError(errorOfJson(body) ?? { message: "the provider told an error without a message" });
  const choices = body["choices"];
  if (!Array.isArray(choices) || choices.length === 0) throw new InvalidAnswerError("the answer has no choices");
  return {
    id: text(body["id"]),
    model: text(body["model"]),
    created: typeof body["created"] === "number" ? Math.trunc(body["created"]) : 0,
    choices: choices.map(decodeChoice),
    ...(usageIn(body) ?? { usage: emptyUsage(), report: null }),
  };
}

/** Of a chat's logprobs the four lists of a text completion's; anything else stays as it is. */
function textLogprobs(logprobs: unknown): unknown {
  const content = isObject(logprobs) ? logprobs["content"] : undefined;
  if (!Array.isArray(content)) return logprobs ?? null;
  const tokens = content.filter(isObject);
  let offset = 0;
  return {
    tokens: tokens.map((entry) => text(entry["token"])),
    token_logprobs: tokens.map((entry) => entry["logprob"] ?? null),
    top_logprobs: tokens.map((entry) => topOf(entry["top_logprobs"])),
    text_offset: tokens.map((entry) => {
      const at = offset;
      offset += text(entry["token"]).length;
      return at;
    }),
  };
}

function topOf(list: unknown): JsonObject {
  const entries = Array.isArray(list) ? list.filter(isObject) : [];
  return Object.fromEntries(entries.map((entry) => [text(entry["token"]), entry["logprob"]]));
}

/** What a text completion tells of a chat's answer: its text; reasoning has no place there. */
function textOf(part: Part): string {
  return part.type === "text" || part.type === "refusal" ? part.text : "";
}

export function encodeTextResponse(response: ChatResponse, context: AnswerContext): Record<string, unknown> {
  return compact({
    id: response.id,
    object: "text_completion",
    created: response.created,
    model: context.model,
    choices: response.choices.map((choice) => ({
      text: choice.content.map(textOf).join(""),
      index: choice.index,
      logprobs: textLogprobs(choice.logprobs),
      finish_reason: encodeStopReason(choice.stopReason ?? "stop"),
    })),
    usage: encodeUsage(response.usage) ?? undefined,
    system_fingerprint: response.systemFingerprint,
  });
}

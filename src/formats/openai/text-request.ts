// Reads a text completion request as the chat that a provider without text completions can answer.
import type { ChatRequest, Translated } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { LossList } from "../losses.ts";
import { missingField, optionalBoolean, optionalCount, optionalString, wrongField } from "../read.ts";
import { decodeRequest } from "./decode-request.ts";

/** The one text of a prompt. A chat has no place for tokens, and none for several prompts at once. */
function onePrompt(prompt: unknown): string {
  if (prompt === undefined || prompt === null) throw missingField("prompt");
  const only: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only === "string") return only;
  if (!Array.isArray(only)) throw wrongField("prompt", "a text or a list of texts");
  throw new GatewayError(
    "invalid_request",
    "prompt must be one text where a provider answers text completions by its chat: send one request for each prompt, and no tokens",
    { param: "prompt" },
  );
}

/** `logprobs` of text completions is a count; a stream of chat has no place for them. */
function logprobsOf(given: unknown, isStream: boolean, losses: LossList): Record<string, unknown> {
  const count = optionalCount(given, "logprobs");
  if (count === undefined) return {};
  if (!isStream) return { logprobs: true, top_logprobs: count };
  losses.loss("logprobs");
  return {};
}

/** The prompt as one message of the user. What only text completions know is lost and named. Throws GatewayError. */
export function decodeTextRequest(body: Record<string, unknown>): Translated<ChatRequest> {
  const { prompt, suffix, echo, best_of, logprobs, messages: _messages, ...rest } = body;
  const losses = new LossList();
  if ((optionalString(suffix, "suffix") ?? "") !== "") losses.loss("suffix");
  if (optionalBoolean(echo, "echo") === true) losses.loss("echo");
  if ((optionalCount(best_of, "best_of") ?? 1) > (optionalCount(rest["n"], "n") ?? 1)) losses.loss("best_of");
  const chat = decodeRequest({
    ...rest,
    ...logprobsOf(logprobs, rest["stream"] === true, losses),
    messages: [{ role: "user", content: onePrompt(prompt) }],
  });
  return { value: chat.value, losses: [...losses.list, ...chat.losses] };
}

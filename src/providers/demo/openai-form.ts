// The demo's answers in OpenAI's form.
import type { Composition } from "./compose.ts";
import { CREATED, type DemoForm, type RefusalKind, sse, type ToldUsage } from "./form.ts";

/** Why an answer ended, in the dialect's words. */
export const FINISH = {
  stop: "stop",
  length: "length",
  "tool-use": "tool_calls",
  "stop-sequence": "stop",
  "content-filter": "content_filter",
} as const;

const REFUSALS: Readonly<Record<RefusalKind, readonly [type: string, code: string | null, message: string]>> = {
  "bad-key": ["invalid_request_error", "invalid_api_key", "Incorrect API key provided."],
  forbidden: ["invalid_request_error", "permission_denied", "This key may not use the model."],
  billing: [
    "insufficient_quota",
    "insufficient_quota",
    "You exceeded your current quota, check your plan and billing.",
  ],
  throttle: ["requests", "rate_limit_exceeded", "Rate limit reached for requests per minute."],
  overloaded: ["server_error", "overloaded", "The engine is currently overloaded."],
  "server-error": ["server_error", null, "The server had an error."],
  "context-length": [
    "invalid_request_error",
    "context_length_exceeded",
    "This model's maximum context length is 8192 tokens. Reduce the length of the messages.",
  ],
  "content-policy": ["invalid_request_error", "content_policy_violation", "Rejected by the content policy."],
  "signature-rejected": [
    "invalid_request_error",
    "invalid_encrypted_content",
    "The encrypted content of the reasoning could not be verified.",
  ],
  "unknown-model": ["invalid_request_error", "model_not_found", "The model does not exist."],
  "invalid-request": ["invalid_request_error", null, "The request is not valid."],
  "not-found": ["invalid_request_error", "unknown_url", "Unknown request URL."],
};

function usage(composition: Composition): ToldUsage {
  const { input, output } = composition.usage;
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function message(composition: Composition): Record<string, unknown> {
  const { toolCalls, thinking } = composition;
  return {
    role: "assistant",
    content: toolCalls.length > 0 ? null : composition.text,
    refusal: null,
    ...(thinking === "" ? {} : { reasoning_content: thinking }),
    ...(toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map((call) => ({
            id: call.id,
            type: "function",
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
  };
}

function body(composition: Composition, told: ToldUsage): Record<string, unknown> {
  return {
    id: `chatcmpl-${composition.id}`,
    object: "chat.completion",
    created: CREATED,
    model: composition.model,
    choices: Array.from({ length: composition.choices }, (_, index) => ({
      index,
      message: message(composition),
      logprobs: null,
      finish_reason: FINISH[composition.stopReason],
    })),
    ...(told === null ? {} : { usage: told }),
    system_fingerprint: "fp_demo",
  };
}

type Delta = Record<string, unknown>;

/** The deltas of one choice; the arguments of a call come in two pieces. */
function deltas(composition: Composition): Delta[] {
  const list: Delta[] = [{ role: "assistant", content: composition.toolCalls.length > 0 ? null : "" }];
  if (composition.thinking !== "") list.push({ reasoning_content: composition.thinking });
  for (const piece of composition.pieces) list.push({ content: piece });
  composition.toolCalls.forEach((call, index) => {
    const start = { id: call.id, type: "function", function: { name: call.name, arguments: "" } };
    list.push({ tool_calls: [{ index, ...start }] });
    const half = Math.ceil(call.arguments.length / 2);
    for (const piece of [call.arguments.slice(0, half), call.arguments.slice(half)])
      if (piece !== "") list.push({ tool_calls: [{ index, function: { arguments: piece } }] });
  });
  return list;
}

function events(composition: Composition, told: ToldUsage): string[] {
  const chunk = (choices: unknown[], extra: Delta = {}): string =>
    sse({
      id: `chatcmpl-${composition.id}`,
      object: "chat.completion.chunk",
      created: CREATED,
      model: composition.model,
      system_fingerprint: "fp_demo",
      choices,
      ...(composition.includeUsage ? { usage: null } : {}),
      ...extra,
    });
  const list: string[] = [];
  for (let index = 0; index < composition.choices; index++)
    for (const delta of deltas(composition)) list.push(chunk([{ index, delta, logprobs: null, finish_reason: null }]));
  const finish_reason = FINISH[composition.stopReason];
  for (let index = 0; index < composition.choices; index++)
    list.push(chunk([{ index, delta: {}, logprobs: null, finish_reason }]));
  if (composition.includeUsage && told !== null) list.push(chunk([], { usage: told }));
  return list;
}

function refusal(kind: RefusalKind, detail: string): Record<string, unknown> {
  const [type, code, text] = REFUSALS[kind];
  return { error: { message: detail === "" ? text : detail, type, param: null, code } };
}

export const openaiForm: DemoForm = {
  usage,
  body,
  events,
  end: sse("[DONE]"),
  prefaces: 1,
  refusal,
  errorEvent: (kind, detail) => sse(refusal(kind, detail)),
};

// The demo's answers in Anthropic's form.
import type { Composition, DemoToolCall } from "./compose.ts";
import { type DemoForm, type RefusalKind, sse, type ToldUsage } from "./form.ts";

const STOP = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-use": "tool_use",
  "stop-sequence": "stop_sequence",
  "content-filter": "refusal",
} as const;

const REFUSALS: Readonly<Record<RefusalKind, readonly [type: string, message: string]>> = {
  "bad-key": ["authentication_error", "invalid x-api-key"],
  forbidden: ["permission_error", "This key may not use the model."],
  billing: ["invalid_request_error", "Your credit balance is too low to use the API."],
  throttle: ["rate_limit_error", "This would exceed the rate limit of your organization."],
  overloaded: ["overloaded_error", "Overloaded"],
  "server-error": ["api_error", "Internal server error"],
  "context-length": ["invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"],
  "content-policy": ["invalid_request_error", "Output blocked by content filtering policy"],
  "signature-rejected": ["invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"],
  "unknown-model": ["not_found_error", "model: unknown"],
  "invalid-request": ["invalid_request_error", "The request is not valid."],
  "not-found": ["not_found_error", "Not Found"],
};

function usage(composition: Composition): ToldUsage {
  return { input_tokens: composition.usage.input, output_tokens: composition.usage.output };
}

function blocks(composition: Composition): Record<string, unknown>[] {
  const list: Record<string, unknown>[] = [];
  if (composition.thinking !== "")
    list.push({ type: "thinking", thinking: composition.thinking, signature: signatureOf(composition) });
  if (composition.text !== "") list.push({ type: "text", text: composition.text });
  for (const call of composition.toolCalls)
    list.push({ type: "tool_use", id: idOf(call), name: call.name, input: JSON.parse(call.arguments) });
  return list;
}

function idOf(call: DemoToolCall): string {
  return call.id.replace(/^call_/, "toolu_");
}

function signatureOf(composition: Composition): string {
  return Buffer.from(`demo:${composition.id}`).toString("base64");
}

function body(composition: Composition, told: ToldUsage): Record<string, unknown> {
  return {
    id: `msg_${composition.id}`,
    type: "message",
    role: "assistant",
    model: composition.model,
    content: blocks(composition),
    stop_reason: STOP[composition.stopReason],
    stop_sequence: composition.stopSequence,
    ...(told === null ? {} : { usage: told }),
  };
}

function event(data: Record<string, unknown> & { readonly type: string }): string {
  return sse(data, data.type);
}

/** One block's events: its start, its deltas, its stop. */
function block(index: number, start: Record<string, unknown>, deltas: readonly Record<string, unknown>[]): string[] {
  return [
    event({ type: "content_block_start", index, content_block: start }),
    ...deltas.map((delta) => event({ type: "content_block_delta", index, delta })),
    event({ type: "content_block_stop", index }),
  ];
}

function blockEvents(composition: Composition): string[] {
  const list: string[] = [];
  let index = 0;
  if (composition.thinking !== "")
    list.push(
      ...block(index++, { type: "thinking", thinking: "", signature: "" }, [
        { type: "thinking_delta", thinking: composition.thinking },
        { type: "signature_delta", signature: signatureOf(composition) },
      ]),
    );
  if (composition.pieces.length > 0)
    list.push(
      ...block(
        index++,
        { type: "text", text: "" },
        composition.pieces.map((text) => ({ type: "text_delta", text })),
      ),
    );
  for (const call of composition.toolCalls) {
    const half = Math.ceil(call.arguments.length / 2);
    const deltas = ["", call.arguments.slice(0, half), call.arguments.slice(half)];
    list.push(
      ...block(
        index++,
        { type: "tool_use", id: idOf(call), name: call.name, input: {} },
        deltas.map((partial_json) => ({ type: "input_json_delta", partial_json })),
      ),
    );
  }
  return list;
}

function events(composition: Composition, told: ToldUsage): string[] {
  const message = { ...body(composition, told === null ? null : { ...told, output_tokens: 1 }), content: [] };
  const stop = { stop_reason: STOP[composition.stopReason], stop_sequence: composition.stopSequence };
  const list = blockEvents(composition);
  return [
    event({ type: "message_start", message: { ...message, stop_reason: null, stop_sequence: null } }),
    // The ping stands where the provider sends its own: behind the first block's start.
    ...list.slice(0, 1),
    event({ type: "ping" }),
    ...list.slice(1),
    event({
      type: "message_delta",
      delta: stop,
      ...(told === null ? {} : { usage: { output_tokens: told["output_tokens"] } }),
    }),
  ];
}

function refusal(kind: RefusalKind, detail: string): Record<string, unknown> & { readonly type: string } {
  const [type, text] = REFUSALS[kind];
  return { type: "error", error: { type, message: detail === "" ? text : detail }, request_id: "req_demo" };
}

export const anthropicForm: DemoForm = {
  usage,
  body,
  events,
  end: event({ type: "message_stop" }),
  prefaces: 3,
  refusal,
  errorEvent: (kind, detail) => event(refusal(kind, detail)),
};

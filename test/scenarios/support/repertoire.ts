// What the mocked models know: questions by a word in them, answers with usage and stop reasons that the tests look for.
import type { LLMock } from "@copilotkit/aimock";

export const HELLO = "Hello from the mock.";
export const STORY =
  "Once upon a time a gateway stood at a wide river, and everyone who came was let across, one after another.";
export const USAGE = { prompt_tokens: 11, completion_tokens: 7, input_tokens: 11, output_tokens: 7 };
export const REASONING = "The user wants to know whether I can think. I can.";
export const SIGNATURE = "c2lnbmF0dXJlLW9mLXRoZS1tb2Nr";
export const EVENT = { name: "Science Fair", date: "Friday", participants: ["Alice", "Bob"] };
export const CALLS = [
  { id: "call_paris", name: "get_weather", arguments: { city: "Paris", unit: "celsius" } },
  { id: "call_rome", name: "get_time", arguments: { zone: "Europe/Rome", format: 'with "quotes" and ünïcode' } },
];
export const AFTER_TOOLS = "18 degrees in Paris, noon in Rome.";
export const VECTOR = [0.25, -0.5, 0.125];

/** What their lists name; the mock lists the models of its fixtures. */
export const MODELS = ["gpt-4o", "gpt-4o-mini", "gpt-4-turbo", "claude-3-5-sonnet-20241022", "text-embedding-3-small"];

/** Small pieces, so that a stream has many events and arguments come in parts. */
const STREAMED = { chunkSize: 9 };

/** Statuses of `please fail with 429` and the like: type, code and the field at fault, as OpenAI words them. */
const ERRORS: Readonly<Record<string, { type: string; code: string; param?: string }>> = {
  400: { type: "invalid_request_error", code: "invalid_value", param: "temperature" },
  401: { type: "authentication_error", code: "invalid_api_key" },
  403: { type: "permission_error", code: "unsupported_country_region_territory" },
  404: { type: "not_found_error", code: "model_not_found", param: "model" },
  422: { type: "invalid_request_error", code: "unprocessable", param: "messages" },
  429: { type: "rate_limit_error", code: "rate_limit_exceeded" },
  500: { type: "api_error", code: "internal_error" },
  503: { type: "overloaded_error", code: "overloaded" },
};

/** Lets a mock answer all of it; `filtered` is how its dialect says that the content was withheld. */
export function teach(mock: LLMock, filtered: "content_filter" | "refusal"): void {
  for (const [status, error] of Object.entries(ERRORS))
    mock.onMessage(`please fail with ${status}`, {
      error: { message: `The mock failed with ${status}.`, ...error },
      status: Number(status),
    });
  mock.onToolResult("call_rome", { content: AFTER_TOOLS, usage: USAGE });
  mock.onMessage("weather", { toolCalls: CALLS, usage: USAGE }, STREAMED);
  mock.onMessage("look and call", { content: "Let me look.", toolCalls: CALLS, usage: USAGE }, STREAMED);
  mock.onMessage("story", { content: STORY, usage: USAGE }, STREAMED);
  mock.onMessage("cut short", { content: "Once upon a", usage: USAGE, finishReason: "length" }, STREAMED);
  mock.onMessage("filtered", { content: "I can", usage: USAGE, finishReason: filtered });
  mock.onMessage("science fair", { content: EVENT, usage: USAGE }, STREAMED);
  mock.onMessage(
    "think",
    { content: "Yes.", reasoning: REASONING, reasoningSignature: SIGNATURE, usage: USAGE },
    STREAMED,
  );
  for (const model of MODELS) mock.on({ model, userMessage: `I am ${model}` }, { content: model });
  mock.onEmbedding(/.*/, { embedding: VECTOR });
  mock.onMessage(/.*/, { content: HELLO, usage: USAGE });
}

// Checks how errors read in each dialect: status, headers, object, and the words of what a foreign provider said.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../core/endpoint.ts";
import { ERROR_CODES, type ErrorCode, type ErrorDetails, GatewayError } from "../core/errors.ts";
import type { Attempt, Exchange } from "../core/exchange.ts";
import type { Provider } from "../core/snapshot.ts";
import { testExchange, testSnapshot } from "../core/testing.ts";
import { messagesEndpoint } from "./anthropic/messages.ts";
import { chatEndpoint } from "./openai/chat.ts";

const CHAT = chatEndpoint({ extraFields: true, ownProvider: null });
const MESSAGES = messagesEndpoint();

interface OpenaiError {
  type?: string;
  is_bifrost_error: boolean;
  status_code: number;
  error: { type: string; code: string; message: string; param: string | null };
  extra_fields: Record<string, unknown>;
}
interface AnthropicError {
  type: string;
  error: { type: string; message: string };
  request_id: string | null;
}

/** An exchange whose last attempt was at a provider of `dialect`. */
function triedAt(endpoint: Endpoint, dialect: "openai" | "anthropic"): Exchange {
  const provider = { name: "p", adapter: { dialect } } as unknown as Provider;
  const exchange = testExchange(endpoint, {}, { ...testSnapshot(), providers: new Map([["p", provider]]) });
  exchange.model = "p/m1";
  const attempt = {
    provider: "p",
    model: "m1-x",
    keyId: "k-1",
    keyName: "first",
    fallbackIndex: 1,
    status: 401,
    error: "bad key",
  };
  exchange.attempts.push(attempt as Attempt);
  return exchange;
}

function openai(code: ErrorCode, details: ErrorDetails = {}, exchange: Exchange | null = null, message = "text") {
  const { status, headers, body } = CHAT.encodeError(new GatewayError(code, message, details), exchange);
  return { status, headers: headers as string, body: JSON.parse(body.toString()) as OpenaiError };
}

function anthropic(code: ErrorCode, details: ErrorDetails = {}, exchange: Exchange | null = null, message = "text") {
  const { status, headers, body } = MESSAGES.encodeError(new GatewayError(code, message, details), exchange);
  return { status, headers: headers as string, body: JSON.parse(body.toString()) as AnthropicError };
}

const TOP = new Set([
  "missing_required_headers",
  "virtual_key_required",
  "virtual_key_not_found",
  "virtual_key_blocked",
  "provider_blocked",
  "model_blocked",
  "model_unpriced",
  "budget_exceeded",
  "max_cost",
  "budget_contended",
  "rate_limited",
  "token_limited",
  "request_limited",
  "no_eligible_keys",
  "upstream_credentials_exhausted",
  "request_timed_out",
  "request_cancelled",
]);
const OWN = new Set(["internal", "overloaded", "shutting_down", "store_unavailable", "control_plane_unavailable"]);

for (const [code, line] of Object.entries(ERROR_CODES) as [ErrorCode, (typeof ERROR_CODES)[ErrorCode]][]) {
  test(`words ${code} for OpenAI clients by the table`, () => {
    const { status, headers, body } = openai(code, { param: "f" });
    assert.equal(status, line.status);
    assert.match(headers, /^content-type: application\/json\r\n/);
    assert.deepEqual(body, {
      ...(TOP.has(code) ? { type: line.type } : {}),
      is_bifrost_error: OWN.has(code),
      status_code: line.status,
      error: { type: line.type, code, message: "text", param: "f" },
      extra_fields: {},
    });
  });
}

test("keeps what a provider called its error, and the status it gave", () => {
  const details = { status: 418, type: "their_type", providerCode: "their_code", param: "their_field" };
  const { status, body } = openai("upstream_rejected", details);
  assert.equal(status, 418);
  assert.deepEqual(body.error, { type: "their_type", code: "their_code", message: "text", param: "their_field" });
  const dead = openai("upstream_credentials_exhausted", { status: 402, type: "their_type" });
  assert.equal(dead.body.type, "upstream_credentials_exhausted");
  assert.equal(dead.body.error.type, "their_type");
  assert.equal(dead.body.status_code, 402);
});

test("tells the facts of how far the request came", () => {
  const { body } = openai("upstream_credentials_exhausted", {}, triedAt(CHAT, "openai"));
  const { latency, ...facts } = body.extra_fields;
  assert.ok(Number.isInteger(latency));
  assert.deepEqual(facts, {
    provider: "p",
    original_model_requested: "m1",
    resolved_model_used: "m1-x",
    request_type: "chat_completion",
    routing_info: {
      provider: "p",
      model: "m1-x",
      key: "first",
      is_fallback: true,
      primary_provider: "p",
      primary_model: "m1-x",
    },
    key_statuses: [{ key_id: "k-1", key_name: "first", provider: "p", status: 401, error: "bad key" }],
  });
  const early = testExchange(CHAT);
  early.model = "openai/gpt-4o";
  early.stream = true;
  const { latency: _latency, ...rest } = openai("virtual_key_required", {}, early).body.extra_fields;
  assert.deepEqual(rest, {
    provider: "openai",
    original_model_requested: "gpt-4o",
    request_type: "chat_completion_stream",
  });
});

const TYPES: readonly [ErrorCode, number | undefined, number, string][] = [
  ["invalid_json", undefined, 400, "invalid_request_error"],
  ["virtual_key_required", undefined, 401, "authentication_error"],
  ["upstream_rejected", 402, 402, "billing_error"],
  ["virtual_key_blocked", undefined, 403, "permission_error"],
  ["not_found", undefined, 404, "not_found_error"],
  ["method_not_allowed", undefined, 405, "invalid_request_error"],
  ["request_timeout", undefined, 408, "timeout_error"],
  ["body_too_large", undefined, 413, "request_too_large"],
  ["unsupported_media_type", undefined, 415, "invalid_request_error"],
  ["upstream_rejected", 422, 422, "invalid_request_error"],
  ["upstream_rate_limited", undefined, 429, "rate_limit_error"],
  ["internal", undefined, 500, "api_error"],
  ["upstream_error", undefined, 502, "api_error"],
  ["no_eligible_keys", undefined, 503, "api_error"],
  ["overloaded", undefined, 503, "overloaded_error"],
  ["upstream_timeout", undefined, 504, "timeout_error"],
  ["upstream_error", 529, 529, "overloaded_error"],
];
for (const [code, given, status, type] of TYPES) {
  test(`words ${code} with status ${status} for Anthropic clients as ${type}`, () => {
    const answer = anthropic(code, { status: given });
    assert.equal(answer.status, status);
    assert.deepEqual(answer.body, { type: "error", error: { type, message: "text" }, request_id: null });
  });
}

test("names the request to Anthropic clients: their own id, else ours", () => {
  const exchange = testExchange(MESSAGES);
  assert.equal(anthropic("internal", {}, exchange).body.request_id, exchange.id);
  exchange.options.clientRequestId = "mine";
  assert.equal(anthropic("internal", {}, exchange).body.request_id, "mine");
});

const after = (retryAfter: number) =>
  /retry-after: (\S+)\r\n/.exec(openai("upstream_rate_limited", { retryAfter }).headers)?.[1];

test("says when to come back, in whole seconds and at least one", () => {
  assert.equal(after(0), "1");
  assert.equal(after(1.2), "2");
  assert.equal(after(60), "60");
  assert.equal(after(Number.NaN), undefined);
});

const hopeless = (code: ErrorCode, details: ErrorDetails = {}) =>
  openai(code, details).headers.includes("x-should-retry: false\r\n") &&
  anthropic(code, details).headers.includes("x-should-retry: false\r\n");

test("tells SDKs not to repeat what cannot pass within a minute, and nothing about the rest", () => {
  assert.equal(hopeless("no_eligible_keys"), true);
  assert.equal(hopeless("internal"), true);
  assert.equal(hopeless("upstream_rate_limited", { retryAfter: 61 }), true);
  assert.equal(hopeless("upstream_rate_limited", { retryAfter: 60 }), false);
  assert.equal(hopeless("upstream_error"), false);
  assert.equal(hopeless("overloaded", { retryAfter: 1 }), false);
  assert.equal(hopeless("invalid_json"), false);
});

const ANTHROPIC_SAYS: readonly [string, ErrorDetails, string, number, string, string][] = [
  [
    "upstream_rejected",
    { status: 400, type: "invalid_request_error" },
    "prompt is too long: 210000 tokens > 200000 maximum",
    400,
    "invalid_request_error",
    "context_length_exceeded",
  ],
  [
    "upstream_rejected",
    { status: 400 },
    "input length and `max_tokens` exceed context limit: 1 + 2 > 2",
    400,
    "invalid_request_error",
    "context_length_exceeded",
  ],
  [
    "upstream_error",
    { status: 529, type: "overloaded_error" },
    "Overloaded",
    503,
    "server_error",
    "server_is_overloaded",
  ],
  [
    "upstream_rate_limited",
    { status: 429, type: "rate_limit_error" },
    "slow",
    429,
    "rate_limit_error",
    "rate_limit_exceeded",
  ],
  [
    "upstream_credentials_exhausted",
    { status: 402, type: "billing_error" },
    "pay",
    402,
    "insufficient_quota",
    "insufficient_quota",
  ],
  [
    "upstream_rejected",
    { status: 400 },
    "Your credit balance is too low to access the API",
    400,
    "insufficient_quota",
    "insufficient_quota",
  ],
  [
    "upstream_rejected",
    { status: 400 },
    "tools.0.custom.input_schema: bad",
    400,
    "invalid_request_error",
    "invalid_function_parameters",
  ],
  [
    "upstream_rejected",
    { status: 400, type: "invalid_request_error" },
    "anything else",
    400,
    "invalid_request_error",
    "upstream_rejected",
  ],
];
for (const [code, details, message, status, type, wording] of ANTHROPIC_SAYS) {
  test(`words Anthropic's "${message.slice(0, 40)}" as OpenAI does`, () => {
    const answer = openai(code as ErrorCode, details, triedAt(CHAT, "anthropic"), message);
    assert.equal(answer.status, status);
    assert.equal(answer.body.status_code, status);
    assert.equal(answer.body.error.type, type);
    assert.equal(answer.body.error.code, wording);
    assert.equal(answer.body.error.message, message);
  });
}

const OPENAI_SAYS: readonly [ErrorDetails, string, number, string, string][] = [
  [
    { status: 400, providerCode: "context_length_exceeded" },
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130500 tokens. Please reduce the length of the messages.",
    400,
    "invalid_request_error",
    "prompt is too long: 130500 tokens > 128000 maximum",
  ],
  [
    { status: 400, providerCode: "context_length_exceeded" },
    "too big",
    400,
    "invalid_request_error",
    "prompt is too long: too big",
  ],
  [
    { status: 503, type: "server_error" },
    "The engine is currently overloaded",
    529,
    "overloaded_error",
    "The engine is currently overloaded",
  ],
  [
    { status: 429, providerCode: "insufficient_quota" },
    "You exceeded your current quota",
    402,
    "billing_error",
    "You exceeded your current quota",
  ],
  [{ status: 429, providerCode: "rate_limit_exceeded" }, "slow", 429, "rate_limit_error", "slow"],
  [{ status: 500 }, "oops", 500, "api_error", "oops"],
];
for (const [details, message, status, type, wording] of OPENAI_SAYS) {
  test(`words OpenAI's "${message.slice(0, 40)}" as Anthropic does`, () => {
    const answer = anthropic("upstream_error", details, triedAt(MESSAGES, "openai"), message);
    assert.equal(answer.status, status);
    assert.deepEqual(answer.body.error, { type, message: wording });
  });
}

test("leaves the words of a provider of the caller's own dialect alone", () => {
  const own = openai("upstream_rejected", { status: 400, type: "t" }, triedAt(CHAT, "openai"), "prompt is too long");
  assert.deepEqual(own.body.error, {
    type: "t",
    code: "upstream_rejected",
    message: "prompt is too long",
    param: null,
  });
});

test("ends a stream with one error event in the dialect's form", () => {
  const error = new GatewayError("upstream_truncated", "cut\n\noff");
  const exchange = triedAt(CHAT, "openai");
  const frame = CHAT.encodeStreamError(error, exchange).toString();
  assert.match(frame, /^data: \{[^\n]*\}\n\n$/);
  assert.equal((JSON.parse(frame.slice(6)) as OpenaiError).error.message, "cut\n\noff");
  const event = MESSAGES.encodeStreamError(error, triedAt(MESSAGES, "anthropic")).toString();
  assert.match(event, /^event: error\ndata: \{"type":"error","error":\{"type":"api_error"[^\n]*\}\n\n$/);
});

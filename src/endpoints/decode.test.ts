// Checks what each endpoint reads from headers and body, and the exact words with which it refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../core/errors.ts";
import { testExchange } from "../core/testing.ts";
import { messagesEndpoint } from "./anthropic/messages.ts";
import { chatEndpoint } from "./openai/chat.ts";
import { embeddingsEndpoint } from "./openai/embeddings.ts";

const place = { extraFields: true, ownProvider: null };
const ENDPOINTS = { chat: chatEndpoint(place), messages: messagesEndpoint(), embeddings: embeddingsEndpoint(place) };
type Name = keyof typeof ENDPOINTS;

function decode(name: Name, body: string | Buffer, headers?: Record<string, string>) {
  const exchange = testExchange(ENDPOINTS[name], headers === undefined ? { body } : { body, headers });
  ENDPOINTS[name].decode(exchange);
  return exchange;
}

function refusal(name: Name, body: string | Buffer, headers?: Record<string, string>): string {
  try {
    decode(name, body, headers);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const param = error.param === undefined ? "" : ` (${error.param})`;
    return `${error.status} ${error.code}${param}: ${error.message}`;
  }
  return "taken";
}

const M = '"messages":[{"role":"user","content":"hi"}]';
const chat = (more: string) => `{"model":"m",${M},${more}}`;
const REQUIRED_MODEL = 'model is required: name a model, for example "openai/gpt-4o-mini"';
const json = (reason: string) => `400 invalid_json: the request body is not valid JSON: ${reason}`;

const REFUSED: readonly [Name, string, string][] = [
  // syntax
  ["chat", "", "400 invalid_json: the request body is empty: send a JSON object"],
  ["chat", "  ", json("unexpected end of JSON at line 1, column 3")],
  ["chat", "[1]", "400 invalid_json: the request body must be a JSON object"],
  ["chat", '"x"', "400 invalid_json: the request body must be a JSON object"],
  ["chat", '{"model": "secret"', json("unexpected end of JSON at line 1, column 19")],
  ["chat", '{"model": "secret",}', json("unexpected character at line 1, column 20")],
  ["chat", '{\n  "model": "é", x\n}', json("unexpected character at line 2, column 17")],
  ["chat", `{"model":"m",${M}} x`, json("unexpected text after the JSON object at line 1, column 59")],
  ["chat", '{"model":"m\\q"}', json("invalid escape in a string at line 1, column 13")],
  ["chat", "{'model':'m'}", json("unexpected character at line 1, column 2")],
  // duplicates
  [
    "chat",
    chat('"model":"n"'),
    '400 duplicate_field (model): field "model" stands twice in the request body: send it once',
  ],
  [
    "messages",
    chat('"max_tokens":1,"max_tokens":2'),
    '400 duplicate_field (max_tokens): field "max_tokens" stands twice in the request body: send it once',
  ],
  // model
  ["chat", `{${M}}`, `400 missing_field (model): ${REQUIRED_MODEL}`],
  ["chat", "{}", `400 missing_field (model): ${REQUIRED_MODEL}`],
  ["chat", `{"model":null,${M}}`, "400 invalid_request (model): model must be a string, not null"],
  ["chat", `{"model":7,${M}}`, "400 invalid_request (model): model must be a string, not a number"],
  ["chat", `{"model":"",${M}}`, "400 invalid_request (model): model must not be empty"],
  ["chat", `{"model":"  ",${M}}`, "400 invalid_request (model): model must not be empty"],
  ["chat", `{"model":"a\\u0000b",${M}}`, "400 invalid_request (model): model must not hold control characters"],
  ["chat", `{"model":"a\\nb",${M}}`, "400 invalid_request (model): model must not hold control characters"],
  ["chat", `{"model":"a\\ud800",${M}}`, "400 invalid_request (model): model must not hold control characters"],
  [
    "chat",
    `{"model":"${"x".repeat(513)}",${M}}`,
    "400 invalid_request (model): model must not be longer than 512 bytes",
  ],
  [
    "chat",
    `{"model":"${"é".repeat(257)}",${M}}`,
    "400 invalid_request (model): model must not be longer than 512 bytes",
  ],
  // messages
  ["chat", '{"model":"m"}', "400 missing_field (messages): messages is required: a list of at least one message"],
  ["chat", '{"model":"m","messages":"hi"}', "400 invalid_request (messages): messages must be a list, not a string"],
  ["chat", '{"model":"m","messages":[]}', "400 invalid_request (messages): messages must not be empty"],
  [
    "chat",
    '{"model":"m","messages":[{"role":"user"},"x"]}',
    "400 invalid_request (messages[1]): messages[1] must be an object",
  ],
  [
    "chat",
    '{"model":"m","messages":[{"content":"x"}]}',
    "400 invalid_request (messages[0].role): messages[0].role must be a string",
  ],
  [
    "chat",
    '{"model":"m","messages":[{"role":1},2]}',
    "400 invalid_request (messages[0].role): messages[0].role must be a string",
  ],
  [
    "chat",
    '{"model":"m","messages":[2,{"role":1}]}',
    "400 invalid_request (messages[0]): messages[0] must be an object",
  ],
  // other fields
  ["chat", chat('"stream":"yes"'), "400 invalid_request (stream): stream must be true or false, not a string"],
  ["chat", chat('"stream":1'), "400 invalid_request (stream): stream must be true or false, not a number"],
  [
    "chat",
    chat('"stream_options":true'),
    "400 invalid_request (stream_options): stream_options must be an object, not true",
  ],
  ["chat", chat('"max_tokens":0'), "400 invalid_request (max_tokens): max_tokens must be a whole number from 1 on"],
  ["chat", chat('"max_tokens":-5'), "400 invalid_request (max_tokens): max_tokens must be a whole number from 1 on"],
  ["chat", chat('"max_tokens":1.5'), "400 invalid_request (max_tokens): max_tokens must be a whole number from 1 on"],
  ["chat", chat('"max_tokens":1e99'), "400 invalid_request (max_tokens): max_tokens must be a whole number from 1 on"],
  [
    "chat",
    chat('"max_tokens":"9"'),
    "400 invalid_request (max_tokens): max_tokens must be a whole number from 1 on, not a string",
  ],
  [
    "chat",
    chat('"max_completion_tokens":0'),
    "400 invalid_request (max_completion_tokens): max_completion_tokens must be a whole number from 1 on",
  ],
  ["chat", chat('"n":0'), "400 invalid_request (n): n must be a whole number from 1 on"],
  [
    "chat",
    chat('"temperature":"hot"'),
    "400 invalid_request (temperature): temperature must be a number, not a string",
  ],
  ["chat", chat('"tools":{}'), "400 invalid_request (tools): tools must be a list, not an object"],
  ["chat", chat('"stop":1'), "400 invalid_request (stop): stop must be a string or a list, not a number"],
  // fallbacks
  ["chat", chat('"fallbacks":"a/b"'), "400 invalid_request (fallbacks): fallbacks must be a list, not a string"],
  [
    "chat",
    chat('"fallbacks":["a/b",7]'),
    '400 invalid_fallback (fallbacks[1]): fallbacks[1] must be a "provider/model" string or an object with provider and model',
  ],
  [
    "chat",
    chat('"fallbacks":["gpt-4o"]'),
    '400 invalid_fallback (fallbacks[0]): fallbacks[0] must name a provider and a model, as in "openai/gpt-4o-mini"',
  ],
  [
    "chat",
    chat('"fallbacks":["openai/"]'),
    '400 invalid_fallback (fallbacks[0]): fallbacks[0] must name a provider and a model, as in "openai/gpt-4o-mini"',
  ],
  ["chat", chat('"fallbacks":[""]'), "400 invalid_fallback (fallbacks[0]): fallbacks[0] must not be empty"],
  [
    "chat",
    chat('"fallbacks":[{"model":"x"}]'),
    "400 invalid_fallback (fallbacks[0]): fallbacks[0].provider must be the name of a provider",
  ],
  [
    "chat",
    chat('"fallbacks":[{"provider":"a/b","model":"x"}]'),
    "400 invalid_fallback (fallbacks[0]): fallbacks[0].provider must be the name of a provider",
  ],
  [
    "chat",
    chat('"fallbacks":[{"provider":"a","model":null}]'),
    "400 invalid_fallback (fallbacks[0]): fallbacks[0].model must be the name of a model",
  ],
  [
    "chat",
    chat('"fallbacks":["a/b\\u0000"]'),
    "400 invalid_fallback (fallbacks[0]): fallbacks[0] must not hold control characters",
  ],
  [
    "chat",
    chat(`"fallbacks":${JSON.stringify(Array.from({ length: 33 }, () => "a/b"))}`),
    "400 invalid_fallback (fallbacks): fallbacks must not have more than 32 entries",
  ],
  ["chat", chat('"extra_params":[]'), "400 invalid_request (extra_params): extra_params must be an object, not a list"],
  // Anthropic
  [
    "messages",
    `{"model":"m",${M}}`,
    "400 missing_field (max_tokens): max_tokens is required: the most tokens to generate, for example 1024",
  ],
  [
    "messages",
    chat('"max_tokens":-1'),
    "400 invalid_request (max_tokens): max_tokens must be a whole number from 0 on",
  ],
  [
    "messages",
    chat('"max_tokens":null'),
    "400 invalid_request (max_tokens): max_tokens must be a whole number from 0 on, not null",
  ],
  [
    "messages",
    chat('"max_tokens":1,"system":7'),
    "400 invalid_request (system): system must be a string or a list, not a number",
  ],
  [
    "messages",
    chat('"max_tokens":1,"thinking":"on"'),
    "400 invalid_request (thinking): thinking must be an object, not a string",
  ],
  // embeddings
  ["embeddings", '{"model":"m"}', "400 missing_field (input): input is required: a text or a list of texts"],
  ["embeddings", '{"model":"m","input":""}', "400 invalid_request (input): input must not be empty"],
  ["embeddings", '{"model":"m","input":[ ]}', "400 invalid_request (input): input must not be empty"],
  [
    "embeddings",
    '{"model":"m","input":{}}',
    "400 invalid_request (input): input must be a string or a list, not an object",
  ],
  [
    "embeddings",
    '{"model":"m","input":"x","dimensions":0}',
    "400 invalid_request (dimensions): dimensions must be a whole number from 1 on",
  ],
];

for (const [name, body, expected] of REFUSED) {
  test(`refuses a ${name} body: ${body.slice(0, 70)}`, () => {
    assert.equal(refusal(name, body), expected);
  });
}

test("reads model, stream, usage wish, fallbacks and the place of the last user turn", () => {
  const body =
    '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"ö"}],' +
    '"fallbacks":["anthropic/x",{"provider":"groq","model":"meta/y"}],"stream":true,' +
    '"stream_options":{"include_usage":true},"model":"openai/gpt-4o"}';
  const exchange = decode("chat", body);
  assert.equal(exchange.model, "openai/gpt-4o");
  assert.equal(exchange.stream, true);
  assert.equal(exchange.includeUsage, true);
  assert.deepEqual(exchange.fallbacks, ["anthropic/x", "groq/meta/y"]);
  const input = Buffer.from(body).toString("utf8", exchange.inputFrom, exchange.inputTo);
  assert.equal(input, '{"role":"user","content":"ö"}');
});

test("takes null for optional fields, numbers in any spelling, and fields that it does not know", () => {
  const nulls =
    '"stream":null,"stream_options":null,"max_tokens":null,"tools":null,"fallbacks":null,"temperature":null';
  const exchange = decode("chat", chat(`${nulls},"n":1e0,"max_completion_tokens":12.0,"x":{"model":1},"x":2`));
  assert.equal(exchange.stream, false);
  assert.deepEqual(exchange.fallbacks, []);
  assert.equal(decode("messages", chat('"max_tokens":0')).model, "m");
});

const wish = (options: string) => decode("chat", chat(`"stream_options":${options}`)).includeUsage;

test("reads the wish for usage in every spelling", () => {
  assert.equal(wish('{"include_usage": true}'), true);
  assert.equal(wish('{ "include_usage" :true, "include_obfuscation":false}'), true);
  assert.equal(wish('{"include_usage":false}'), false);
  assert.equal(wish("{}"), false);
});

test("reads model names with escapes and beyond ASCII", () => {
  assert.equal(decode("chat", `{"model":"a\\/b\\u00e9",${M}}`).model, "a/bé");
  assert.equal(decode("chat", `{"model":"模型",${M}}`).model, "模型");
  assert.equal(decode("chat", `{"mod\\u0065l":"m",${M}}`).model, "m");
});

test("does not stream embeddings, whatever the body says, and points at the input", () => {
  const body = '{"model":"m","stream":true,"input":["a","b"]}';
  const exchange = decode("embeddings", body);
  assert.equal(exchange.stream, false);
  assert.equal(body.slice(exchange.inputFrom, exchange.inputTo), '["a","b"]');
});

test("takes JSON by any of its content types, or without one, and refuses others", () => {
  const body = `{"model":"m",${M}}`;
  const taken = [
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/vnd.api+json",
    "",
  ];
  for (const type of taken) assert.equal(refusal("chat", body, { "content-type": type }), "taken", type);
  assert.equal(refusal("chat", body, {}), "taken");
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"])
    assert.equal(
      refusal("chat", body, { "content-type": type }),
      "415 unsupported_media_type (content-type): the request body must be JSON: send the header content-type: application/json",
    );
});

test("reads the options of the caller from his headers", () => {
  const { options } = decode("chat", `{"model":"m",${M}}`, {
    "x-request-id": "abc-123",
    "user-agent": "u".repeat(300),
    "x-bf-strict": "TRUE",
    "x-bf-timeout-ms": "1500",
    "x-bf-max-cost": "0.05",
  });
  assert.deepEqual(options, {
    strict: true,
    convertText: false,
    timeout: 1500,
    clientRequestId: "abc-123",
    userAgent: "u".repeat(256),
    maxCost: 50_000_000,
  });
});

const cost = (text: string) => decode("chat", `{"model":"m",${M}}`, { "x-bf-max-cost": text }).options.maxCost;

test("reads the most that a request may cost, to the nano-dollar", () => {
  assert.deepEqual(
    ["0", "1", "2.5", ".5", "3.", "0.000000001", "9000000.999999999"].map(cost),
    [0, 1e9, 2.5e9, 5e8, 3e9, 1, 9_000_000_999_999_999],
  );
  for (const wrong of ["", ".", "-1", "1e3", "NaN", "$1", "99999999", "1,5"])
    assert.match(
      refusal("chat", `{"model":"m",${M}}`, { "x-bf-max-cost": wrong }),
      /^400 invalid_request \(x-bf-max-cost\)/,
    );
});

const sizes = (kind: "chat" | "messages", body: string) => {
  const { maxTokens, n, serviceTier } = decode(kind, body);
  return { maxTokens, n, serviceTier };
};

test("reads how long the answer may be, how many there are and in which tier", () => {
  assert.deepEqual(sizes("chat", `{"model":"m",${M},"max_tokens":7,"n":3,"service_tier":"flex"}`), {
    maxTokens: 7,
    n: 3,
    serviceTier: "flex",
  });
  assert.deepEqual(sizes("chat", `{"model":"m",${M},"max_completion_tokens":9,"n":null}`), {
    maxTokens: 9,
    n: 1,
    serviceTier: null,
  });
  assert.deepEqual(sizes("messages", `{"model":"m",${M},"max_tokens":11}`), { maxTokens: 11, n: 1, serviceTier: null });
});

test("ignores an id that cannot be echoed", () => {
  for (const id of ["", "a b", "a\tb", "é", "x".repeat(129)])
    assert.equal(decode("chat", `{"model":"m",${M}}`, { "x-request-id": id }).options.clientRequestId, null);
});

test("refuses options that make no sense, and keeps the caller's id for the answer", () => {
  for (const timeout of ["0", "-1", "1.5", "soon", "", "99999999999", "86400001"])
    assert.match(
      refusal("chat", `{"model":"m",${M}}`, { "x-bf-timeout-ms": timeout }),
      /^400 invalid_request \(x-bf-timeout-ms\)/,
    );
  assert.match(
    refusal("chat", `{"model":"m",${M}}`, { "x-bf-strict": "maybe" }),
    /^400 invalid_request \(x-bf-strict\)/,
  );
  const exchange = testExchange(ENDPOINTS.chat, { body: "", headers: { "x-request-id": "mine" } });
  assert.throws(() => ENDPOINTS.chat.decode(exchange));
  assert.equal(exchange.options.clientRequestId, "mine");
});

test("never quotes the content of a body that it refuses", () => {
  const secret = "TOPSECRET";
  for (const body of [
    `{"model":"${secret}`,
    `{"model":"m","messages":"${secret}"}`,
    `{"model":"${secret}\\u0000",${M}}`,
    `${secret}`,
    `{"${secret}":1,}`,
  ])
    assert.ok(!refusal("chat", body).includes(secret), body);
});

test("makes the canonical request of a body without the gateway's own fields, extra_params where they are asked for", () => {
  const body = chat(
    '"fallbacks":["a/b"],"extra_params":{"user":"u","top_k":3,"model":"evil","__proto__":{"x":1}},"seed":1',
  );
  const without = testExchange(ENDPOINTS.chat, { body });
  const asked = testExchange(ENDPOINTS.chat, { body, headers: { "x-bf-passthrough-extra-params": "true" } });
  assert.equal(ENDPOINTS.chat.canonical(without).value.user, undefined);
  const { value } = ENDPOINTS.chat.canonical(asked);
  assert.equal(value.user, "u");
  assert.equal(value.model, "m");
  assert.ok(!("fallbacks" in value.extra) && !("extra_params" in value.extra));
});

// What a text completion's body and path come to: fields, the raw patch, the chat it may become, and Azure's places.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../core/endpoint.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import { type TestRequest, testExchange, testSnapshot } from "../../core/testing.ts";
import { chatEndpoint } from "./chat.ts";
import { completionsEndpoint } from "./completions.ts";
import { embeddingsEndpoint } from "./embeddings.ts";

const TEXT = completionsEndpoint({ extraFields: true, ownProvider: null });
const IN_PATH = { extraFields: false, ownProvider: "azure", model: "path" } as const;

function decoded(endpoint: Endpoint, request: TestRequest, snapshot = testSnapshot()): Exchange {
  const exchange = testExchange(endpoint, request, snapshot);
  endpoint.decode(exchange);
  return exchange;
}

function refusal(endpoint: Endpoint, request: TestRequest): string {
  try {
    decoded(endpoint, request);
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    return `${error.status} ${error.code} (${error.param}) ${error.message}`;
  }
  return "taken";
}

function patched(endpoint: Endpoint, exchange: Exchange, model = "n"): string {
  return Buffer.concat(endpoint.patch(exchange, { model, addStreamOptions: exchange.stream, renames: [] })).toString();
}

test("reads model, prompt and stream, and leaves every other byte of the body alone", () => {
  const body =
    '{ "model":"openai/m", "prompt" : ["a", [1,2]] ,"echo":true,"logprobs":3,"suffix":"z","best_of":2,"n":1,"odd":1.0e0}';
  const exchange = decoded(TEXT, { body });
  assert.equal(exchange.model, "openai/m");
  assert.equal(exchange.stream, false);
  assert.equal(body.slice(exchange.inputFrom, exchange.inputTo), '["a", [1,2]]');
  assert.equal(patched(TEXT, exchange), body.replace("openai/m", "n"));
});

const size = (body: string) => {
  const { maxTokens, n } = decoded(TEXT, { body });
  return { maxTokens, n };
};

test("counts an answer for each prompt, and as many as the provider makes to choose from", () => {
  assert.deepEqual(size('{"model":"m","prompt":["a","b"],"max_tokens":5,"n":2,"best_of":4}'), { maxTokens: 5, n: 8 });
  assert.deepEqual(size('{"model":"m","prompt":[1,2,3]}'), { maxTokens: null, n: 1 });
  assert.deepEqual(size('{"model":"m","prompt":"a","n":3}'), { maxTokens: null, n: 3 });
});

test("asks for the usage of a stream that nobody asked it of", () => {
  const exchange = decoded(TEXT, { body: '{"model":"m","prompt":"x","stream":true}' });
  assert.equal(exchange.stream, true);
  assert.equal(exchange.includeUsage, false);
  assert.deepEqual(JSON.parse(patched(TEXT, exchange)), {
    model: "n",
    prompt: "x",
    stream: true,
    stream_options: { include_usage: true },
  });
  const asked = '{"model":"m","prompt":"x","stream":true,"stream_options":{"include_usage":true}}';
  assert.equal(decoded(TEXT, { body: asked }).includeUsage, true);
});

test("refuses what is no text completion, naming the field", () => {
  const withFields = (fields: string): string => refusal(TEXT, { body: `{"model":"m"${fields}}` });
  assert.match(withFields(""), /^400 missing_field \(prompt\)/);
  assert.match(withFields(',"prompt":null'), /^400 invalid_request \(prompt\)/);
  assert.match(withFields(',"prompt":{}'), /^400 invalid_request \(prompt\)/);
  assert.match(withFields(',"prompt":[ ]'), /^400 invalid_request \(prompt\)/);
  assert.match(withFields(',"prompt":"x","stream":"yes"'), /\(stream\)/);
  assert.match(withFields(',"prompt":"x","n":0'), /\(n\)/);
  assert.match(withFields(',"prompt":"x","max_tokens":-1'), /\(max_tokens\)/);
  assert.match(withFields(',"prompt":"x","suffix":5'), /\(suffix\)/);
  assert.match(refusal(TEXT, { body: '{"prompt":"x"}' }), /^400 missing_field \(model\)/);
  assert.equal(withFields(',"prompt":"","max_tokens":0'), "taken");
});

test("lets the caller allow a conversion by header, and the configuration where he says nothing", () => {
  const body = '{"model":"m","prompt":"x"}';
  const allowed = (header?: string, configured = false): boolean =>
    decoded(
      TEXT,
      { body, headers: header === undefined ? {} : { "x-bf-compat": header } },
      testSnapshot({ convertTextToChat: configured }),
    ).options.convertText;
  assert.equal(allowed(), false);
  assert.equal(allowed(undefined, true), true);
  for (const header of ["true", '["*"]', '["convert_text_to_chat"]', '["a","convert_text_to_chat"]'])
    assert.equal(allowed(header), true, header);
  for (const header of ["false", "[]", '["should_drop_params"]']) assert.equal(allowed(header, true), false, header);
  for (const header of ["yes", "{}", "[", "1"])
    assert.match(refusal(TEXT, { body, headers: { "x-bf-compat": header } }), /^400 invalid_request \(x-bf-compat\)/);
});

test("becomes a chat of one message; what only text completions know is lost by name", () => {
  const body = JSON.stringify({
    model: "m",
    prompt: ["Once"],
    suffix: "end",
    echo: true,
    best_of: 3,
    logprobs: 2,
    max_tokens: 9,
    stop: ["x"],
    n: 2,
    seed: 1,
    min_p: 0.1,
  });
  const { value, losses } = TEXT.canonical(decoded(TEXT, { body }));
  assert.deepEqual(value.messages, [{ role: "user", content: [{ type: "text", text: "Once" }] }]);
  assert.deepEqual(
    [value.maxOutputTokens, value.stop, value.n, value.seed, value.logprobs, value.topLogprobs, value.stream],
    [9, ["x"], 2, 1, true, 2, false],
  );
  assert.deepEqual(value.extra, { min_p: 0.1 });
  assert.deepEqual(losses.map((loss) => `${loss.kind} ${loss.field}`).sort(), [
    "loss best_of",
    "loss echo",
    "loss suffix",
  ]);
  const stream = TEXT.canonical(decoded(TEXT, { body: '{"model":"m","prompt":"x","logprobs":1,"stream":true}' }));
  assert.deepEqual(stream.losses, [{ field: "logprobs", kind: "loss" }]);
  assert.equal(stream.value.logprobs, undefined);
  for (const prompt of ['["a","b"]', "[1,2]", "[[1,2]]"]) {
    const exchange = decoded(TEXT, { body: `{"model":"m","prompt":${prompt}}` });
    assert.throws(() => TEXT.canonical(exchange), /one text/, prompt);
  }
});

test("takes the model out of a path in Azure's style, whatever the body says of it", () => {
  const shapes: [Endpoint, string, string][] = [
    [chatEndpoint(IN_PATH), "chat/completions", '"messages":[{"role":"user","content":"hi"}]'],
    [completionsEndpoint(IN_PATH), "completions", '"prompt":"x"'],
    [embeddingsEndpoint(IN_PATH), "embeddings", '"input":"x"'],
  ];
  for (const [endpoint, operation, fields] of shapes) {
    const at = (deployment: string, model = ""): Exchange =>
      decoded(endpoint, {
        target: `/openai/openai/deployments/${deployment}/${operation}?api-version=2024-10-21`,
        body: `{${model}${fields}}`,
      });
    assert.equal(at("gpt-4o").model, "azure/gpt-4o");
    assert.equal(at("my%20big%2Bone").model, "azure/my big+one");
    assert.equal(at("chat").model, "azure/chat");
    assert.equal(at("anthropic%2Fclaude").model, "anthropic/claude");
    assert.equal(at("anthropic/claude").model, "anthropic/claude");
    assert.equal(at("gpt-4o", '"model":"other",').model, "azure/gpt-4o");
    for (const model of ["", '"model":"other",', '"model":null,'])
      assert.equal((JSON.parse(patched(endpoint, at("gpt-4o", model))) as { model: string }).model, "n", model);
    const request = { target: `/openai/deployments/${"x".repeat(600)}/${operation}`, body: `{${fields}}` };
    assert.match(refusal(endpoint, request), /^400 invalid_request \(model\)/);
    const broken = { target: `/openai/deployments/%zz/${operation}`, body: `{${fields}}` };
    assert.match(refusal(endpoint, broken), /^400 invalid_request \(model\)/);
    const typed = { target: `/openai/deployments/d/${operation}`, body: `{"model":5,${fields}}` };
    assert.match(refusal(endpoint, typed), /^400 invalid_request \(model\)/);
  }
  const chat = chatEndpoint(IN_PATH);
  const bare = decoded(chat, {
    target: "/openai/deployments/d/chat/completions",
    body: '{"messages":[{"role":"user","content":"hi"}]}',
  });
  assert.equal(chat.canonical(bare).value.messages.length, 1);
});

test("a version in the query of a drop-in route makes a bare model one of Azure's, where Azure is configured", () => {
  const dropIn = chatEndpoint({ extraFields: false, ownProvider: "openai" });
  const unified = chatEndpoint({ extraFields: true, ownProvider: null });
  const body = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';
  const withAzure = { ...testSnapshot(), providers: new Map([["azure", {}]]) } as unknown as ReturnType<
    typeof testSnapshot
  >;
  const own = (endpoint: Endpoint, query: string, snapshot = withAzure): string | null =>
    decoded(endpoint, { target: `/openai/v1/chat/completions${query}`, body }, snapshot).ownProvider;
  assert.equal(own(dropIn, "?api-version=preview"), "azure");
  assert.equal(own(dropIn, "?a=b&api-version=2024-10-21"), "azure");
  assert.equal(own(dropIn, "?xapi-version=preview"), "openai");
  assert.equal(own(dropIn, ""), "openai");
  assert.equal(own(dropIn, "?api-version=preview", testSnapshot()), "openai");
  assert.equal(own(unified, "?api-version=preview"), null);
});

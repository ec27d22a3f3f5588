// Checks what a provider gets of a raw body: the wanted changes and not a byte besides.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Endpoint, RawPatch } from "../core/endpoint.ts";
import { GatewayError } from "../core/errors.ts";
import { testExchange } from "../core/testing.ts";
import { messagesEndpoint } from "./anthropic/messages.ts";
import { chatEndpoint } from "./openai/chat.ts";
import { embeddingsEndpoint } from "./openai/embeddings.ts";

const CHAT = chatEndpoint({ extraFields: true, ownProvider: null });
const MESSAGES = messagesEndpoint();
const EMBEDDINGS = embeddingsEndpoint({ extraFields: true, ownProvider: null });
const PLAIN: RawPatch = { model: "n", addStreamOptions: false, renames: [] };

function patched(
  endpoint: Endpoint,
  body: string,
  patch: Partial<RawPatch> = {},
  headers?: Record<string, string>,
): string {
  const exchange = testExchange(endpoint, headers === undefined ? { body } : { body, headers });
  endpoint.decode(exchange);
  return Buffer.concat(endpoint.patch(exchange, { ...PLAIN, ...patch })).toString();
}

const M = '"messages":[{"role":"user","content":"hi"}]';

test("changes the model alone and leaves every other byte", () => {
  const body = ` { "temperature" : 1.0e0, "model"\t: "openai/gpt" ,\n ${M} , "unknown" : [1,2 ] , "unknown":{} }\n`;
  assert.equal(patched(CHAT, body), body.replace('"openai/gpt"', '"n"'));
});

test("sends the body as it is where the model is spelled as the provider spells it", () => {
  const exchange = testExchange(CHAT, { body: `{"model":"n",${M}}` });
  CHAT.decode(exchange);
  const parts = CHAT.patch(exchange, PLAIN);
  assert.equal(parts.length, 1);
  assert.equal(parts[0], exchange.request.body.bytes);
});

test("escapes the model", () => {
  const model = 'a"b\\c\u2028é';
  assert.equal(JSON.parse(patched(CHAT, `{"model":"x",${M}}`, { model })).model, model);
});

test("takes out fallbacks and extra_params wherever they stand", () => {
  const f = '"fallbacks":["a/b"]';
  const e = '"extra_params":{"a":1}';
  const m = '"model":"n"';
  for (const order of [
    [f, e, m, M],
    [m, f, M, e],
    [m, M, e, f],
    [f, m, M],
    [M, m, e],
  ]) {
    const body = `{${order.join(" , ")}}`;
    const value = JSON.parse(patched(CHAT, body)) as object;
    assert.deepEqual(Object.keys(value).toSorted(), ["messages", "model"], body);
  }
});

test("asks for usage in a stream where the caller did not", () => {
  const ask = (more: string) =>
    JSON.parse(patched(CHAT, `{"model":"n",${M}${more}}`, { addStreamOptions: true })).stream_options as unknown;
  assert.deepEqual(ask(""), { include_usage: true });
  assert.deepEqual(ask(',"stream_options":null'), { include_usage: true });
  assert.deepEqual(ask(',"stream_options":{}'), { include_usage: true });
  assert.deepEqual(ask(',"stream_options":{"include_usage":false,"include_obfuscation":false}'), {
    include_usage: true,
    include_obfuscation: false,
  });
  assert.deepEqual(ask(',"stream_options":{"include_usage":false,"include_usage":false}'), { include_usage: true });
  const asked = `{"model":"n",${M},"stream_options":{ "include_usage" : true }}`;
  assert.equal(patched(CHAT, asked, { addStreamOptions: true }), asked);
});

test("has no stream options to add in Anthropic's dialect or for embeddings", () => {
  const messages = `{"model":"x","max_tokens":1,"stream":true,${M},"fallbacks":[]}`;
  assert.equal(
    patched(MESSAGES, messages, { addStreamOptions: true }),
    `{"model":"n","max_tokens":1,"stream":true,${M}}`,
  );
  assert.equal(
    patched(EMBEDDINGS, '{"input":"a","model":"x"}', { addStreamOptions: true }),
    '{"input":"a","model":"n"}',
  );
});

test("renames fields for models that call them otherwise, known and unknown ones, and lets the new name win", () => {
  const renames = [
    ["max_tokens", "max_completion_tokens"],
    ["odd", "even"],
  ] as const;
  const rename = (more: string) =>
    JSON.parse(patched(CHAT, `{"model":"x",${M},${more}}`, { renames })) as Record<string, unknown>;
  assert.deepEqual(rename('"max_tokens":1e1')["max_completion_tokens"], 10);
  assert.equal("max_tokens" in rename('"max_tokens":5'), false);
  assert.equal(rename('"max_tokens":5,"max_completion_tokens":7')["max_completion_tokens"], 7);
  assert.deepEqual(rename('"odd":{"a":1},"fallbacks":[]'), {
    model: "n",
    messages: [{ role: "user", content: "hi" }],
    even: { a: 1 },
  });
  assert.throws(() => rename('"odd":1,"odd":2'), { code: "duplicate_field" });
});

test("passes extra_params on as top-level fields where the caller asks for it, never what decides the route", () => {
  const headers = { "x-bf-passthrough-extra-params": "true" };
  const extra =
    '{"top_k": 1.50, "seed":2,"model":"evil","stream":true,"fallbacks":["x/y"],"messages":[],"__proto__":{"a":1}}';
  const body = `{"model":"x","seed":1,${M},"extra_params":${extra}}`;
  assert.equal(patched(CHAT, body, {}, headers), `{"model":"n","seed":1,${M},"top_k":1.50}`);
  assert.equal(
    patched(CHAT, body, {}, { ...headers, "x-bf-passthrough-extra-params": "false" }),
    `{"model":"n","seed":1,${M}}`,
  );
  assert.equal(patched(CHAT, body), `{"model":"n","seed":1,${M}}`);
});

test("patches for several attempts, also when other requests were read between", () => {
  const first = testExchange(CHAT, { body: `{"a":1,"model":"one","fallbacks":["x/y"],${M}}` });
  const second = testExchange(CHAT, { body: `{${M},"model":"two"}` });
  CHAT.decode(first);
  CHAT.decode(second);
  const text = (exchange: typeof first, model: string) =>
    Buffer.concat(CHAT.patch(exchange, { ...PLAIN, model })).toString();
  assert.equal(text(first, "p"), `{"a":1,"model":"p",${M}}`);
  assert.equal(text(second, "q"), `{${M},"model":"q"}`);
  assert.equal(text(first, "r"), `{"a":1,"model":"r",${M}}`);
});

/** Members of a body in any order, with white space of any kind between the tokens. */
const space = fc.constantFrom("", " ", "\n  ", "\t");
const body = fc
  .record(
    {
      model: fc
        .string({ minLength: 1, unit: "binary" })
        .filter((text) => !/[\p{Cc}]/u.test(text) && text.trim() !== "" && text.length < 100),
      messages: fc.constant([{ role: "user", content: "x" }]),
      fallbacks: fc.constantFrom([], ["a/b"], [{ provider: "a", model: "b" }]),
      extra_params: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
      stream: fc.boolean(),
      stream_options: fc.constantFrom(null, {}, { include_usage: false }, { include_usage: true, x: 1 }),
      temperature: fc.double({ noNaN: true, noDefaultInfinity: true }),
      other: fc.jsonValue(),
      'ma"x': fc.string({ unit: "binary" }),
    },
    { requiredKeys: ["model", "messages"] },
  )
  .chain((value) =>
    fc.tuple(fc.shuffledSubarray(Object.entries(value), { minLength: Object.keys(value).length }), space, space),
  );

test("any body, patched, is the expected value, and untouched members keep their bytes and order", () => {
  fc.assert(
    fc.property(
      body,
      fc.boolean(),
      fc.string({ unit: "binary" }),
      ([members, before, after], addStreamOptions, model) => {
        const texts = members.map(
          ([name, value]) => [name, `${JSON.stringify(name)}${before}:${after}${JSON.stringify(value)}`] as const,
        );
        const source = `${before}{${after}${texts.map(([, text]) => text).join(`${before},${after}`)}${before}}${after}`;
        const result = patched(CHAT, source, { model, addStreamOptions });
        const value = JSON.parse(source) as Record<string, unknown>;
        const { fallbacks: _f, extra_params: _e, ...expected } = value;
        expected["model"] = model;
        if (addStreamOptions)
          expected["stream_options"] = { ...(value["stream_options"] as object | null), include_usage: true };
        assert.deepEqual(JSON.parse(result), JSON.parse(JSON.stringify(expected)));
        let at = 0;
        for (const [name, text] of texts) {
          if (["model", "fallbacks", "extra_params", "stream_options"].includes(name)) continue;
          at = result.indexOf(text, at);
          assert.ok(at >= 0, `${name} was touched`);
          at += text.length;
        }
      },
    ),
    { seed: 11, numRuns: 500 },
  );
});

test("no bytes make an endpoint throw anything but an error for the caller", () => {
  const mutated = fc.tuple(fc.nat(120), fc.constantFrom(...'{}[]",:x\\\u0000é0-'), fc.nat(3)).map(([at, char, cut]) => {
    const text = `{"model":"m",${M},"stream":true,"fallbacks":["a/b"],"max_tokens":12,"extra_params":{"a":1}}`;
    return Buffer.from(text.slice(0, at) + char + text.slice(at + cut));
  });
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        for (const endpoint of [CHAT, MESSAGES, EMBEDDINGS]) {
          const exchange = testExchange(endpoint, { body: bytes });
          try {
            endpoint.decode(exchange);
            endpoint.patch(exchange, { ...PLAIN, addStreamOptions: true });
          } catch (error) {
            assert.ok(error instanceof GatewayError && error.status === 400, String(error));
          }
        }
      },
    ),
    { seed: 12, numRuns: 1_000 },
  );
});

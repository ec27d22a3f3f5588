// S2: the first call, as it is copied into a terminal.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type House, OPENAI_HOST, openHouse } from "./support/house.ts";
import { shell } from "./support/processes.ts";
import { HELLO, USAGE } from "./support/repertoire.ts";

const CONFIG = `{ "providers": { "openai": { "keys": [ { "name": "k1", "value": "env.OPENAI_API_KEY", "models": ["*"], "weight": 1.0 } ] } } }`;

const CURL = `curl -X POST http://localhost:8080/v1/chat/completions -H "Content-Type: application/json" \\
  -d '{"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]}'`;

let house: House;
before(async () => {
  house = await openHouse(CONFIG, { environment: { OPENAI_API_KEY: "sk-of-the-first-call" } });
});
after(() => house.close());

test("the curl answers with OpenAI's object and the gateway's extra_fields", async () => {
  const { code, out, err } = await shell(CURL);
  assert.equal(code, 0, err);
  const answer = JSON.parse(out);
  assert.equal(answer.object, "chat.completion");
  assert.equal(answer.choices[0].message.content, HELLO);
  assert.equal(answer.choices[0].finish_reason, "stop");
  assert.equal(answer.usage.prompt_tokens, USAGE.prompt_tokens);
  assert.equal(answer.usage.completion_tokens, USAGE.completion_tokens);
  const { extra_fields: extra } = answer;
  assert.equal(extra.request_type, "chat_completion");
  assert.equal(extra.provider, "openai");
  assert.equal(extra.original_model_requested, "gpt-4o-mini");
  assert.equal(extra.resolved_model_used, "gpt-4o-mini");
  assert.deepEqual(extra.routing_info, {
    provider: "openai",
    model: "gpt-4o-mini",
    key: "k1",
    is_fallback: false,
    primary_provider: "openai",
    primary_model: "gpt-4o-mini",
  });
});

test("the provider gets the call as it was made, with its own model name and key", async () => {
  house.reset();
  await shell(CURL);
  assert.equal(house.openai.calls.length, 1);
  const call = house.openai.last();
  assert.equal(call.path, "/v1/chat/completions");
  assert.equal(call.headers["host"], OPENAI_HOST);
  assert.equal(call.key, "sk-of-the-first-call");
  assert.deepEqual(call.json, { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello!" }] });
  assert.ok(house.hosts.asked.every((host) => host === `${OPENAI_HOST}:443`));
});

test("the answer's own fields are those of the provider, unchanged", async () => {
  house.reset();
  const { extra_fields: _extra, ...answer } = JSON.parse((await shell(CURL)).out);
  assert.deepEqual(answer, JSON.parse(house.openai.last().answer));
});

test("the call is in the request log", async () => {
  const before = (await house.gateway.logs(1)).length;
  await shell(CURL);
  const [row] = await house.gateway.logs(before + 1);
  assert.equal(row?.status, "success");
  assert.equal(row?.provider, "openai");
  assert.equal(row?.model, "gpt-4o-mini");
  assert.equal(row?.attempts.length, 1);
});

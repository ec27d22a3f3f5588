// Rests and marks of provider keys, the caller's own deadline, strictness, and what a caller is told when everything failed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { anthropicForm } from "../../src/providers/demo/anthropic-form.ts";
import { openaiForm } from "../../src/providers/demo/openai-form.ts";
import { errorEvents, errorOf, textOf } from "../support/conversation.ts";
import { type Behaviour, deadUrl, pause, type Rig, startRig } from "../support/rig.ts";

let rig: Rig;

before(async () => {
  rig = await startRig({
    one: { base: "openai", count: 40 },
    "claude-one": { base: "anthropic", count: 40 },
    keys: { base: "openai", keys: 3, count: 20 },
    "claude-keys": { base: "anthropic", keys: 3, count: 10 },
    slow: { base: "openai", keys: 2, count: 6, network: { default_request_timeout_in_seconds: 10, max_retries: 3 } },
    waiting: { base: "openai", count: 2, network: { max_retries: 5, retry_backoff_initial: 2_000 } },
    dead: { base: "openai", network: { base_url: await deadUrl() } },
  });
});

after(() => rig.close());

/** The keys that a question went to, as 1, 2, 3. */
async function keysOf(provider: string, model = "echo"): Promise<{ status: number; keys: string }> {
  const reply = await rig.ask({ model: `${provider}/${model}` });
  return {
    status: reply.status,
    keys: rig
      .seen(reply)
      .map(({ key }) => key.slice(-1))
      .join(""),
  };
}

test("a throttled key rests for as long as its provider says, and comes back by itself", async () => {
  for (const kind of ["keys", "claude-keys"]) {
    let throttled = true;
    const provider = rig.fresh(kind, ({ key }) =>
      throttled && key.endsWith("-1") ? "status-429-retry-after-1" : null,
    );
    assert.deepEqual(await keysOf(provider), { status: 200, keys: "12" });
    for (let n = 0; n < 3; n++) assert.deepEqual(await keysOf(provider), { status: 200, keys: "2" });
    throttled = false;
    await pause(2_100);
    for (let n = 0; n < 3; n++) assert.deepEqual(await keysOf(provider), { status: 200, keys: "1" });
  }
});

test("without a hint a rest is a second and doubles while throttling goes on", async () => {
  const provider = rig.fresh("keys", ({ key }) => (key.endsWith("-1") ? "throttle" : null));
  assert.equal((await keysOf(provider)).keys, "12");
  assert.equal((await keysOf(provider)).keys, "2");
  await pause(1_050);
  assert.equal((await keysOf(provider)).keys, "12", "after a second it is tried again");
  await pause(1_050);
  assert.equal((await keysOf(provider)).keys, "2", "now it rests for two");
  await pause(1_000);
  assert.equal((await keysOf(provider)).keys, "12");
});

test("a rejected key is marked, comes back after five seconds with its first success, and 24 of 24 are answered", async () => {
  let dead = true;
  const provider = rig.fresh("keys", ({ key }) => (dead && !key.endsWith("-3") ? "bad-key" : null));
  const all: string[] = [];
  for (let n = 0; n < 24; n++) {
    const { status, keys } = await keysOf(provider);
    assert.equal(status, 200);
    all.push(keys);
  }
  assert.equal(all[0], "123");
  assert.deepEqual(new Set(all.slice(1)), new Set(["3"]));
  dead = false;
  await pause(5_100);
  assert.equal((await keysOf(provider)).keys, "1");
});

test("24 of 24 at once are answered while one key lives", async () => {
  const provider = rig.fresh("keys", ({ key }) => (key.endsWith("-3") ? null : "status-401"));
  const all = await Promise.all(Array.from({ length: 24 }, () => keysOf(provider)));
  assert.ok(all.every(({ status }) => status === 200));
});

test("three server errors in a row make a key rest", async () => {
  const provider = rig.fresh("keys", ({ key }) => (key.endsWith("-1") ? "status-500" : null));
  for (let n = 0; n < 3; n++) assert.deepEqual(await keysOf(provider), { status: 500, keys: "1" });
  assert.deepEqual(await keysOf(provider), { status: 200, keys: "2" });
});

test("two server errors and a success make none", async () => {
  const provider = rig.fresh("keys", ({ key }, nth) => (key.endsWith("-1") && nth % 3 !== 0 ? "status-500" : null));
  for (let n = 1; n <= 9; n++)
    assert.deepEqual(await keysOf(provider), { status: n % 3 === 0 ? 200 : 500, keys: "1" }, `request ${n}`);
});

test("what the caller did wrong says nothing of a key", async () => {
  const provider = rig.fresh("keys");
  for (let n = 0; n < 4; n++) assert.deepEqual(await keysOf(provider, "status-400"), { status: 400, keys: "1" });
  for (let n = 0; n < 4; n++) assert.deepEqual(await keysOf(provider, "unknown-model"), { status: 404, keys: "1" });
  assert.deepEqual(await keysOf(provider), { status: 200, keys: "1" });
});

test("no request is refused because the only key rests", async () => {
  const provider = rig.fresh("one", (_, nth) => (nth === 1 ? "status-429-retry-after-120" : null));
  assert.deepEqual(await keysOf(provider), { status: 429, keys: "1" });
  assert.deepEqual(await keysOf(provider), { status: 200, keys: "1" });
  const rejected = rig.fresh("one", (_, nth) => (nth === 1 ? "status-401" : null));
  assert.deepEqual(await keysOf(rejected), { status: 401, keys: "1" });
  assert.deepEqual(await keysOf(rejected), { status: 200, keys: "1" });
});

test("an order that the caller gave is not changed by a rest", async () => {
  const provider = rig.fresh("one", () => "status-429-retry-after-120");
  const second = rig.fresh("one");
  for (let n = 0; n < 3; n++) {
    const reply = await rig.ask({ model: `${provider}/echo`, fallbacks: [`${second}/echo`] });
    assert.equal(reply.status, 200);
    assert.deepEqual(rig.keysSeen(reply), [`${provider}-1 echo`, `${second}-1 echo`]);
  }
});

// ---- the caller's own deadline

test("x-bf-timeout-ms ends the whole request: no other key, no other provider, 504 in the dialect", async () => {
  for (const dialect of ["openai", "anthropic"] as const)
    for (const stream of [false, true]) {
      const reply = await rig.ask({
        dialect,
        stream,
        model: `${rig.fresh("slow")}/stall-before-head`,
        fallbacks: ["one39/echo"],
        headers: { "x-bf-timeout-ms": "250" },
      });
      assert.equal(reply.status, 504, reply.text);
      assert.ok(reply.took >= 240 && reply.took < 900, `${reply.took} ms`);
      assert.match(errorOf(reply.json, dialect).message, /x-bf-timeout-ms/);
      if (dialect === "openai") assert.equal(reply.json["type"], "request_timed_out");
      assert.equal(rig.seen(reply).length, 1);
      const row = await rig.row(reply);
      assert.deepEqual(
        row.attempts.map(({ outcome }) => outcome),
        ["timeout"],
      );
      const [record] = rig.seen(reply);
      assert.notEqual(record?.abandonedAt, null, "the provider was not told");
    }
});

test("x-bf-timeout-ms cuts a backoff short, and a stream after its first content", async () => {
  const reply = await rig.ask({
    model: `${rig.fresh("waiting")}/status-500`,
    headers: { "x-bf-timeout-ms": "300" },
  });
  assert.equal(reply.status, 504, reply.text);
  assert.ok(reply.took < 1_000, `${reply.took} ms`);
  const stream = await rig.ask({
    model: `${rig.fresh("slow")}/chunks-100-50ms`,
    stream: true,
    headers: { "x-bf-timeout-ms": "400" },
  });
  assert.equal(stream.status, 200);
  assert.ok(stream.broken);
  assert.equal(errorEvents(stream).length, 1, stream.text);
  assert.match(textOf(stream), /piece 2 of a stream/);
  assert.doesNotMatch(stream.text, /\[DONE\]/);
  assert.ok(stream.took < 1_200, `${stream.took} ms`);
});

test("a deadline that is not reached changes nothing, and one that is no number is the caller's error", async () => {
  const reply = await rig.ask({ model: "one39/echo", headers: { "x-bf-timeout-ms": "5000" } });
  assert.equal(reply.status, 200);
  for (const value of ["0", "-1", "1e3", "soon", "999999999999"]) {
    const refused = await rig.ask({ model: "one39/echo", headers: { "x-bf-timeout-ms": value } });
    assert.equal(refused.status, 400, value);
    assert.equal((refused.json["error"] as { param: string }).param, "x-bf-timeout-ms");
  }
});

// ---- strictness

test("a field that a translation loses is named, and under x-bf-strict it is a 400 that no provider sees", async () => {
  const provider = rig.fresh("claude-one");
  const fields = { presence_penalty: 0.5, user: "somebody" };
  const loose = await rig.ask({ model: `${provider}/echo`, fields });
  assert.equal(loose.status, 200);
  const { dropped_params: dropped } = loose.json["extra_fields"] as { dropped_params: string[] };
  assert.ok(dropped.includes("presence_penalty"), dropped.join());
  assert.ok(((await rig.row(loose))["dropped_params"] as string[]).includes("presence_penalty"));
  for (const stream of [false, true]) {
    const strict = await rig.ask({ model: `${provider}/echo`, stream, fields, headers: { "x-bf-strict": "true" } });
    assert.equal(strict.status, 400, strict.text);
    assert.deepEqual(
      (({ code, param }) => ({ code, param }))(strict.json["error"] as { code: string; param: string }),
      {
        code: "lossy_translation",
        param: "presence_penalty",
      },
    );
    assert.equal(rig.seen(strict).length, 0);
  }
});

test("under x-bf-strict a target of the caller's dialect behind the lossy one still answers, and hints are no losses", async () => {
  const headers = { "x-bf-strict": "true" };
  const reply = await rig.ask({
    model: `${rig.fresh("claude-one")}/echo`,
    fallbacks: ["one39/echo"],
    fields: { presence_penalty: 0.5 },
    headers,
  });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(rig.keysSeen(reply), ["one39-1 echo"]);
  const hint = await rig.ask({ model: `${rig.fresh("claude-one")}/echo`, fields: { service_tier: "auto" }, headers });
  assert.equal(hint.status, 200, hint.text);
});

// ---- when everything failed

test("the caller gets the most useful of the failures, whatever came last", async () => {
  const cases: readonly (readonly [behaviours: readonly string[], status: number])[] = [
    [["stall-before-head", "status-500"], 500],
    [["status-500", "stall-before-head"], 500],
    [["status-503", "throttle"], 429],
    [["throttle", "status-503"], 429],
    [["bad-key", "status-500"], 401],
    [["cut-before-head", "bad-key"], 401],
    [["cut-before-head", "stall-before-head"], 504],
    [["unknown-model", "bad-key", "status-500"], 404],
    [["status-500", "status-400"], 400],
  ];
  for (const dialect of ["openai", "anthropic"] as const)
    await Promise.all(
      cases.map(async ([behaviours, status]) => {
        const [first, ...others] = behaviours.map(
          (behaviour, i) => `${i % 2 === 0 ? "one38" : "claude-one38"}/${behaviour}`,
        );
        const reply = await rig.ask({ dialect, model: first as string, fallbacks: others });
        assert.equal(reply.status, status, `${behaviours.join()}: ${reply.text}`);
        errorOf(reply.json, dialect);
        const told = reply.headers.get("x-bifrost-attempts")?.split(",") ?? [];
        assert.equal(new Set(told.map((text) => text.split(":")[0])).size, behaviours.length, told.join());
        assert.equal((await rig.row(reply)).status, "error");
      }),
    );
});

test("a provider's own error goes on byte for byte where it speaks the caller's dialect, also behind another failure", async () => {
  const openai = JSON.stringify(openaiForm.refusal("throttle", ""));
  const anthropic = JSON.stringify(anthropicForm.refusal("throttle", ""));
  const one = await rig.ask({ model: "one37/throttle", fallbacks: ["claude-one37/stall-before-head"] });
  assert.equal(one.text, openai);
  const two = await rig.ask({
    dialect: "anthropic",
    model: "claude-one37/throttle",
    fallbacks: ["one37/stall-before-head"],
  });
  assert.equal(two.text, anthropic);
});

test("a foreign provider's error is worded in the caller's dialect, also when his own dialect's provider failed last", async () => {
  const reply = await rig.ask({ model: "claude-one36/overloaded", fallbacks: ["one36/stall-before-head"] });
  assert.equal(reply.status, 503, reply.text);
  assert.equal((reply.json["error"] as { code: string }).code, "server_is_overloaded");
  const other = await rig.ask({
    dialect: "anthropic",
    model: "one36/no-credit",
    fallbacks: ["claude-one36/stall-before-head"],
  });
  assert.equal(other.status, 402, other.text);
  assert.equal(errorOf(other.json, "anthropic").type, "billing_error");
});

test("a refused connection is told by provider and kind, without address, port or library text", async () => {
  const reply = await rig.ask({ model: "dead0/any" });
  assert.equal(reply.status, 502);
  const { message } = errorOf(reply.json, "openai");
  assert.equal(message, "Provider 'dead0' failed for model 'any': the connection was refused or could not be made.");
});

test("a key that its provider repeats is masked in the answer and in the record, raw and translated", async () => {
  for (const dialect of ["openai", "anthropic"] as const)
    for (const provider of [rig.fresh("one"), rig.fresh("claude-one")])
      for (const stream of [false, true]) {
        const reply = await rig.ask({ dialect, stream, model: `${provider}/echo-key` });
        assert.equal(reply.status, 401, reply.text);
        assert.match(reply.text, /Incorrect API key provided: \[masked\]/);
        const row = JSON.stringify(await rig.row(reply));
        for (const text of [reply.text, row, JSON.stringify([...reply.headers])])
          assert.doesNotMatch(text, new RegExp(`sk-${provider}`));
      }
});

const byKey: Behaviour = ({ key }) => (key.endsWith("-1") ? "throttle" : key.endsWith("-2") ? "status-401" : null);

test("the record tells every attempt with key, status, outcome, reason and times in order", async () => {
  const provider = rig.fresh("keys", byKey);
  const reply = await rig.ask({ model: `${provider}/status-500`, fallbacks: ["dead0/any", "one35/echo"] });
  const row = await rig.row(reply);
  assert.deepEqual(
    row.attempts.map(({ key, status, outcome, reason, fallback_index }) => [
      key,
      status,
      outcome,
      reason,
      fallback_index,
    ]),
    [
      [`${provider}-1`, 429, "rate-limited", "planned", 0],
      [`${provider}-2`, 401, "key-rejected", "other key", 0],
      [`${provider}-3`, 500, "server-error", "other key", 0],
      ["dead0-1", null, "transport", "next provider", 1],
      ["one35-1", 200, "", "next provider", 2],
    ],
  );
  let last = 0;
  for (const { start, end } of row.attempts) {
    assert.ok(start >= last && end >= start, JSON.stringify(row.attempts));
    last = end;
  }
  assert.deepEqual(
    row.decision?.order.map(({ provider }) => provider),
    [provider, "dead0", "one35"],
  );
  assert.equal(row.provider, "one35");
  assert.equal(row.fallback_index, 2);
  assert.equal(
    reply.headers.get("x-bifrost-attempts"),
    `${provider}/status-500:429,${provider}/status-500:401,${provider}/status-500:500,dead0/any:transport,one35/echo:200`,
  );
});

test("embeddings fail over as chats do, and never to a provider that has none", async () => {
  const ask = (model: string, fallbacks: string[]) =>
    rig.ask({ path: "/v1/embeddings", model, fallbacks, fields: { messages: undefined, input: "some text" } });
  const reply = await ask(`${rig.fresh("keys")}/status-500`, ["dead0/any", "claude-one34/any", "one34/echo"]);
  assert.equal(reply.status, 200, reply.text);
  assert.equal((reply.json["data"] as unknown[]).length, 1);
  const row = await rig.row(reply);
  assert.deepEqual(
    row.attempts.map(({ provider, outcome }) => [provider.replace(/\d+$/, ""), outcome]),
    [
      ["keys", "server-error"],
      ["dead", "transport"],
      ["one", ""],
    ],
  );
  const refused = await ask("claude-one34/any", []);
  assert.equal(refused.status, 400, refused.text);
  const throttled = await ask(`${rig.fresh("keys")}/throttle`, ["one34/echo"]);
  assert.equal(throttled.status, 200);
  assert.equal((await rig.row(throttled)).attempts.length, 4);
});

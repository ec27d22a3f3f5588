// What the management API refuses, and how: bodies, names, members, each with the error object and a text that helps.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { type Management, manage } from "./management.ts";

let gateway: TestGateway;
let api: Management;

before(async () => {
  gateway = await startTestGateway({
    config: { providers: { openai: { keys: [{ name: "first", value: "sk-first-secret-1" }] } } },
  });
  api = manage(gateway.url);
});

after(async () => {
  await gateway?.stop();
});

interface Case {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly text: RegExp;
}

const OPENAI = "/api/providers/openai";
const bad = (method: string, path: string, body: unknown, text: RegExp, status = 400): Case => ({
  method,
  path,
  body,
  status,
  text,
});

const CASES: Readonly<Record<string, Case>> = {
  "no body": bad("POST", "/api/providers", undefined, /the body is empty/),
  "broken JSON": bad("POST", "/api/providers", '{"provider": "x",\n "keys": [}', /not valid JSON: line 2, column/),
  "a list": bad("POST", "/api/providers", "[]", /must be an object, not a list/),
  "a member given twice": bad("PUT", OPENAI, '{"keys":[{"name":"a","name":"b"}]}', /'name' is given twice: line 1/),
  "no name": bad("POST", "/api/providers", { keys: [] }, /'provider' must be the name/),
  "a name with a slash": bad("POST", "/api/providers", { provider: "a/b" }, /slash/),
  "an unknown provider without a base type": bad(
    "POST",
    "/api/providers",
    { provider: "acmee" },
    /custom_provider_config|provider type/,
  ),
  "an unknown base type": bad(
    "POST",
    "/api/providers",
    { provider: "acme", custom_provider_config: { base_provider_type: "opnai" } },
    /openai/,
  ),
  "an unknown member": bad("PUT", OPENAI, { netwrok_config: {} }, /netwrok_config.*network_config/s),
  "an unknown member of a block": bad(
    "PUT",
    OPENAI,
    { network_config: { max_retires: 2 } },
    /max_retires.*max_retries/s,
  ),
  "an unknown member of a key": bad("PUT", OPENAI, { keys: [{ name: "k", vaule: "x" }] }, /vaule.*value/s),
  "an unknown member of a secret": bad("POST", `${OPENAI}/keys`, { name: "k", value: { valu: "x" } }, /valu/),
  "a wrong type": bad("PUT", OPENAI, { network_config: { max_retries: "two" } }, /max_retries/),
  "a negative weight": bad("POST", `${OPENAI}/keys`, { name: "k", value: "sk-kkkkkkkkkk", weight: -1 }, /weight/),
  "keys that are no list": bad("PUT", OPENAI, { keys: {} }, /'keys' must be a list/),
  "two keys of one name": bad(
    "PUT",
    OPENAI,
    {
      keys: [
        { name: "k", value: "sk-aaaaaaaaaa" },
        { name: "k", value: "sk-bbbbbbbbbb" },
      ],
    },
    /called.*k/,
    409,
  ),
  "a secret that no header can carry": bad("POST", `${OPENAI}/keys`, { name: "k", value: "line\nend" }, /characters/),
  "a mask of nothing": bad(
    "POST",
    `${OPENAI}/keys`,
    { name: "k", value: "abcd************************wxyz" },
    /masked value/,
  ),
  "a metadata address": bad(
    "POST",
    "/api/providers",
    {
      provider: "evil",
      network_config: { base_url: "http://169.254.169.254" },
      custom_provider_config: { base_provider_type: "openai" },
    },
    /never reached/,
  ),
  "another name in the body": bad("PUT", OPENAI, { name: "other" }, /cannot be renamed/),
  "a provider that is not there": bad("GET", "/api/providers/opnai", undefined, /did you mean 'openai'/, 404),
  "an escaped slash": bad("GET", "/api/providers/a%2Fb", undefined, /not configured/, 404),
  "a name of other letters": bad(
    "DELETE",
    `/api/providers/${encodeURIComponent("провайдер")}`,
    undefined,
    /провайдер/,
    404,
  ),
  "a key that is not there": bad("GET", `${OPENAI}/keys/frist`, undefined, /did you mean 'first'/, 404),
  "a key of no provider": bad("POST", "/api/providers/nobody/keys", { name: "k", value: "x" }, /not configured/, 404),
  "an unknown block": bad("PUT", "/api/config", { client: {} }, /client_config/),
  "an unknown member of the client block": bad(
    "PUT",
    "/api/config",
    { client_config: { enable_loging: true } },
    /enable_logging/,
  ),
  "a wrong value of the client block": bad(
    "PUT",
    "/api/config",
    { client_config: { max_request_body_size_mb: 0 } },
    /max_request_body_size_mb/,
  ),
  "a method that a path does not take": bad("PATCH", OPENAI, {}, /takes GET/, 405),
};

describe("refused with the error object and a text that helps", () => {
  for (const [name, one] of Object.entries(CASES))
    test(name, async () => {
      const { status, json, text } = await api.call(one.method, one.path, one.body);
      assert.equal(status, one.status, text);
      assert.match(json.error.message, one.text);
      assert.equal(json.is_bifrost_error, true);
      assert.equal(json.status_code, one.status);
      assert.equal(json.type, json.error.type);
      assert.equal(typeof json.error.code, "string");
    });

  test("and nothing was changed by any of it", async () => {
    const { keys } = await api.get(OPENAI);
    assert.deepEqual([keys.length, keys[0].name, keys[0].value.value], [1, "first", `sk-f${"*".repeat(24)}et-1`]);
  });
});

test("a path that does not decode is not found", async () => {
  assert.equal((await api.call("GET", "/api/providers/%zz")).status, 404);
});

test("a body of another type is 415, one that is too large 413", async () => {
  const typed = await api.call("POST", "/api/providers", "{}", { "content-type": "text/plain" });
  assert.equal(typed.status, 415, typed.text);
  const large = await api.call("POST", "/api/providers", { provider: "x", description: "y".repeat(11 * 1024 * 1024) });
  assert.equal(large.status, 413, large.text.slice(0, 200));
});

test("known members without effect are accepted and told", async () => {
  const made = await api.put("/api/providers/groq", {
    keys: [{ name: "g", value: "sk-groq-0123456789" }],
    concurrency_and_buffer_size: { concurrency: 3, buffer_size: 30 },
  });
  assert.ok(
    made.warnings.some((warning: string) => /concurrency/.test(warning)),
    JSON.stringify(made.warnings),
  );
  assert.deepEqual(made.concurrency_and_buffer_size, { concurrency: 3, buffer_size: 30 });
});

test("a stored key does not follow its provider to another host", async () => {
  const shown = await api.get(OPENAI);
  const moved = await api.call("PUT", OPENAI, {
    ...shown,
    network_config: { ...shown.network_config, base_url: "http://127.0.0.1:9" },
  });
  assert.equal(moved.status, 400, moved.text);
  assert.match(moved.json.error.message, /first/);
});

test("where the file alone rules a change is a conflict that names file and line", async () => {
  const fixed = await startTestGateway({
    config:
      '{"config_store": {"enabled": false},\n"providers": {"openai": {\n"keys": [{"name": "first", "value": "sk-first-secret-1"}]}}}',
  });
  try {
    const there = manage(fixed.url);
    assert.equal((await there.get(OPENAI)).name, "openai");
    assert.equal((await there.get("/api/config")).is_db_connected, false);
    for (const [method, path, body] of [
      ["PUT", OPENAI, {}],
      ["DELETE", OPENAI, undefined],
      ["POST", `${OPENAI}/keys`, { name: "k", value: "sk-kkkkkkkk" }],
    ] as const) {
      const { status, json, text } = await there.call(method, path, body);
      assert.equal(status, 409, text);
      assert.match(json.error.message, /config\.json/);
    }
  } finally {
    await fixed.stop();
  }
});

// The routes that the management pages stand on, against a gateway that runs: playground, tests of keys, the demo's switch, settings, raw text.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { freePort, startTestGateway, type TestGateway } from "../support/gateway.ts";

const CANARY = "sk-canary-0123456789abcdefghij";
const SECRET = "sk-bf-ui-routes-secret-0001";
const CONFIG = {
  version: 2,
  client: { log_retention_days: 30 },
  providers: {
    demo: { keys: [{ name: "d", value: CANARY }], network_config: { max_retries: 0 } },
  },
  governance: {
    virtual_keys: [
      { id: "vk-1", name: "one", value: SECRET, provider_configs: [{ provider: "demo", allowed_models: ["*"] }] },
      { id: "vk-off", name: "off", value: `${SECRET}x`, is_active: false, provider_configs: [{ provider: "demo" }] },
    ],
  },
};
const JSON_TYPE = { "content-type": "application/json" };
const CHAT = { model: "demo/echo", messages: [{ role: "user", content: "hello playground" }] };

type Json = Readonly<Record<string, unknown>>;

let gateway: TestGateway;

before(async () => {
  gateway = await startTestGateway({
    config: JSON.stringify(CONFIG, null, 2),
    environment: { GROQ_API_KEY: "gsk_canary" },
  });
});
after(async () => {
  await gateway.stop();
});

const file = () => readFileSync(path.join(gateway.appDir, "config.json"), "utf8");

async function call(method: string, target: string, body?: unknown, headers: Record<string, string> = {}) {
  const init =
    body === undefined
      ? { method, headers }
      : { method, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) };
  const answer = await fetch(gateway.url + target, init);
  const text = await answer.text();
  assert.ok(!text.includes(CANARY) && !text.includes("gsk_canary"), `${method} ${target} tells a secret`);
  return { status: answer.status, text, json: (text.startsWith("{") ? JSON.parse(text) : {}) as Json };
}

const play = (body: object, key?: string, headers: Record<string, string> = {}) =>
  call(
    "POST",
    "/api/playground/chat/completions",
    body,
    key === undefined ? headers : { ...headers, "x-bf-playground-vk": key },
  );

describe("the playground", () => {
  test("goes through the whole pipeline as the virtual key that is named by its id, and is recorded as such", async () => {
    const { status, json } = await play(CHAT, "vk-1");
    assert.equal(status, 200);
    assert.equal((json["extra_fields"] as Json)["provider"], "demo");
    const rows = await gateway.logs(1);
    assert.equal(rows[0]?.virtual_key_name, "one");
    assert.equal(rows[0]?.["app"], "playground");
  });

  test("streams as a call for a model does", async () => {
    const { status, text } = await play({ ...CHAT, stream: true }, "vk-1");
    assert.equal(status, 200);
    assert.match(text, /data: \[DONE\]/);
    assert.match(text, /extra_fields/);
  });

  test("as nobody it is made without a virtual key, and as one that is off or not there it is refused", async () => {
    assert.equal((await play(CHAT)).status, 200);
    assert.equal((await play(CHAT, "none")).status, 200);
    assert.equal((await play(CHAT, "vk-off")).status, 403);
    assert.match((await play(CHAT, "vk-nobody")).text, /GET \/api\/governance\/virtual-keys/);
  });

  test("obeys the rules of management paths", async () => {
    assert.equal((await play(CHAT, "vk-1", { origin: "https://evil.example" })).status, 403);
    assert.equal((await play(CHAT, "vk-1", { "x-forwarded-for": "203.0.113.7" })).status, 401);
    assert.equal((await call("GET", "/api/playground/chat/completions")).status, 405);
  });
});

describe("providers", () => {
  test("the catalogue tells what a form needs, and by what a key is recognised", async () => {
    const { json } = await call("GET", "/api/providers/catalog");
    const types = json["providers"] as Json[];
    const named = (name: string) => types.find((type) => (type["name"] as unknown) === name);
    assert.deepEqual(named("anthropic")?.["key_prefixes"], ["sk-ant-"]);
    assert.ok(types.length > 25);
    for (const name of ["openai", "anthropic", "groq", "mistral"])
      assert.equal(typeof named(name)?.["cheap_model"], "string", name);
    assert.equal(named("demo")?.["configured"], true);
  });

  test("variables that are set for providers nobody configured are named without their values", async () => {
    const { json } = await call("GET", "/api/providers/environment");
    assert.deepEqual(json["found"], [{ provider: "groq", label: "Groq", variable: "GROQ_API_KEY" }]);
  });

  test("a key is tried and not stored", async () => {
    const before = (await call("GET", "/api/providers/demo/keys")).text;
    const { status, json, text } = await call("POST", "/api/providers/test", {
      provider: "demo",
      key: { value: CANARY },
    });
    assert.equal(status, 200, text);
    assert.equal(json["ok"], true, text);
    assert.ok((json["model_count"] as number) > 10);
    assert.equal((await call("GET", "/api/providers/demo/keys")).text, before);
    assert.equal((await call("POST", "/api/providers/demo/keys/d/test", {})).json["ok"], true);
  });

  test("what keeps a key from working is told in words, and what it may be called with is held to the rules", async () => {
    const port = await freePort();
    const dead = { base_url: `http://127.0.0.1:${port}` };
    const { json } = await call("POST", "/api/providers/test", {
      provider: "openai",
      key: { value: CANARY },
      network_config: dead,
    });
    assert.equal(json["ok"], false);
    assert.match((json["error"] as Json)["why"] as string, /could not be reached/);
    const meta = { provider: "openai", key: CANARY, network_config: { base_url: "http://169.254.169.254" } };
    assert.equal((await call("POST", "/api/providers/test", meta)).status, 400);
    assert.equal((await call("POST", "/api/providers/test", { provider: "nobody", key: CANARY })).status, 400);
    assert.equal((await call("GET", "/api/providers/openai")).status, 404);
  });
});

describe("the demo's switch", () => {
  test("breaks what the demo would answer well, and mends it", async () => {
    const mode = async (name: string) => (await call("PUT", "/api/demo", { mode: name })).status;
    for (const [name, status] of [
      ["fail", 503],
      ["throttle", 429],
    ] as const) {
      assert.equal(await mode(name), 200);
      assert.equal((await play(CHAT)).status, status);
    }
    assert.equal((await call("GET", "/api/demo")).json["mode"], "throttle");
    assert.equal(await mode("ok"), 200);
    assert.equal(await mode("nonsense"), 400);
  });
});

describe("settings", () => {
  type Setting = {
    path: string;
    value: unknown;
    default: unknown;
    origin: { type: string; line?: number };
    locked?: object;
  };
  const setting = async (name: string) => {
    const { json } = await call("GET", "/api/settings");
    return (json["settings"] as Setting[]).find((one) => one.path === name);
  };

  test("each says its value, its default and where it comes from", async () => {
    const days = await setting("client.log_retention_days");
    assert.deepEqual([days?.value, days?.default], [30, 365]);
    assert.deepEqual(days?.origin, { type: "file", file: "config.json", line: 4 });
    assert.equal((await setting("client.max_request_body_size_mb"))?.origin.type, "default");
  });

  test("a change of several is made whole or not at all", async () => {
    const wrong = { "client.disable_content_logging": true, "client.log_retention_days": "many" };
    const refused = await call("PATCH", "/api/settings", wrong);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /log_retention_days/);
    assert.equal((await setting("client.disable_content_logging"))?.value, false);
    assert.equal((await call("PATCH", "/api/settings", { "client.max_request_body_size_mb": 20 })).status, 200);
    const saved = await setting("client.max_request_body_size_mb");
    assert.deepEqual([saved?.value, saved?.origin.type], [20, "saved"]);
    assert.equal((await setting("client.log_retention_days"))?.origin.type, "file");
    assert.match(
      (await call("PATCH", "/api/settings", { "client.enable_loging": true })).text,
      /client.enable_logging/,
    );
  });

  test("what the file alone says is refused with its place and the text to write there", async () => {
    const { status, json } = await call("PATCH", "/api/settings", { "server.allowed_hosts": ["a.example"] });
    assert.equal(status, 409);
    assert.deepEqual(JSON.parse(json["patch"] as string), { server: { allowed_hosts: ["a.example"] } });
  });
});

describe("the raw text", () => {
  type Raw = { text: string; etag: string; writable: boolean; path: string };
  const raw = async () => (await call("GET", "/api/config/raw")).json as Raw;

  test("is shown without its secrets, and comes back with them", async () => {
    const { text, writable, etag } = await raw();
    assert.ok(writable && text.includes("log_retention_days") && !text.includes(SECRET));
    const changed = text.replace('"log_retention_days": 30', '"log_retention_days": 31');
    const { json } = await call("POST", "/api/config/check", { text: changed });
    const [change, ...others] = json["diff"] as Json[];
    assert.deepEqual(
      [json["ok"], change?.["op"], change?.["kind"], change?.["id"], others],
      [true, "change", "block", "client", []],
    );
    const saved = await call("PUT", "/api/config/raw", { text: changed, etag });
    assert.equal(saved.status, 200, saved.text);
    assert.ok(file().includes('"log_retention_days": 31') && file().includes(SECRET) && file().includes(CANARY));
    assert.equal((await call("PUT", "/api/config/raw", { text: changed, etag })).status, 409);
    assert.equal(
      (
        await fetch(`${gateway.url}/v1/chat/completions`, {
          method: "POST",
          headers: { ...JSON_TYPE, "x-bf-vk": SECRET },
          body: JSON.stringify(CHAT),
        })
      ).status,
      200,
    );
  });

  test("adds and removes entries, and refuses what is wrong with its place", async () => {
    const { text, etag } = await raw();
    const content = JSON.parse(text) as { governance: { virtual_keys: { id: string }[] } };
    content.governance.virtual_keys = content.governance.virtual_keys.filter(({ id }) => id !== "vk-off");
    const wanted = { ...content, governance: { ...content.governance, customers: [{ id: "c-1", name: "acme" }] } };
    const saved = await call("PUT", "/api/config/raw", { text: JSON.stringify(wanted, null, 2), etag });
    assert.equal(saved.status, 200, saved.text);
    assert.equal((await call("GET", "/api/governance/customers/c-1")).status, 200);
    assert.equal((await call("GET", "/api/governance/virtual-keys/vk-off")).status, 404);
    const bad = await call("POST", "/api/config/check", {
      text: '{\n  "client": { "enable_loging": true, "log_retention_days": "x" }\n}',
    });
    const findings = bad.json["diagnostics"] as { severity: string; line: number; hint: string }[];
    assert.equal(bad.json["ok"], false);
    assert.ok(findings.some(({ severity, line }) => severity === "error" && line === 2));
    assert.ok(findings.some(({ hint }) => hint.includes("enable_logging")));
    const last = await raw();
    assert.equal((await call("PUT", "/api/config/raw", { text: "{", etag: last.etag })).status, 400);
    assert.equal((await raw()).etag, last.etag);
  });

  test("sends no stored key to another host, and reaches no address that is not allowed", async () => {
    const local = await freePort();
    const network = { base_url: `http://127.0.0.1:${local}` };
    const made = { provider: "openai", keys: [{ name: "k", value: CANARY }], network_config: network };
    const first = await raw();
    const content = JSON.parse(first.text) as { providers: Record<string, object> };
    const saved = await call("PUT", "/api/config/raw", {
      text: JSON.stringify({ ...content, providers: { ...content.providers, openai: made } }, null, 2),
      etag: first.etag,
    });
    assert.equal(saved.status, 200, saved.text);
    const { text, etag } = await raw();
    assert.ok(file().includes(CANARY) && !text.includes(CANARY));
    const moved = text.replace(network.base_url, "https://elsewhere.example");
    const check = await call("POST", "/api/config/check", { text: moved });
    assert.equal(check.json["ok"], false);
    assert.match(check.text, /its value must be given again/);
    assert.equal((await call("PUT", "/api/config/raw", { text: moved, etag })).status, 400);
    const meta = text.replace(network.base_url, "http://169.254.169.254");
    assert.match((await call("POST", "/api/config/check", { text: meta })).text, /never reached/);
    assert.equal((await raw()).etag, etag);
  });
});

test("without a file the text is what is stored: it is changed there, and secrets come back with their masks", async () => {
  const bare = await startTestGateway();
  const ask = async (method: string, target: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, headers: JSON_TYPE, body: JSON.stringify(body) };
    const answer = await fetch(bare.url + target, init);
    return { status: answer.status, json: (await answer.json()) as Json };
  };
  try {
    const made = await ask("POST", "/api/providers", { provider: "openai", keys: [{ name: "k", value: CANARY }] });
    assert.equal(made.status, 200);
    const key = { name: "kept", provider_configs: [{ provider: "demo", allowed_models: ["*"] }] };
    const { json } = await ask("POST", "/api/governance/virtual-keys", key);
    const secret = (json["virtual_key"] as Json)["value"] as string;
    const first = (await ask("GET", "/api/config/raw")).json as { text: string; etag: string; path: null };
    assert.equal(first.path, null);
    assert.ok(!first.text.includes(CANARY) && !first.text.includes(secret));
    const same = await ask("POST", "/api/config/check", { text: first.text });
    assert.deepEqual([same.json["ok"], same.json["diff"]], [true, []]);
    const wanted = { ...(JSON.parse(first.text) as object), client: { log_retention_days: 7 } };
    const saved = await ask("PUT", "/api/config/raw", { text: JSON.stringify(wanted), etag: first.etag });
    assert.deepEqual([saved.status, saved.json["written"]], [200, false]);
    const days = ((await ask("GET", "/api/config")).json["client_config"] as Json)["log_retention_days"];
    assert.equal(days, 7);
    const chat = await fetch(`${bare.url}/v1/chat/completions`, {
      method: "POST",
      headers: { ...JSON_TYPE, "x-bf-vk": secret },
      body: JSON.stringify(CHAT),
    });
    assert.equal(chat.status, 200);
  } finally {
    await bare.stop();
  }
});

test("the shell's state tells what is there at once", async () => {
  const { json } = await call("GET", "/api/ui/state");
  assert.deepEqual(
    [json["mode"], json["has_login"], json["config_locked"], json["has_logs"]],
    ["none", false, false, true],
  );
});

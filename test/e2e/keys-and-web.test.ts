// Virtual keys in every carrier, what reaches a provider of a caller's headers, what web pages may do, and where no secret stands.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { exchange } from "../../src/server/testing.ts";
import { type Dialect, errorOf, textOf } from "../support/conversation.ts";
import { type Rig, startRig } from "../support/rig.ts";

const DIALECTS = ["openai", "anthropic"] as const satisfies Dialect[];
const CARRIERS: readonly (readonly [header: string, prefix: string])[] = [
  ["x-bf-vk", ""],
  ["authorization", "Bearer "],
  ["x-api-key", ""],
  ["x-goog-api-key", ""],
  ["api-key", ""],
];

/** Planted where a gateway knows them and nowhere else. */
const CANARY = {
  provider: "sk-canary-provider-5c7a91e0",
  header: "canary-header-0d93b6aa71",
  good: "vk-canary-good-2b8f14d7",
  off: "vk-canary-off-93aa20be",
  old: "vk-canary-old-61d0c3f5",
  narrow: "vk-canary-narrow-7e44b9c1",
  pinned: "vk-canary-pinned-a8125f0d",
  /** Sent by callers, known to nobody. */
  unknown: "sk-bf-canary-unknown-1f6e82d3",
  foreign: "sk-proj-canary-foreign-c05d7721",
} as const;

const all = (provider: string) => ({ provider, weight: 1 });
const GOVERNANCE = {
  virtual_keys: [
    { name: "good", value: CANARY.good, provider_configs: ["openai0", "claude0", "canary0"].map(all) },
    { name: "off", value: CANARY.off, is_active: false, provider_configs: [all("openai0")] },
    { name: "old", value: CANARY.old, expires_at: "2020-01-01T00:00:00Z", provider_configs: [all("openai0")] },
    {
      name: "narrow",
      value: CANARY.narrow,
      provider_configs: [
        {
          provider: "openai0",
          weight: 1,
          allowed_models: ["status-500", "gpt-allowed"],
          blacklisted_models: ["gpt-never"],
        },
      ],
    },
    {
      name: "pinned",
      value: CANARY.pinned,
      provider_configs: [{ provider: "keyed0", weight: 1, key_ids: ["keyed0-2"] }],
    },
  ],
};

let rig: Rig;
let open: Rig;

before(async () => {
  const kinds = {
    openai: { base: "openai" },
    claude: { base: "anthropic" },
    keyed: { base: "openai", keys: 3 },
  } as const;
  open = await startRig(kinds, { governance: GOVERNANCE });
  const config = { governance: GOVERNANCE, client: { enforce_auth_on_inference: true } };
  rig = await startRig(
    {
      ...kinds,
      canary: { base: "openai", secret: "env.CANARY_KEY", network: { extra_headers: { "x-secret": CANARY.header } } },
    },
    config,
    { flags: ["-log-level", "debug"], environment: { CANARY_KEY: CANARY.provider } },
  );
});

after(async () => {
  await open.close();
  await rig.close();
});

const vk = (value: string) => ({ "x-bf-vk": value });

// ---- keys

test("without a key, or with an unknown one in any carrier, nobody is asked and the caller gets 401", async () => {
  for (const dialect of DIALECTS) {
    const none = await rig.ask({ dialect, model: "openai0/echo" });
    assert.equal(none.status, 401);
    errorOf(none.json, dialect);
    if (dialect === "openai") assert.equal(none.json["type"], "virtual_key_required");
    for (const [header, prefix] of CARRIERS)
      for (const value of [
        CANARY.unknown,
        CANARY.foreign,
        `${CANARY.good}x`,
        CANARY.good.slice(0, -1),
        "x'; DROP TABLE --",
      ]) {
        const reply = await rig.ask({ dialect, model: "openai0/echo", headers: { [header]: prefix + value } });
        assert.equal(reply.status, 401, `${header}: ${reply.text}`);
        const { message } = errorOf(reply.json, dialect);
        assert.doesNotMatch(message, /canary/, "the value is told");
        assert.equal(rig.seen(reply).length, 0);
        assert.equal((await rig.row(reply))["status_code"], 401);
      }
  }
  const models = await fetch(`${rig.gateway.url}/v1/models`, { headers: vk(CANARY.unknown) });
  assert.equal(models.status, 401);
});

test("a marked key that is unknown is refused even where none is demanded, one of a provider's own is no virtual key", async () => {
  for (const [header, prefix] of CARRIERS) {
    const unknown = await open.ask({ model: "openai0/echo", headers: { [header]: prefix + CANARY.unknown } });
    assert.equal(unknown.status, 401, header);
    assert.equal(unknown.json["type"], "virtual_key_not_found");
    if (header === "x-bf-vk") continue;
    const foreign = await open.ask({ model: "openai0/echo", headers: { [header]: prefix + CANARY.foreign } });
    assert.equal(foreign.status, 200, `${header}: ${foreign.text}`);
    assert.doesNotMatch(JSON.stringify(open.seen(foreign)[0]?.headers), /canary-foreign/);
  }
});

test("a key that is off or past its time is 403 in every carrier, whether or not keys are demanded", async () => {
  for (const each of [rig, open])
    for (const value of [CANARY.off, CANARY.old])
      for (const [header, prefix] of CARRIERS)
        for (const dialect of DIALECTS) {
          const reply = await each.ask({ dialect, model: "openai0/echo", headers: { [header]: prefix + value } });
          assert.equal(reply.status, 403, `${header}: ${reply.text}`);
          errorOf(reply.json, dialect);
          if (dialect === "openai") assert.equal(reply.json["type"], "virtual_key_blocked");
          assert.equal(each.seen(reply).length, 0);
        }
});

test("a good key is taken from every carrier, and the record names it", async () => {
  for (const [header, prefix] of CARRIERS)
    for (const dialect of DIALECTS) {
      const reply = await rig.ask({ dialect, model: "openai0/echo", headers: { [header]: prefix + CANARY.good } });
      assert.equal(reply.status, 200, `${header}: ${reply.text}`);
      assert.equal((await rig.row(reply)).virtual_key_name, "good");
    }
});

function askWith(key: string): Promise<string> {
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`;
  return exchange(rig.gateway.port, Buffer.from(`${head}x-bf-vk: ${key}\r\nContent-Length: 2\r\n\r\n{}`, "latin1"));
}

test("a key that is broken by control characters or bytes beyond ASCII does no harm", async () => {
  assert.match(await askWith(`${CANARY.good}\0`), /^HTTP\/1\.1 400 /);
  assert.match(await askWith(`${CANARY.good}\r\nx-bf-vk: other`), /^HTTP\/1\.1 4\d\d /);
  for (const key of [
    `${CANARY.good}\xe9`,
    `"${CANARY.good}"`,
    `${CANARY.good}'--`,
    "\xff".repeat(200),
    "a".repeat(8_000),
  ])
    assert.match(await askWith(key), /^HTTP\/1\.1 40[01] /, key.slice(0, 60));
});

test("providers, models and keys that a virtual key does not allow are 403, and a fallback is no way around", async () => {
  const headers = vk(CANARY.narrow);
  const cases: readonly (readonly [model: string, fallbacks: readonly string[], status: number])[] = [
    ["claude0/echo", [], 403],
    ["openai0/echo", [], 403],
    ["openai0/gpt-never", [], 403],
    ["openai0/gpt-allowed", [], 200],
    ["openai0/status-500", ["claude0/echo"], 500],
    ["openai0/status-500", ["openai0/echo"], 500],
    ["openai0/status-500", ["keyed0/echo", "demo/echo"], 500],
    ["openai0/status-500", ["claude0/echo", "openai0/gpt-allowed"], 200],
  ];
  for (const dialect of DIALECTS)
    for (const stream of [false, true])
      for (const [model, fallbacks, status] of cases) {
        const reply = await rig.ask({ dialect, stream, model, fallbacks, headers });
        assert.equal(reply.status, status, `${model} ${fallbacks.join()}: ${reply.text}`);
        for (const { key, model: asked } of rig.seen(reply)) {
          assert.equal(key, "sk-openai0-1");
          assert.ok(["status-500", "gpt-allowed"].includes(asked), asked);
        }
        const { decision } = await rig.row(reply);
        if (fallbacks.length > 0)
          assert.ok(decision?.candidates.some(({ removed }) => /not allowed by the virtual key/.test(removed ?? "")));
      }
});

test("a virtual key's provider keys are the only ones used, also in key rotation and by pin", async () => {
  const headers = vk(CANARY.pinned);
  for (const model of ["echo", "status-500", "bad-key", "throttle"]) {
    const reply = await rig.ask({ model: `keyed0/${model}`, headers });
    assert.deepEqual(rig.keysSeen(reply), [`keyed0-2 ${model}`]);
  }
  const pinned = await rig.ask({ model: "keyed0/echo", headers: { ...headers, "x-bf-api-key": "keyed0-3" } });
  assert.equal(pinned.status, 503, pinned.text);
  assert.equal(rig.seen(pinned).length, 0);
});

// ---- what goes on to a provider

const NOISE = {
  cookie: "session=canary-cookie",
  "x-forwarded-for": "203.0.113.7",
  forwarded: "for=203.0.113.7",
  "x-real-ip": "203.0.113.7",
  referer: "https://canary.example/",
  "openai-organization": "org-canary",
  "x-bf-timeout-ms": "5000",
  "x-bf-session-id": "canary-session",
  "x-bf-cache-key": "canary-cache",
  "x-bf-parent-request-id": "canary-parent",
  "x-bf-anything-new": "canary-new",
  "x-bf-eh-wanted": "this one goes on",
  "x-bf-eh-host": "evil.example",
  "x-bf-eh-authorization": "Bearer evil",
  "x-bf-eh-x-api-key": "evil",
  "x-bf-eh-content-length": "1",
  "x-bf-eh-transfer-encoding": "chunked",
  "x-bf-eh-connection": "close",
  "x-bf-eh-cookie": "evil",
  "x-bf-eh-x-bf-vk": "evil",
  "x-bf-eh-proxy-authorization": "evil",
  "x-base-url": "http://evil.example",
};

test("nothing of the caller's credentials and of the gateway's headers reaches a provider, and nothing moves the target", async () => {
  for (const dialect of DIALECTS)
    for (const provider of ["openai0", "claude0"])
      for (const [header, prefix] of CARRIERS) {
        const reply = await rig.ask({
          dialect,
          model: `${provider}/echo`,
          headers: { ...NOISE, [header]: prefix + CANARY.good },
          fields: { base_url: "http://evil.example", api_base: "http://evil.example", api_key: "evil-body-key" },
        });
        assert.equal(reply.status, 200, reply.text);
        const [record] = rig.seen(reply);
        const raw = dialect === (provider === "openai0" ? "openai" : "anthropic");
        assert.deepEqual(
          Object.keys(record?.headers ?? {}).toSorted(),
          provider === "openai0"
            ? ["accept-encoding", "authorization", "content-length", "content-type", "host", "wanted"]
            : ["accept-encoding", "anthropic-version", "content-length", "content-type", "host", "wanted", "x-api-key"],
        );
        assert.doesNotMatch(JSON.stringify(record?.headers), /canary|evil|203\.0/);
        assert.equal(record?.key, `sk-${provider}-1`);
        assert.equal(record?.headers["host"], rig.upstream.url.slice("http://".length));
        assert.equal(record?.target, provider === "openai0" ? "/v1/chat/completions" : "/v1/messages");
        // A caller's own fields go on where his dialect is spoken, as every field does; a translation knows none of them.
        if (!raw) assert.doesNotMatch(record?.body.toString() ?? "", /evil/);
      }
});

test("a header that the operator sends to a provider is not replaced by a caller", async () => {
  const headers = { ...vk(CANARY.good), "x-bf-eh-x-secret": "evil", "x-secret": "evil" };
  for (const dialect of DIALECTS) {
    const reply = await rig.ask({ dialect, model: "canary0/echo", headers });
    assert.equal(rig.seen(reply)[0]?.headers["x-secret"], CANARY.header);
    assert.equal(rig.seen(reply)[0]?.key, CANARY.provider);
  }
});

test("a model name moves neither path nor host", async () => {
  for (const model of ["../../admin", "x?y=1", "x#y", "http://evil.example/v1", "a/b/c", "%2e%2e%2f", "x y\u00e9"]) {
    const reply = await rig.ask({ model: `openai0/${model}`, headers: vk(CANARY.good) });
    assert.equal(reply.status, 200, reply.text);
    const [record] = rig.seen(reply);
    assert.equal(record?.target, "/v1/chat/completions");
    assert.equal(record?.json?.["model"], model);
  }
});

test("cookies and account headers of a provider do not reach the caller", async () => {
  for (const dialect of DIALECTS)
    for (const provider of ["openai0", "claude0"]) {
      const reply = await rig.ask({ dialect, model: `${provider}/leaky-headers`, headers: vk(CANARY.good) });
      assert.equal(reply.status, 200);
      for (const name of ["set-cookie", "openai-organization", "openai-project", "anthropic-organization-id"])
        assert.equal(reply.headers.get(name), null, name);
      assert.equal(reply.headers.get("x-request-id"), reply.mark);
    }
});

// ---- web pages

const ADMIN = ["/", "/metrics", "/api/logs", "/api/version", "/api/nothing", "/ui/x"];

function raw(method: string, target: string, headers: Readonly<Record<string, string>>, body = ""): Promise<string> {
  const lines = Object.entries({ host: `localhost:${rig.gateway.port}`, connection: "close", ...headers });
  const length = body === "" ? "" : `content-length: ${body.length}\r\n`;
  return exchange(
    rig.gateway.port,
    `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}${length}\r\n${body}`,
  );
}

const statusOf = (answer: string): number => Number(answer.slice(9, 12));
const SIMULATION = '{"body":{"model":"openai0/echo"}}';
const JSON_TYPE = { "content-type": "application/json" };

test("management answers to loopback names and addresses, any other Host is 421; inference takes any", async () => {
  for (const target of ADMIN) {
    for (const host of [
      "evil.example",
      "evil.example:80",
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "xlocalhost",
    ])
      assert.equal(statusOf(await raw("GET", target, { host })), 421, `${target} for ${host}`);
    for (const host of ["localhost", "localhost:1", "127.0.0.1", "[::1]:8080", "app.localhost", "192.0.2.7"])
      assert.notEqual(statusOf(await raw("GET", target, { host })), 421, `${target} for ${host}`);
  }
  assert.equal(
    statusOf(await raw("POST", "/api/routing/simulate", { host: "evil.example", ...JSON_TYPE }, SIMULATION)),
    421,
  );
  const inference = await raw(
    "POST",
    "/v1/chat/completions",
    { host: "gateway.example", ...JSON_TYPE, ...vk(CANARY.good) },
    '{"model":"openai0/echo","messages":[{"role":"user","content":"Hi"}]}',
  );
  assert.equal(statusOf(inference), 200);
});

test("a page of another origin may neither read nor write, and is given no CORS line", async () => {
  const foreign: readonly Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `http://localhost:1` },
    { origin: `http://localhost.evil.example:${rig.gateway.port}` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
  ];
  for (const headers of foreign) {
    const name = JSON.stringify(headers);
    for (const target of ["/api/logs", "/metrics", "/api/version"]) {
      const read = await raw("GET", target, headers);
      assert.equal(statusOf(read), 403, `${target} ${name}`);
      assert.doesNotMatch(read, /access-control-/i);
    }
    const write = await raw("POST", "/api/routing/simulate", { ...JSON_TYPE, ...headers }, SIMULATION);
    assert.equal(statusOf(write), 403, name);
    const preflight = await raw("OPTIONS", "/api/logs", { ...headers, "access-control-request-method": "POST" });
    assert.doesNotMatch(preflight, /access-control-/i, name);
  }
});

test("our own page, a program and an address typed by a person may read; a link leads to the page and not to the API", async () => {
  const own = { origin: `http://localhost:${rig.gateway.port}`, "sec-fetch-site": "same-origin" };
  for (const headers of [own, {}, { "sec-fetch-site": "none" }])
    assert.equal(statusOf(await raw("GET", "/api/logs", headers)), 200, JSON.stringify(headers));
  for (const headers of [own, {}])
    assert.equal(statusOf(await raw("POST", "/api/routing/simulate", { ...JSON_TYPE, ...headers }, SIMULATION)), 200);
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  assert.equal(statusOf(await raw("GET", "/", link)), 200);
  assert.equal(statusOf(await raw("GET", "/api/logs", link)), 403);
});

test("a form's content type is no way to write", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
    assert.equal(statusOf(await raw("POST", "/api/routing/simulate", { "content-type": type }, SIMULATION)), 415, type);
});

test("another machine may neither read nor write what is the operator's while there is no login", async (context) => {
  const address = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === "IPv4" && !each.internal)?.address;
  if (address === undefined) return context.skip("this machine has no address but loopback");
  const wide = await startRig({}, {}, { flags: ["-host", "0.0.0.0"] });
  try {
    const url = `http://${address}:${wide.gateway.port}`;
    const init = { method: "POST", body: SIMULATION.replace("openai0", "demo"), headers: JSON_TYPE };
    assert.equal((await fetch(`${url}/api/routing/simulate`, init)).status, 401);
    assert.equal((await fetch(`${url}/api/logs`)).status, 401);
    assert.equal((await fetch(`http://127.0.0.1:${wide.gateway.port}/api/routing/simulate`, init)).status, 200);
  } finally {
    await wide.close();
  }
});

test("every answer carries the security headers", async () => {
  for (const answer of [await raw("GET", "/", {}), await raw("GET", "/nothing", {}), await raw("GET", "/health", {})]) {
    assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
    assert.match(answer, /\r\nx-frame-options: DENY\r\n/i);
  }
});

// ---- secrets

test("no planted secret stands in the log, the metrics, the output, an answer or a file of the gateway's own", async () => {
  const answers: string[] = [];
  const keep = async (model: string, more: { stream?: boolean; headers?: Record<string, string> } = {}) => {
    for (const dialect of DIALECTS) {
      const reply = await rig.ask({ dialect, model, headers: vk(CANARY.good), ...more });
      answers.push(reply.text, JSON.stringify([...reply.headers]));
      if (reply.status === 200) assert.ok(textOf(reply) !== "");
    }
  };
  for (const model of ["echo", "echo-key", "status-500", "cut-before-head", "not-http", "redirect", "html-error"]) {
    await keep(`canary0/${model}`);
    await keep(`canary0/${model}`, { stream: true });
  }
  for (const value of [CANARY.unknown, CANARY.foreign, CANARY.off, CANARY.old])
    await keep("canary0/echo", { headers: vk(value) });
  await rig.gateway.logs(30);
  for (const target of [
    "/metrics",
    "/",
    "/api/version",
    "/health",
    "/v1/models",
    "/api/logs?limit=1000",
    "/api/providers",
    "/api/config",
  ])
    answers.push(await (await fetch(rig.gateway.url + target, { headers: vk(CANARY.good) })).text());
  for (const { id } of (await rig.gateway.logs(30)).slice(0, 60))
    answers.push(await (await fetch(`${rig.gateway.url}/api/logs/${id}`)).text());
  const files = globSync("**/*", { cwd: rig.gateway.appDir })
    .filter((file) => path.basename(file) !== "config.json")
    .map((file) => path.join(rig.gateway.appDir, file))
    .filter((file) => statSync(file).isFile());
  assert.ok(files.some((file) => file.endsWith("logs.db")));
  for (const file of files) assert.equal(statSync(file).mode & 0o077, 0, `${file} is open to others`);
  const places: (readonly [string, string])[] = [
    ...answers.map((text, i) => [`answer ${i}`, text] as const),
    ...files.map((file) => [file, readFileSync(file, "latin1")] as const),
    ["the output", rig.gateway.output()],
  ];
  const secrets = [...Object.values(CANARY), "sk-openai0-1", "canary-cookie"];
  for (const [place, text] of places)
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} stands in ${place}`);
  assert.ok(rig.gateway.output().length > 0);
});

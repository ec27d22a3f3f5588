// Abuse of the management API: broken, deep, huge and packed bodies, odd paths, mutated calls, readers that stop or leave.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { exchange, RawClient } from "../../src/server/testing.ts";
import { ask } from "../support/conversation.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { memoryOf } from "../support/process-memory.ts";
import { pause, until } from "../support/rig.ts";

const VIRTUAL_KEYS = "/api/governance/virtual-keys";
const JSON_TYPE = { "content-type": "application/json" };

interface Write {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** Every write with a body that it takes. */
const WRITES: readonly Write[] = [
  { method: "PUT", path: "/api/config", body: { client_config: { log_retention_days: 90, required_headers: [] } } },
  { method: "POST", path: "/api/config/metadata", body: { page: { theme: "dark" } } },
  { method: "PUT", path: "/api/proxy-config", body: { enabled: false, type: "http", url: "http://127.0.0.1:3128" } },
  { method: "PUT", path: "/api/feature-flags", body: { experiments: true } },
  {
    method: "PUT",
    path: "/api/providers/groq",
    body: {
      keys: [{ name: "g", value: "sk-groq-0123456789", models: ["*"], weight: 0.5 }],
      network_config: { max_retries: 1 },
    },
  },
  { method: "PUT", path: "/api/providers/openai/keys/first", body: { weight: 2, models: ["a", "b"], enabled: true } },
  {
    method: "POST",
    path: VIRTUAL_KEYS,
    body: {
      name: "made",
      provider_configs: [{ provider: "openai", weight: 1, allowed_models: ["*"], key_ids: ["first"] }],
      budgets: [{ max_limit: 5, reset_duration: "1d" }],
      rate_limit: { request_max_limit: 5, request_reset_duration: "1m" },
      expires_at: "2099-01-01T00:00:00Z",
    },
  },
  { method: "POST", path: `${VIRTUAL_KEYS}/rotate`, body: { ids: ["x"] } },
  {
    method: "POST",
    path: "/api/routing/simulate",
    body: { body: { model: "demo/echo" }, headers: { a: "b" }, draws: 3 },
  },
  { method: "POST", path: "/api/session/login", body: { username: "a", password: "b" } },
];

let gateway: TestGateway;

before(async () => {
  gateway = await startTestGateway({
    config: { providers: { openai: { keys: [{ name: "first", value: "sk-first-secret-1" }] } } },
  });
});

after(() => gateway.stop());

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

async function call(
  method: string,
  path: string,
  body: string | Uint8Array<ArrayBuffer> | null,
  headers = {},
): Promise<Answer> {
  const init = body === null ? { headers } : { body, headers: { ...JSON_TYPE, ...headers } };
  const answer = await fetch(gateway.url + path, { method, ...init });
  return { status: answer.status, text: await answer.text(), type: answer.headers.get("content-type") ?? "" };
}

/** A 4xx with the error object, in JSON. */
function assertRefused({ status, text, type }: Answer, what: string, expected?: number): void {
  assert.ok(
    expected === undefined ? status >= 400 && status < 500 : status === expected,
    `${what}: ${status} ${text.slice(0, 300)}`,
  );
  assert.equal(type, "application/json", what);
  const { error, status_code } = JSON.parse(text) as { error: { message: string }; status_code: number };
  assert.equal(status_code, status, what);
  assert.ok(error.message.length > 10, what);
  assert.doesNotMatch(error.message, /\n\s+at |node:|\/src\//, what);
}

async function stateOf(): Promise<string> {
  const targets = ["/api/config", "/api/providers", VIRTUAL_KEYS, "/api/proxy-config", "/api/feature-flags"];
  return (await Promise.all(targets.map(async (target) => (await call("GET", target, null)).text))).join("\n");
}

async function assertServes(): Promise<void> {
  assert.equal((await ask(gateway.url, { model: "demo/echo" })).status, 200);
  assert.equal((await call("GET", "/api/providers", null)).status, 200);
}

const BROKEN: readonly (readonly [name: string, body: string])[] = [
  ["nothing", ""],
  ["white space", " \n\t "],
  ["a word", "nonsense"],
  ["a truncated object", '{"name": "a", "value'],
  ["an unclosed object", '{"name": "a"'],
  ["more behind it", '{"name": "a"} {}'],
  ["a text", '"text"'],
  ["a number", "1e999"],
  ["null", "null"],
  ["a list", "[]"],
  ["NUL behind it", '{"name": "a"}\0'],
  ["NUL within a text", '{"name": "a\0b"}'],
  ["NUL, escaped, as a name", '{"name": "a\\u0000b", "provider": "a\\u0000b"}'],
  ["line ends in a name", '{"name": "a\\r\\nx: y", "provider": "a\\r\\nx: y"}'],
  ["a lone surrogate as a member", '{"\\ud800": 1}'],
  ["bytes that are no UTF-8", '{"name": "\xff\xfe"}'],
  ["single quotes", "{'name': 'a'}"],
  ["a comment", '{"name": "a" /* b */}'],
  ["a trailing comma", '{"name": "a",}'],
  ["__proto__", '{"name": "a", "__proto__": {"polluted": true}}'],
  ["constructor", '{"name": "a", "constructor": {"prototype": {"polluted": true}}}'],
  ["a member twice", '{"name": "a", "name": "b"}'],
  ["a member twice, once escaped", '{"name": "a", "n\\u0061me": "b"}'],
  ["wrong types", '{"name": {}, "provider": [], "username": 1, "ids": "x", "client_config": 1, "keys": 1, "body": 1}'],
  ["half a million levels", `{"name": ${"[".repeat(500_000)}`],
  ["half a million levels, closed", `{"name": ${'{"a":'.repeat(250_000)}1${"}".repeat(250_000)}}`],
];

/** What is free-form takes some of them. */
const FREE = new Set(["/api/config/metadata", "/api/feature-flags"]);

test("what is broken is 4xx with the error object on every write, in flat memory, and nothing comes of it", async () => {
  for (const { method, path } of WRITES) await call(method, path, "{}");
  const before = await stateOf();
  const peak = memoryOf(gateway.pid).peak;
  for (const { method, path } of WRITES)
    for (const [name, body] of BROKEN) {
      if (FREE.has(path) && /proto|constructor|wrong types|escaped, as|in a name|surrogate/.test(name)) continue;
      // an object that says nothing of this route is refused by its members
      assertRefused(
        await call(method, path, Buffer.from(body, name.includes("UTF-8") ? "latin1" : "utf8")),
        `${method} ${path}: ${name}`,
      );
    }
  for (const { method, path, body } of WRITES) {
    const inner = JSON.stringify(body).slice(1, -1);
    const twice = await call(method, path, `{${inner},${inner}}`);
    assertRefused(twice, `${method} ${path}: its own members twice`, 400);
    assert.match(twice.text, /is given twice: line 1, column/);
  }
  assert.ok(memoryOf(gateway.pid).peak - peak < 150, `${memoryOf(gateway.pid).peak - peak} MB`);
  assert.equal(await stateOf(), before);
  await assertServes();
});

test("what is free-form keeps such names as data and pollutes nothing", async () => {
  await call(
    "POST",
    "/api/config/metadata",
    '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}',
  );
  const { metadata } = JSON.parse((await call("GET", "/api/config", null)).text) as { metadata: object };
  assert.deepEqual(
    Object.keys(metadata).filter((name) => name.includes("o__") || name === "constructor"),
    ["__proto__", "constructor"],
  );
  const made = await call("POST", VIRTUAL_KEYS, '{"name": "clean"}');
  assert.doesNotMatch(made.text, /polluted/);
  await call("POST", "/api/config/metadata", '{"__proto__": null, "constructor": null}');
  await assertServes();
});

test("100 MB, announced or chunked, and bombs are 413 before they are in memory; packed bodies are read", async () => {
  const text = JSON.stringify({ client_config: { log_retention_days: 30 } });
  for (const [encoding, packed] of [
    ["gzip", gzipSync(text)],
    ["br", brotliCompressSync(text)],
  ] as const)
    assert.equal(
      (await call("PUT", "/api/config", new Uint8Array(packed), { "content-encoding": encoding })).status,
      200,
    );
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20));
  const bomb = new Uint8Array(Buffer.concat(Array.from({ length: 64 }, () => member)));
  assertRefused(await call("PUT", "/api/config", bomb, { "content-encoding": "gzip" }), "bomb", 413);
  const peak = memoryOf(gateway.pid).peak;
  for (const { method, path } of WRITES) {
    assertRefused(await call(method, path, bomb, { "content-encoding": "gzip" }), `${method} ${path}: bomb`, 413);
    for (const chunked of [false, true]) {
      const framing = chunked ? "transfer-encoding: chunked" : `content-length: ${100 * 1024 * 1024}`;
      const client = await RawClient.open(gateway.port);
      client.send(
        `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`,
      );
      const part = Buffer.alloc(1024 * 1024, 0x20);
      const frame = Buffer.concat([Buffer.from("100000\r\n"), part, Buffer.from("\r\n")]);
      for (let n = 0; n < 100 && !client.text.includes("\r\n\r\n") && !client.closed; n++)
        await new Promise<void>((resolve) => client.socket.write(chunked ? frame : part, () => resolve()));
      await client.until("\r\n\r\n{");
      assert.match(await client.rest(), /^HTTP\/1\.1 413 [^]*limit of 10485760 bytes/, `${path} ${framing}`);
    }
  }
  const grown = memoryOf(gateway.pid).peak - peak;
  assert.ok(grown < 150, `the process grew by ${grown} MB`);
  await assertServes();
});

test("paths that climb, in every encoding, are 404 on management paths, and so is what has no route", async () => {
  const climbing = [
    "..",
    "%2e%2e",
    "%2E.",
    "%252e%252e",
    "..%2f..",
    "..%5c..",
    "..\\..",
    "....//..",
    "..;",
    "%00",
    "%0d%0ax",
    "%c0%ae%c0%ae",
  ];
  for (const base of ["/api/providers", "/api/logs", VIRTUAL_KEYS, "/ui", "/docs", "/assets", "/setup"])
    for (const step of climbing)
      for (const path of [
        `${base}/${step}`,
        `${base}/${step}/etc/passwd`,
        `${base}/${step}/config`,
        `${base}/x/${step}/x`,
      ]) {
        const answer = await exchange(
          gateway.port,
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
        );
        assert.match(answer, /^HTTP\/1\.1 404 /, `${path}: ${answer.slice(0, 200)}`);
        assert.doesNotMatch(answer, /root:|client_config|"providers":/, path);
      }
  for (const [method, path] of [
    ["GET", "/api/nothing"],
    ["POST", "/api/nothing"],
    ["PUT", "/api/providers"],
    ["DELETE", "/api/config"],
    ["PATCH", VIRTUAL_KEYS],
  ] as const)
    assertRefused(await call(method, path, method === "GET" ? null : "{}"), `${method} ${path}`);
});

/** A small generator with a seed: the same calls in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.1,
  "",
  "*",
  "env.NOBODY",
  "x".repeat(5_000),
  "\u0000",
  "🙂",
  [],
  [[]],
  {},
  { value: {} },
  [null],
  "2020-01-01T00:00:00Z",
  "1d",
  "-1d",
];

/** One place of the value is replaced, removed, doubled or renamed. */
function mutated(value: unknown, pick: (below: number) => number): unknown {
  if (value === null || typeof value !== "object" || pick(6) === 0) return ODD[pick(ODD.length)];
  if (Array.isArray(value)) {
    if (value.length === 0 || pick(4) === 0) return [...value, value.length === 0 ? ODD[pick(ODD.length)] : value[0]];
    const at = pick(value.length);
    return value.map((item, index) => (index === at ? mutated(item, pick) : item));
  }
  const entries = Object.entries(value);
  const [name, item] = entries[pick(entries.length)] ?? ["name", 1];
  const rest = entries.filter(([other]) => other !== name);
  if (pick(8) === 0) return Object.fromEntries(rest);
  const names = [name, name, name, `${name}x`, "__proto__", "toString", "id"];
  return Object.fromEntries([...rest, [names[pick(names.length)] as string, mutated(item, pick)]]);
}

test("1,000 mutated calls are taken or refused, and none of them is a fault of ours", { timeout: 60_000 }, async () => {
  const pick = generator(20_261_123);
  for (let n = 0; n < 1_000; n++) {
    const write = WRITES[pick(WRITES.length)] as Write;
    let body = mutated(write.body, pick);
    if (pick(3) === 0) body = mutated(body, pick);
    const text = JSON.stringify(body) ?? "null";
    const answer = await call(write.method, write.path, text);
    const what = `${write.method} ${write.path} ${text.slice(0, 400)}`;
    assert.equal(answer.type, "application/json", what);
    if (answer.status !== 200) assertRefused(answer, what);
  }
  // what was taken may be that every call needs a header which nobody sends
  const back = { required_headers: null, enforce_auth_on_inference: false, log_retention_days: null };
  assert.equal((await call("PUT", "/api/config", JSON.stringify({ client_config: back }))).status, 200);
  assert.doesNotMatch(gateway.output(), /a management call failed|plane (ended|failed)|could not be handled/);
  await assertServes();
  // whatever was taken is a configuration that the next start reads
  const list = JSON.parse((await call("GET", `${VIRTUAL_KEYS}?export=true`, null)).text) as {
    virtual_keys: { id: string }[];
  };
  for (const key of list.virtual_keys.slice(0, 20))
    assert.equal(
      (await call("PUT", `${VIRTUAL_KEYS}/${key.id}`, JSON.stringify(key))).status,
      200,
      JSON.stringify(key),
    );
});

test("a reader who stops in a large answer, and 50 who leave it, hold up nobody and nothing stays", {
  timeout: 60_000,
}, async () => {
  const large = JSON.stringify({ notes: "x".repeat(250_000) });
  assert.equal((await call("POST", "/api/config/metadata", large)).status, 200);
  const line = `GET /api/config HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const stopped = connect(gateway.port, "127.0.0.1");
  stopped.pause();
  stopped.on("error", () => {});
  // far more than any buffer of the system holds
  stopped.write(line.repeat(200));
  const leavers = Array.from({ length: 50 }, async (_, n) => {
    const client = await RawClient.open(gateway.port);
    client.send(line);
    await pause(n % 10);
    client.leave();
  });
  await Promise.all(leavers);
  const before = memoryOf(gateway.pid).now;
  for (let n = 0; n < 50; n++) await assertServes();
  assert.ok(memoryOf(gateway.pid).now - before < 100);
  stopped.destroy();
  await until("their connections are gone", async () => connectionsOf(gateway) <= 4);
  await call("POST", "/api/config/metadata", '{"notes": null}');
});

/** Sockets that the gateway has open beside those it listens on. */
function connectionsOf({ port }: TestGateway): number {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
  // local address, then the other one, then the state: established or waiting for our close
  return lines.filter((line) => new RegExp(`: 0100007F:${hex} \\S+ 0[18] `).test(line)).length;
}

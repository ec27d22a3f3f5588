// Requests that are malformed, too large, ambiguous or hostile: refused clearly in the dialect, recorded, and of no effect on others.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { REQUESTS } from "../../src/lib/http1/corpus/requests.ts";
import { exchange, RawClient } from "../../src/server/testing.ts";
import { type Dialect, errorOf, textOf } from "../support/conversation.ts";
import { memoryOf } from "../support/process-memory.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;

before(async () => {
  rig = await startRig(
    { openai: { base: "openai" }, claude: { base: "anthropic" } },
    { client: { max_request_body_size_mb: 100 } },
  );
});

after(() => rig.close());

const PATHS: Readonly<Record<Dialect, string>> = {
  openai: "/v1/chat/completions",
  anthropic: "/anthropic/v1/messages",
};
const DIALECTS = ["openai", "anthropic"] as const;

interface Refused {
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly text: string;
}

let marks = 0;

function answersIn(text: string): number {
  return text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
}

async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Refused & { mark: string }> {
  const mark = `bad-${++marks}`;
  const answer = await fetch(rig.gateway.url + path, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-request-id": mark, ...headers },
  });
  const text = await answer.text();
  let json: Record<string, unknown> = {};
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // `text` has it.
  }
  return { status: answer.status, json, text, mark };
}

async function assertOthersAreFine(): Promise<void> {
  for (const dialect of DIALECTS) {
    const reply = await rig.ask({ dialect, model: "openai0/echo" });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(textOf(reply), `You said: question ${reply.mark}`);
  }
}

const MESSAGES = '"messages":[{"role":"user","content":"Hi"}],"max_tokens":9';

/** What is sent, the status, and words that the message must hold. */
const BODIES: readonly (readonly [what: string, body: string, status: number, words: RegExp])[] = [
  ["an empty body", "", 400, /empty/],
  ["text", "hello", 400, /JSON/],
  ["JSON that breaks off", `{"model":"openai0/echo",${MESSAGES}`, 400, /JSON/],
  ["a comma too many", `{"model":"openai0/echo",${MESSAGES},}`, 400, /line 1, column/],
  ["a fault on line 3", `{\n"model":"openai0/echo",\n"messages":[nope]}`, 400, /line 3, column/],
  ["something behind the object", `{"model":"openai0/echo",${MESSAGES}} more`, 400, /JSON/],
  ["a list", "[1]", 400, /JSON object/],
  ["a number", "7", 400, /JSON object/],
  ["null", "null", 400, /JSON object/],
  ["no model", `{${MESSAGES}}`, 400, /model/],
  ["a model that is a number", `{"model":5,${MESSAGES}}`, 400, /model/],
  ["an empty model", `{"model":"",${MESSAGES}}`, 400, /model/],
  ["a model with NUL", `{"model":"openai0/\\u0000",${MESSAGES}}`, 400, /model/],
  ["no messages", '{"model":"openai0/echo","max_tokens":9}', 400, /messages/],
  ["messages that are text", '{"model":"openai0/echo","max_tokens":9,"messages":"Hi"}', 400, /messages/],
  ["no message", '{"model":"openai0/echo","max_tokens":9,"messages":[]}', 400, /messages/],
  ["a message that is text", '{"model":"openai0/echo","max_tokens":9,"messages":["Hi"]}', 400, /messages\[0\]/],
  ["a role that is a number", '{"model":"openai0/echo","max_tokens":9,"messages":[{"role":1}]}', 400, /role/],
  ["stream as text", `{"model":"openai0/echo","stream":"yes",${MESSAGES}}`, 400, /stream/],
  [
    "max_tokens as text",
    '{"model":"openai0/echo","max_tokens":"9","messages":[{"role":"user","content":"Hi"}]}',
    400,
    /max_tokens/,
  ],
  ["temperature as text", `{"model":"openai0/echo","temperature":"hot",${MESSAGES}}`, 400, /temperature/],
  ["tools as an object", `{"model":"openai0/echo","tools":{},${MESSAGES}}`, 400, /tools/],
  ["fallbacks as text", `{"model":"openai0/echo","fallbacks":"claude0/echo",${MESSAGES}}`, 400, /fallbacks/],
  ["a fallback that is a number", `{"model":"openai0/echo","fallbacks":[1],${MESSAGES}}`, 400, /fallbacks/],
  ["the model twice", `{"model":"openai0/echo","model":"claude0/echo",${MESSAGES}}`, 400, /model/],
  [
    "the model twice, once in disguise",
    `{"model":"openai0/echo","mod\\u0065l":"claude0/echo",${MESSAGES}}`,
    400,
    /model/,
  ],
  ["stream twice", `{"model":"openai0/echo","stream":true,"stream":false,${MESSAGES}}`, 400, /stream/],
  ["an unknown provider", `{"model":"groq/any",${MESSAGES}}`, 404, /groq/],
  ["a model that nobody offers", `{"model":"gpt-4o-mimi",${MESSAGES}}`, 404, /gpt-4o-mimi/],
];

for (const [what, body, status, words] of BODIES)
  test(`${what} is ${status} in the dialect, and stands in the log`, async () => {
    for (const dialect of DIALECTS) {
      const before = rig.upstream.requests.length;
      const refused = await post(PATHS[dialect], body);
      assert.equal(refused.status, status, `${dialect}: ${refused.text}`);
      assert.match(errorOf(refused.json, dialect).message, words);
      assert.equal(rig.upstream.requests.length, before, "the provider was asked");
      const row = await rig.row(refused);
      assert.equal(row.status, "error");
      assert.equal(row["status_code"], status);
      assert.equal(row.attempts.length, 0);
      const error = row["error_details"] as { message: string; status_code: number };
      assert.match(error.message, words);
      assert.equal(error.status_code, status);
    }
  });

test("500,000 levels of nesting are refused or passed on, in flat memory, raw and translated", async () => {
  const before = memoryOf(rig.gateway.pid).peak;
  const deep = "[".repeat(500_000) + "]".repeat(500_000);
  const objects = '{"a":'.repeat(500_000) + "1" + "}".repeat(500_000);
  for (const nested of [deep, objects, "[".repeat(500_000)])
    for (const dialect of DIALECTS)
      for (const provider of ["openai0", "claude0"])
        for (const body of [
          `{"model":"${provider}/echo",${MESSAGES},"x":${nested}}`,
          `{"model":"${provider}/echo","max_tokens":9,"messages":[{"role":"user","content":${nested}}]}`,
          nested,
        ]) {
          const refused = await post(PATHS[dialect], body);
          assert.equal(refused.status, 400, `${dialect} at ${provider}: ${refused.text.slice(0, 300)}`);
          errorOf(refused.json, dialect);
        }
  const grown = memoryOf(rig.gateway.pid).peak - before;
  assert.ok(grown < 150, `the process grew by ${grown} MB`);
  await assertOthersAreFine();
});

test("__proto__ and constructor in a body pollute nothing", async () => {
  const poison = '"__proto__":{"stream":true,"polluted":1},"constructor":{"prototype":{"polluted":1}}';
  for (const dialect of DIALECTS)
    for (const provider of ["openai0", "claude0"])
      for (const body of [
        `{${poison},"model":"${provider}/echo",${MESSAGES}}`,
        `{"model":"${provider}/echo","max_tokens":9,"messages":[{"role":"user","content":"Hi",${poison}}]}`,
        `{"model":"${provider}/echo",${MESSAGES},"tools":[{"type":"function","function":{"name":"f","parameters":{${poison}}}}]}`,
        `{"model":"${provider}/echo",${MESSAGES},"extra_params":{${poison}}}`,
      ]) {
        const { status, text } = await post(PATHS[dialect], body, { "x-bf-passthrough-extra-params": "true" });
        assert.ok(status === 200 || status === 400, `${status} ${text}`);
        assert.doesNotMatch(text, /^data:|^event:/, "the answer became a stream");
      }
  await assertOthersAreFine();
  const clean = await rig.ask({ model: "claude0/echo" });
  assert.doesNotMatch(rig.seen(clean)[0]?.body.toString() ?? "", /polluted/);
});

test("fields that we do not act on may stand twice, and odd numbers and spellings go through as they are", async () => {
  const body = `{"model":"openai0/echo",${MESSAGES},"seed":1,"seed":2,"x":1.0e+2,"\\u0079":-0.0, "z":12345678901234567890}`;
  const { status, mark } = await post(PATHS.openai, body);
  assert.equal(status, 200);
  const sent = rig.upstream.requests.at(-1)?.body.toString() ?? "";
  assert.equal(sent, body.replace("openai0/echo", "echo"), mark);
});

test("another content type is 415, in the dialect", async () => {
  for (const dialect of DIALECTS) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const refused = await post(PATHS[dialect], `{"model":"openai0/echo",${MESSAGES}}`, { "content-type": type });
      assert.equal(refused.status, 415, refused.text);
      errorOf(refused.json, dialect);
    }
    for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"])
      assert.equal(
        (await post(PATHS[dialect], `{"model":"openai0/echo",${MESSAGES}}`, { "content-type": type })).status,
        200,
      );
  }
});

test("a wrong method is 405 with the methods that are possible", async () => {
  for (const dialect of DIALECTS)
    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      const answer = await fetch(rig.gateway.url + PATHS[dialect], { method });
      assert.equal(answer.status, 405, method);
      assert.match(answer.headers.get("allow") ?? "", /POST/);
      errorOf((await answer.json()) as Record<string, unknown>, dialect);
    }
});

test("an unknown route is 404 in the dialect of its prefix, with the nearest path", async () => {
  const unknown = await post("/v1/chat/completion", "{}");
  assert.equal(unknown.status, 404);
  assert.match(errorOf(unknown.json, "openai").message, /did you mean \/v1\/chat\/completions/);
  const anthropic = await post("/anthropic/v1/message", "{}");
  assert.equal(anthropic.status, 404);
  assert.match(errorOf(anthropic.json, "anthropic").message, /did you mean \/anthropic\/v1\/messages/);
});

test("paths that climb, in every encoding, are 404", async () => {
  const climbing = [
    "/v1/../api/logs",
    "/v1/..%2fapi/logs",
    "/v1/%2e%2e/api/logs",
    "/v1/%2e%2e%2fapi%2flogs",
    "/v1/%252e%252e/api/logs",
    "/v1/..\\api\\logs",
    "/v1/..%5capi%5clogs",
    "/ui/../../etc/passwd",
    "/assets/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/assets/..%c0%af..%c0%afetc/passwd",
    "/ui/%00",
    "/./v1/models",
    "/v1//models",
    "/assets/....//etc/passwd",
    "/v1/..;/api/logs",
  ];
  for (const path of climbing) {
    const text = await exchange(
      rig.gateway.port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 40[04] /, `${path}: ${text.slice(0, 200)}`);
    assert.doesNotMatch(text, /root:|"logs":/, path);
  }
});

// ---- size

test("a body over the limit is 413, announced or chunked, in the dialect, and stands in the log", async () => {
  for (const dialect of DIALECTS)
    for (const chunked of [false, true]) {
      const mark = `large-${dialect}-${chunked}`;
      const framing = chunked ? "transfer-encoding: chunked" : `content-length: ${120 * 1024 * 1024}`;
      const client = await RawClient.open(rig.gateway.port);
      client.send(
        `POST ${PATHS[dialect]} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-request-id: ${mark}\r\n${framing}\r\n\r\n`,
      );
      const part = Buffer.alloc(1024 * 1024, 0x20);
      const frame = Buffer.concat([Buffer.from("100000\r\n"), part, Buffer.from("\r\n")]);
      for (let n = 0; n < 102 && !client.text.includes("\r\n\r\n") && !client.closed; n++)
        await new Promise<void>((resolve) => client.socket.write(chunked ? frame : part, () => resolve()));
      await client.until("\r\n\r\n{");
      const text = await client.rest();
      assert.match(text, /^HTTP\/1\.1 413 /);
      assert.equal(answersIn(text), 1);
      const { message } = errorOf(
        JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)) as Record<string, unknown>,
        dialect,
      );
      assert.match(message, /limit of 104857600 bytes/);
      assert.equal((await rig.row({ mark }))["status_code"], 413);
    }
  await assertOthersAreFine();
});

test("a body that is packed is read, and a bomb is 413 before it is in memory", async () => {
  const body = `{"model":"openai0/echo",${MESSAGES}}`;
  for (const [encoding, packed] of [
    ["gzip", gzipSync(body)],
    ["br", brotliCompressSync(body)],
  ] as const)
    assert.equal((await post(PATHS.openai, new Uint8Array(packed), { "content-encoding": encoding })).status, 200);
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20));
  const bomb = new Uint8Array(Buffer.concat(Array.from({ length: 64 }, () => member)));
  await post(PATHS.openai, bomb, { "content-encoding": "gzip" });
  const before = memoryOf(rig.gateway.pid).peak;
  for (const dialect of DIALECTS) {
    const refused = await post(PATHS[dialect], bomb, { "content-encoding": "gzip" });
    assert.equal(refused.status, 413, refused.text);
    errorOf(refused.json, dialect);
  }
  const grown = memoryOf(rig.gateway.pid).peak - before;
  assert.ok(grown < 150, `the process grew by ${grown} MB`);
  const broken = await post(PATHS.openai, new Uint8Array(gzipSync(body).subarray(0, 30)), {
    "content-encoding": "gzip",
  });
  assert.equal(broken.status, 400, broken.text);
  const unknown = await post(PATHS.openai, body, { "content-encoding": "rot13" });
  assert.equal(unknown.status, 415, unknown.text);
  await assertOthersAreFine();
});

test("10,000 headers and a header of 1 MB are 431, a URL of 1 MB is 414", async () => {
  const many = Array.from({ length: 10_000 }, (_, n) => `x-${n}: 1\r\n`).join("");
  const cases = [
    [`GET /health HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`, 431],
    [`GET /health HTTP/1.1\r\nHost: localhost\r\nx: ${"a".repeat(1024 * 1024)}\r\n\r\n`, 431],
    [`GET /${"a".repeat(1024 * 1024)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 414],
  ] as const;
  for (const [raw, status] of cases) {
    const text = await exchange(rig.gateway.port, raw);
    assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(answersIn(text), 1);
    errorOf(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)) as Record<string, unknown>, "openai");
  }
});

// ---- framing

test("every ambiguous framing is one 4xx and a close, and what is smuggled behind it reaches nobody", async () => {
  const body = `{"model":"openai0/smuggled",${MESSAGES}}`;
  const smuggled = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (const each of REQUESTS) {
    if (each.error === undefined) continue;
    const text = await exchange(rig.gateway.port, Buffer.from(each.raw + smuggled, "latin1"));
    const before = each.messages?.length ?? 0;
    assert.equal(answersIn(text), before + 1, `${each.name}: ${text.slice(0, 300)}`);
    assert.equal(text.match(/HTTP\/1\.1 \d{3} /g)?.at(-1), `HTTP/1.1 ${each.error} `, each.name);
  }
  const lengths = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`;
  assert.match(await exchange(rig.gateway.port, lengths), /^HTTP\/1\.1 400 /);
  assert.ok(!rig.upstream.requests.some((request) => request.model === "smuggled"));
  await assertOthersAreFine();
});

test("pipelined questions are answered in their order, each with its own answer", async () => {
  const client = await RawClient.open(rig.gateway.port);
  const models = ["slow-300ms", "echo", "slow-100ms", "echo"];
  client.send(
    models
      .map((model, n) => {
        const body = `{"model":"openai0/${model}","messages":[{"role":"user","content":"number ${n}"}]}`;
        return `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      })
      .join(""),
  );
  const text = await client.until("number 3");
  assert.deepEqual(
    text.match(/You said: number \d/g),
    [0, 1, 2, 3].map((n) => `You said: number ${n}`),
  );
  client.leave();
});

test("Expect: 100-continue is answered before the body is sent", async () => {
  const body = `{"model":"openai0/echo",${MESSAGES}}`;
  const client = await RawClient.open(rig.gateway.port);
  client.send(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  await client.until("HTTP/1.1 100 Continue\r\n\r\n");
  client.send(body);
  await client.until("You said: Hi");
  client.leave();
});

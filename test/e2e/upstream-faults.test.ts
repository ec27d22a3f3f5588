// What comes of a provider's faults: with a second target one good answer, without one the right error, and never a hang.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { textOf } from "../support/conversation.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { memoryOf } from "../support/process-memory.ts";
import { deadUrl, pause, type Rig, startRig } from "../support/rig.ts";
import {
  assertAnswered,
  assertFailsOver,
  assertNextIsFine,
  assertRefused,
  FAULT_KINDS,
  waysThrough,
} from "./faults.ts";

const pem = (name: string): string =>
  readFileSync(new URL(`../../src/upstream/fixtures/${name}`, import.meta.url), "utf8");

let rig: Rig;
let secure: FaultUpstream;

/** A server that a test scripts byte by byte. */
async function rawServer(script: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    script(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const FOREIGN =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"for somebody else"},"finish_reason":"stop"}]}';
const FOREIGN_ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${FOREIGN.length}\r\n\r\n${FOREIGN}`;

before(async () => {
  secure = await startFaultUpstream({ tls: { key: pem("server-key.pem"), cert: pem("server.pem") } });
  const plain = await startFaultUpstream();
  after(() => plain.close());
  const patient = { default_request_timeout_in_seconds: 20 };
  rig = await startRig({
    ...FAULT_KINDS,
    refused: { base: "openai", network: { base_url: await deadUrl() } },
    nowhere: { base: "openai", network: { base_url: "http://no-such-host.invalid" } },
    "no-tls": { base: "openai", network: { base_url: plain.url.replace("http:", "https:") } },
    untrusted: { base: "openai", network: { base_url: secure.url } },
    trusted: { base: "openai", network: { base_url: secure.url, ca_cert_pem: pem("ca.pem") } },
    patient: { base: "openai", network: patient },
    pooled: { base: "openai", network: { keep_alive_timeout: 29 } },
  });
});

after(async () => {
  await rig.close();
  await secure.close();
});

/** Behaviour → the statuses without another target. Where streams fare differently they have tests of their own. */
const FAULTS: readonly (readonly [what: string, behaviour: string, statuses: readonly number[]])[] = [
  ["a reset before the head", "cut-before-head", [502]],
  ["a reset within the head", "cut-in-head", [502]],
  ["silence instead of a head", "stall-before-head", [504]],
  ["silence within the head", "stall-in-head", [504]],
  ["silence behind the head", "stall-after-head", [504]],
  ["silence before the first content", "stall-before-content", [504]],
  ["one byte a second", "drip", [504]],
  ["a content-length beyond the body", "wrong-length", [502]],
  ["a content-length short of the body", "short-length", [502]],
  ["both framings at once", "both-framings", [502]],
  ["a chunk size that is none", "bad-chunk", [502]],
  ["a head of 1 MB", "huge-head", [502]],
  ["another protocol", "not-http", [502]],
  ["status 500", "status-500", [500]],
  ["status 502", "status-502", [502]],
  ["status 503", "status-503", [503]],
  ["status 504", "status-504", [504]],
  ["status 529, overloaded", "overloaded", [529, 503]],
  ["a status without a body", "bare-status-503", [503]],
  ["an HTML error page", "html-error", [502]],
  ["an HTML page with status 200", "html-200", [502]],
  ["JSON that breaks off", "truncated-json", [502]],
  ["JSON that is none", "invalid-json", [502]],
  ["an empty body", "empty-body", [502]],
  ["a list in place of an answer", "json-list", [502]],
  ["an error with status 200", "error-in-200", [502]],
  ["an answer without content", "no-choices", [502]],
  ["a redirect to a metadata address", "redirect", [502]],
  ["an unknown content coding", "unknown-coding", [502]],
];

for (const [what, behaviour, statuses] of FAULTS)
  test(`${what}: the next target answers, without one the client gets ${statuses.join(" or ")}`, async () => {
    await Promise.all(waysThrough().map((way) => assertFailsOver(rig, behaviour, way, statuses)));
    await assertNextIsFine(rig);
  });

const PLAIN_FAULTS: readonly (readonly [what: string, behaviour: string, statuses: readonly number[]])[] = [
  ["a reset within the body", "cut-in-body", [502]],
  ["a close within the body", "close-in-body", [502]],
  ["silence within the body", "stall-mid-stream", [504]],
  ["gzip that breaks off", "broken-gzip", [502]],
];

for (const [what, behaviour, statuses] of PLAIN_FAULTS)
  test(`${what} of a plain answer: the next target answers, without one the client gets ${statuses.join()}`, async () => {
    await Promise.all(waysThrough([false]).map((way) => assertFailsOver(rig, behaviour, way, statuses)));
    await assertNextIsFine(rig);
  });

const ODD_BUT_GOOD: readonly (readonly [what: string, behaviour: string])[] = [
  ["interim 1xx answers", "interim-1xx"],
  ["HTTP/1.0", "http-1.0"],
  ["a body until the connection closes", "until-close"],
  ["every byte in a segment of its own", "split-bytes"],
  ["gzip", "gzip"],
  ["brotli", "br"],
  ["deflate", "deflate"],
  ["zstd", "zstd"],
  ["garbage behind the body", "bytes-after-body"],
  ["a second answer behind the first", "two-answers"],
  ["negative usage", "negative-usage"],
  ["usage that is no number", "text-usage"],
  ["usage beyond every context window", "huge-usage"],
  ["no usage", "no-usage"],
];

for (const [what, behaviour] of ODD_BUT_GOOD)
  test(`${what} is read as the good answer that it is, and the next request gets its own`, async () => {
    for (let round = 0; round < 2; round++)
      await Promise.all(
        waysThrough().map(async (way) => {
          const model = `${way.first}/${behaviour}`;
          const reply = await rig.ask({ dialect: way.dialect, stream: way.stream, model });
          assertAnswered(reply, way);
          assert.equal(rig.seen(reply).length, 1);
        }),
      );
    await assertNextIsFine(rig);
  });

test("usage that cannot be true does not reach the record as a count", async () => {
  for (const behaviour of ["negative-usage", "text-usage", "huge-usage"])
    for (const way of waysThrough()) {
      const reply = await rig.ask({ dialect: way.dialect, stream: way.stream, model: `${way.first}/${behaviour}` });
      const usage = (await rig.row(reply))["token_usage"] as Record<string, number | null> | null;
      for (const count of [usage?.["prompt_tokens"], usage?.["completion_tokens"], usage?.["total_tokens"]])
        assert.ok((count ?? 0) >= 0 && (count ?? 0) < 1e9, `${way.name}, ${behaviour}: ${JSON.stringify(usage)}`);
    }
});

for (const [what, kind] of [
  ["a refused connection", "refused0"],
  ["a host name that does not resolve", "nowhere0"],
  ["a TLS handshake with a server that speaks none", "no-tls0"],
  ["a certificate that nobody vouches for", "untrusted0"],
] as const)
  test(`${what}: the next target answers, without one the client gets 502`, async () => {
    for (const way of waysThrough()) {
      const { dialect, stream } = way;
      const alone = await rig.ask({ dialect, stream, model: `${kind}/any` });
      assertRefused(alone, way, [502]);
      const covered = await rig.ask({ dialect, stream, model: `${kind}/any`, fallbacks: [`${way.second}/echo`] });
      assertAnswered(covered, way);
      const row = await rig.row(covered);
      assert.deepEqual(
        row.attempts.map(({ provider, outcome, status }) => ({ provider, outcome, status })),
        [
          { provider: kind, outcome: "transport", status: null },
          { provider: way.second, outcome: "", status: 200 },
        ],
      );
    }
  });

test("the same server is reached once its authority is configured", async () => {
  for (const way of waysThrough()) {
    const reply = await rig.ask({ dialect: way.dialect, stream: way.stream, model: "trusted0/echo" });
    assertAnswered(reply, way);
  }
});

test("a provider's own error message is told, and is not framed by two full stops", async () => {
  const reply = await rig.ask({ model: "openai0/error-in-200" });
  const { message } = reply.json["error"] as { message: string };
  assert.match(message, /openai0.*error-in-200.*The model crashed\.$/);
});

test("20 of 20 requests are answered although the provider closes each connection at its reuse", async () => {
  for (const stream of [false, true]) {
    const way = { name: "reuse", dialect: "openai", first: "pooled0", second: "", stream } as const;
    let replaced = 0;
    for (let n = 0; n < 20; n++) {
      const reply = await rig.ask({ model: "pooled0/close-on-reuse", stream });
      assertAnswered(reply, way);
      const row = await rig.row(reply);
      if (row.attempts.length === 2) replaced++;
      assert.ok(row.attempts.length <= 2);
      if (row.attempts.length === 2) assert.equal(row.attempts[1]?.reason, "fresh connection");
    }
    assert.ok(replaced > 0, "no connection was reused: the test shows nothing");
  }
});

test("20 of 20 requests are answered although the provider drops its idle connections all the time", async () => {
  const way = { name: "dropped", dialect: "openai", first: "pooled0", second: "", stream: false } as const;
  for (let n = 0; n < 20; n++) {
    const reply = rig.ask({ model: "pooled0/echo" });
    assertAnswered(await reply, way);
    rig.upstream.drop();
    if (n % 2 === 0) await pause(2);
  }
});

test("no answer ever reaches another request, whatever is sent behind, before or instead of answers", async () => {
  const behaviours = ["echo", "two-answers", "bytes-after-body", "short-length", "wrong-length", "interim-1xx", "echo"];
  for (let round = 0; round < 4; round++)
    await Promise.all(
      Array.from({ length: 56 }, async (_, n) => {
        const reply = await rig.ask({ model: `openai0/${behaviours[n % 7]}`, stream: n % 2 === 1 });
        if (reply.status === 200) assert.ok(textOf(reply).includes(reply.mark), reply.text);
        else assert.equal(reply.status, 502);
      }),
    );
});

test("an answer that comes before the request was sent whole ends its connection, and the next request is fine", async () => {
  const asked: number[] = [];
  let connections = 0;
  const error = '{"error":{"message":"Too much.","type":"invalid_request_error","param":null,"code":null}}';
  const { url, server } = await rawServer((socket) => {
    const number = ++connections;
    let deaf = false;
    socket.on("data", (bytes: Buffer) => {
      if (deaf) return;
      asked.push(number);
      const large = Number(/content-length: (\d+)/i.exec(bytes.toString("latin1"))?.[1]) > 1_000_000;
      deaf = large;
      if (large) socket.pause();
      const head = large ? "HTTP/1.1 413 Payload Too Large" : "HTTP/1.1 200 OK";
      const body = large ? error : FOREIGN;
      socket.write(`${head}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
  });
  const own = await startRig({ early: { base: "openai", network: { base_url: url } } });
  try {
    const large = await own.ask({ model: "early0/any", fields: { user: "x".repeat(30_000_000) } });
    assert.equal(large.status, 413, large.text);
    assert.equal(large.text, error);
    for (let n = 0; n < 3; n++) assert.equal((await own.ask({ model: "early0/any" })).status, 200);
    assert.deepEqual(asked.slice(0, 2), [1, 2], "the connection with half a request on it was used again");
  } finally {
    await own.close();
    server.close();
  }
});

test("an answer that comes while the connection rests is nobody's answer", async () => {
  let questions = 0;
  const { url, server } = await rawServer((socket) =>
    socket.on("data", (bytes: Buffer) => {
      questions++;
      const mark = /question ([0-9a-f-]{36})/.exec(bytes.toString("latin1"))?.[1] ?? "";
      const body = FOREIGN.replace("for somebody else", mark);
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      setTimeout(() => socket.destroyed || socket.write(FOREIGN_ANSWER), 5);
    }),
  );
  const own = await startRig({ resting: { base: "openai", network: { base_url: url } } });
  try {
    for (let n = 0; n < 20; n++) {
      const reply = await own.ask({ model: "resting0/any" });
      assert.equal(reply.status, 200, reply.text);
      assert.equal(textOf(reply), reply.mark);
      await pause(30);
    }
    assert.equal(questions, 20);
  } finally {
    await own.close();
    server.close();
  }
});

test("a plain answer of 50 MB goes through, and one beyond 64 MB is 502", async () => {
  const large = await rig.ask({ model: "patient0/big-text-50mb" });
  assert.equal(large.status, 200);
  assert.equal(textOf(large).length, 50 * 1024 * 1024);
  const tooLarge = await rig.ask({ model: "patient0/big-text-64mb" });
  assert.equal(tooLarge.status, 502);
  assert.match(tooLarge.text, /larger than this gateway holds/);
});

test("500 MB inside half a megabyte of gzip are 502, and are never in memory", async () => {
  const before = memoryOf(rig.gateway.pid).peak;
  for (const stream of [false, true]) {
    const reply = await rig.ask({ model: "patient0/bomb", stream });
    assert.equal(reply.status, 502, reply.text);
  }
  const grown = memoryOf(rig.gateway.pid).peak - before;
  assert.ok(grown < 200, `the process grew by ${grown} MB`);
});

test("a byte that is no UTF-8 passes or is replaced, and the answer stays readable", async () => {
  for (const way of waysThrough()) {
    const reply = await rig.ask({ dialect: way.dialect, stream: way.stream, model: `${way.first}/invalid-utf8` });
    assert.equal(reply.status, 200, `${way.name}: ${reply.text}`);
    assert.ok(textOf(reply).includes(reply.mark), way.name);
  }
});

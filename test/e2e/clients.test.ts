// Clients that leave, read slowly, come in crowds or say nothing: the provider is told, memory stays flat, others are served.
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { RawClient } from "../../src/server/testing.ts";
import { ask, bodyOf, type Dialect, isWhole, parseEvents, type Question, textOf } from "../support/conversation.ts";
import { memoryOf } from "../support/process-memory.ts";
import { pause, type Rig, startRig, until } from "../support/rig.ts";

let rig: Rig;
/** Sends half a head at the beginning of all tests, and nothing more. */
let dawdler: RawClient;
let dawdledSince = 0;

before(async () => {
  const network = { default_request_timeout_in_seconds: 60, stream_idle_timeout_in_seconds: 60 };
  rig = await startRig({
    openai: { base: "openai", network },
    claude: { base: "anthropic", network },
    waiting: {
      base: "openai",
      network: { ...network, max_retries: 3, retry_backoff_initial: 5_000, retry_backoff_max: 5_000 },
    },
  });
  dawdler = await RawClient.open(rig.gateway.port);
  dawdler.send("POST /v1/chat/completions HTTP/1.1\r\nHost: loc");
  dawdledSince = performance.now();
});

after(() => rig.close());

/** The bytes of a question on the wire. */
function request(question: Question, mark: string): string {
  const body = JSON.stringify(bodyOf(question, mark));
  const path = question.dialect === "anthropic" ? "/anthropic/v1/messages" : "/v1/chat/completions";
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-request-id: ${mark}\r\n`;
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function send(question: Question, mark: string): Promise<RawClient> {
  const client = await RawClient.open(rig.gateway.port);
  client.send(request(question, mark));
  return client;
}

const LEAVING: readonly (readonly [how: string, leave: (socket: Socket) => void])[] = [
  ["closes", (socket) => socket.destroy()],
  ["resets", (socket) => socket.resetAndDestroy()],
  ["ends its side", (socket) => socket.end()],
];

const MOMENTS: readonly (readonly [when: string, model: string, stream: boolean, there: string])[] = [
  ["before the head", "stall-before-head", false, ""],
  ["before the head of a stream", "stall-before-head", true, ""],
  ["before the first content", "stall-before-content", true, ""],
  ["within a plain answer", "stall-mid-stream", false, ""],
  ["in the middle of a stream", "slow-stream-20ms", true, "You"],
  ["in the middle of a stream that stands still", "stall-mid-stream", true, "You"],
];

let marks = 0;

for (const [when, model, stream, there] of MOMENTS)
  test(`a client that leaves ${when} is seen by the provider within 100 ms, and its record says cancelled`, async () => {
    for (const dialect of ["openai", "anthropic"] as const satisfies Dialect[])
      for (const provider of ["openai0", "claude0"])
        for (const [how, leave] of LEAVING) {
          const what = `${dialect} client at ${provider} that ${how}`;
          const mark = `leaver-${++marks}`;
          // Long enough to be left in the middle.
          const fields = { messages: [{ role: "user", content: `question ${mark} ${"word ".repeat(60)}` }] };
          const client = await send({ dialect, stream, model: `${provider}/${model}`, fields }, mark);
          if (there !== "") await client.until(there);
          await until("the provider has the request", () => rig.seen({ mark }).length === 1);
          await pause(10);
          const left = performance.now();
          leave(client.socket);
          await until(`the provider is told: ${what}`, () => rig.seen({ mark })[0]?.abandonedAt !== null);
          const told = (rig.seen({ mark })[0]?.abandonedAt ?? Number.NaN) - left;
          assert.ok(told <= 100, `${what}: told after ${told} ms`);
          const row = await rig.row({ mark });
          assert.equal(row.status, "cancelled", what);
          assert.deepEqual(
            row.attempts.map(({ outcome }) => outcome),
            ["cancelled"],
            what,
          );
          client.leave();
        }
  });

test("a client that leaves during a backoff is asked for nobody again", async () => {
  const mark = `leaver-${++marks}`;
  const client = await send({ model: "waiting0/status-500" }, mark);
  await until("the first try", () => rig.seen({ mark }).length === 1);
  await pause(50);
  client.leave();
  const row = await rig.row({ mark });
  assert.equal(row.status, "cancelled");
  assert.equal(rig.seen({ mark }).length, 1);
});

test("a client that leaves before its request is whole reaches no provider", async () => {
  const mark = `leaver-${++marks}`;
  const before = rig.upstream.requests.length;
  const client = await RawClient.open(rig.gateway.port);
  client.send(request({ model: "openai0/echo" }, mark).slice(0, -20));
  await pause(50);
  client.leave();
  await pause(100);
  assert.equal(rig.upstream.requests.length, before);
});

test("100 clients that leave at any moment leave no connection to the provider behind", async () => {
  const all = Array.from({ length: 100 }, async (_, n) => {
    const mark = `crowd-${n}`;
    const model = n % 2 === 0 ? "openai0/slow-stream-20ms" : "claude0/slow-stream-20ms";
    const client = await send({ model, stream: true, dialect: n % 4 < 2 ? "openai" : "anthropic" }, mark);
    await pause(n * 3);
    client.leave();
  });
  await Promise.all(all);
  await until("no answer is under way", () => rig.upstream.requests.every((r) => r.answered || r.abandonedAt !== null));
  const health = await fetch(`${rig.gateway.url}/health`);
  assert.equal(health.status, 200);
});

test("1,000 streams at once arrive without loss, each its own", async () => {
  const replies = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => {
      const provider = n % 2 === 0 ? "openai0" : "claude0";
      const dialect = n % 4 < 2 ? "openai" : "anthropic";
      return ask(rig.gateway.url, { dialect, stream: true, model: `${provider}/slow-stream-20ms` });
    }),
  );
  for (const reply of replies) {
    assert.equal(reply.status, 200, reply.text);
    assert.equal(textOf(reply), `You said: question ${reply.mark}`);
    assert.ok(isWhole(reply));
  }
});

// ---- slow readers

interface Watch {
  readonly grown: number;
  readonly received: number;
}

/** Reads nothing of a long stream for a while, then all of it; `text` sees what comes. */
async function readSlowly(question: Question, mark: string, text: (part: Buffer) => void): Promise<Watch> {
  const socket = connect(rig.gateway.port, "127.0.0.1");
  socket.pause();
  socket.write(request(question, mark));
  const before = memoryOf(rig.gateway.pid).now;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, memoryOf(rig.gateway.pid).now)), 25);
  await pause(1_500);
  let received = 0;
  const closed = new Promise<void>((resolve) => {
    socket.on("data", (part: Buffer) => {
      received += part.length;
      text(part);
      if (part.subarray(-5).equals(Buffer.from("0\r\n\r\n"))) socket.end();
      // A reader that stops now and then.
      if (received % 97 === 0) {
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      }
    });
    socket.on("close", () => resolve());
  });
  socket.resume();
  await closed;
  clearInterval(timer);
  return { grown: most - before, received };
}

for (const [what, question] of [
  ["raw", { model: "openai0/big-200mb", stream: true }],
  ["translated", { model: "claude0/big-200mb", stream: true }],
] as const)
  test(`a slow reader of a 200 MB stream (${what}) grows the process by less than 32 MB and gets all of it`, async () => {
    // What the first long stream of a process needs for itself is not the reader's.
    const warm = await rig.ask({ ...question, model: question.model.replace("200", "40") });
    assert.ok(isWhole(warm));
    await pause(300);
    const mark = `slow-${what}`;
    let tail = "";
    const { grown, received } = await readSlowly(question, mark, (part) => {
      tail = (tail + part.subarray(-2_000).toString("latin1")).slice(-4_000);
    });
    assert.ok(received > 200 * 1024 * 1024, `${received} bytes`);
    assert.match(tail, /data: \[DONE\]/);
    assert.ok(grown < 32, `the process grew by ${grown.toFixed(1)} MB`);
    assert.equal((await rig.row({ mark })).status, "success");
  });

test("a slow reader who leaves is seen by the provider within 100 ms", async () => {
  for (const provider of ["openai0", "claude0"]) {
    const mark = `leaver-${++marks}`;
    const client = await RawClient.open(rig.gateway.port);
    client.socket.pause();
    client.send(request({ model: `${provider}/big-200mb`, stream: true }, mark));
    await until(
      "the stream is blocked",
      () => (rig.seen({ mark })[0]?.receivedAt ?? Infinity) < performance.now() - 500,
    );
    const left = performance.now();
    client.socket.resetAndDestroy();
    await until("the provider is told", () => rig.seen({ mark })[0]?.abandonedAt !== null);
    const told = (rig.seen({ mark })[0]?.abandonedAt ?? Number.NaN) - left;
    assert.ok(told <= 100, `told after ${told} ms`);
  }
});

test("a slow reader is no silence of the provider's", async () => {
  const own = await startRig({ quick: { base: "openai" } });
  try {
    const socket = connect(own.gateway.port, "127.0.0.1");
    socket.pause();
    socket.write(request({ model: "quick0/big-40mb", stream: true }, "paused"));
    // Longer than the idle limit of 0.5 s.
    await pause(1_500);
    let text = "";
    let received = 0;
    socket.on("data", (part: Buffer) => {
      received += part.length;
      text = (text + part.toString("latin1")).slice(-2_000);
      if (part.subarray(-5).equals(Buffer.from("0\r\n\r\n"))) socket.end();
    });
    socket.resume();
    await new Promise((resolve) => socket.on("close", resolve));
    assert.ok(received > 40 * 1024 * 1024);
    assert.equal(parseEvents(text.slice(text.lastIndexOf("data: "))).at(-1), "[DONE]");
  } finally {
    await own.close();
  }
});

// ---- connections that say nothing

test("2,000 idle and 200 half-sent connections do not slow the others down", async () => {
  const sockets: Socket[] = [];
  const open = (first: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(rig.gateway.port, "127.0.0.1", () => {
        if (first !== "") socket.write(first);
        resolve();
      });
      socket.on("error", reject);
      sockets.push(socket);
    });
  const half = request({ model: "openai0/echo" }, "half");
  try {
    for (let n = 0; n < 2_200; n += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          open(n < 2_000 ? "" : half.slice(0, 20 + ((n + i) % (half.length - 40)))),
        ),
      );
    for (let n = 0; n < 10; n++) {
      const reply = await rig.ask({ model: n % 2 === 0 ? "openai0/echo" : "claude0/echo", stream: n % 3 === 0 });
      assert.equal(reply.status, 200);
      assert.ok(reply.took < 1_000, `${reply.took} ms`);
    }
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("a provider that takes nothing of a request does not hold up the others", async () => {
  let server: Server | null = null;
  const sockets: Socket[] = [];
  server = createServer((socket) => {
    socket.pause();
    socket.on("error", () => {});
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own = await startRig({ deaf: { base: "openai", network: { base_url: url } }, well: { base: "openai" } });
  try {
    const fields = { user: "x".repeat(20_000_000) };
    const deaf = Promise.all(Array.from({ length: 5 }, () => own.ask({ model: "deaf0/any", fields })));
    for (let n = 0; n < 10; n++) {
      const reply = await own.ask({ model: "well0/echo" });
      assert.equal(reply.status, 200);
    }
    for (const reply of await deaf) assert.equal(reply.status, 504, reply.text);
  } finally {
    await own.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test("half a head is waited for, but not for ever", async () => {
  await until("the connection is closed", () => dawdler.closed, 20_000);
  assert.ok(performance.now() - dawdledSince > 10_000);
  assert.match(dawdler.text, /^HTTP\/1\.1 408 /);
});

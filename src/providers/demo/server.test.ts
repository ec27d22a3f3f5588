// The demo server speaks HTTP over any byte stream, and its faults are real ones.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Duplex, duplexPair } from "node:stream";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { anthropicFormat } from "../../formats/anthropic/format.ts";
import { openaiFormat } from "../../formats/openai/format.ts";
import { readEvents } from "../kit/contract.ts";
import { demoModels } from "./models.ts";
import { type DemoOptions, type DemoRecord, newDemoState } from "./options.ts";
import { serveDemo } from "./server.ts";

/** The other end of one connection, which sees bytes and nothing else. */
class Client {
  readonly stream: Duplex;
  received = "";
  isOver = false;
  private wake: (() => void) | null = null;

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (bytes: Buffer) => {
      this.received += bytes.toString("latin1");
      this.wake?.();
    });
    stream.on("end", () => this.end());
    stream.on("close", () => this.end());
    stream.on("error", () => {});
  }

  /** What came, once `part` is in it or the connection is over. */
  async until(part: string): Promise<string> {
    while (!this.received.includes(part) && !this.isOver)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    return this.received;
  }

  private end(): void {
    this.isOver = true;
    this.wake?.();
  }
}

function connect(options: DemoOptions = {}): Client {
  const [stream, server] = duplexPair();
  serveDemo(server, { state: newDemoState(), ...options });
  return new Client(stream);
}

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

function request(path: string, body: unknown, headers = ""): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nhost: demo\r\n${headers}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

function chat(model: string, more: Record<string, unknown> = {}): string {
  return request("/v1/chat/completions", { model, messages: [{ role: "user", content: "Hello!" }], ...more });
}

function bodyOf(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
}

/** The data of a chunked body. */
function dechunk(answer: string): string {
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  return body.replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, "");
}

test("it answers the fixtures of text completions, byte for byte", async () => {
  const body = { model: "echo", prompt: "Hello!" };
  const plain = connect();
  plain.stream.write(request("/v1/completions", body));
  assert.deepEqual(bodyOf(await plain.until("fp_demo")), JSON.parse(fixture("text.json")));
  const stream = connect();
  stream.stream.write(request("/v1/completions", { ...body, stream: true, stream_options: { include_usage: true } }));
  assert.equal(dechunk(await stream.until("[DONE]")).trim(), fixture("text.sse").trim());
  const none = connect();
  none.stream.write(request("/v1/completions", { model: "echo" }));
  assert.match(await none.until("`prompt`"), /^HTTP\/1.1 400 /);
});

test("it answers the fixtures of its provider, byte for byte", async () => {
  const plain = connect();
  plain.stream.write(chat("echo", { stream: false }));
  assert.deepEqual(bodyOf(await plain.until("fp_demo")), JSON.parse(fixture("chat.json")));
  const stream = connect();
  stream.stream.write(chat("echo", { stream: true, stream_options: { include_usage: true } }));
  assert.equal(dechunk(await stream.until("0\r\n\r\n")).trimEnd(), fixture("chat.sse").trimEnd());
});

test("requests on one connection are answered one after another, also when they come at once", async () => {
  const client = connect();
  client.stream.write(chat("slow-50ms") + chat("status-500") + chat("echo"));
  const text = await client.until("fp_demo");
  await client.until('You said: Hello!","refusal":null},"logprobs":null,"finish_reason":"stop"}');
  await wait(120);
  assert.deepEqual(client.received.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200", "HTTP/1.1 500", "HTTP/1.1 200"]);
  assert.ok(text.length > 0);
});

test("a request is read however it is cut, and chunked ones too", async () => {
  const records: DemoRecord[] = [];
  const client = connect({ onRequest: (record) => records.push(record) });
  for (const byte of Buffer.from(chat("echo"))) client.stream.write(Buffer.of(byte));
  await client.until("fp_demo");
  const body = JSON.stringify({ model: "echo", messages: [{ role: "user", content: "chunked" }] });
  const chunks = [body.slice(0, 10), body.slice(10)]
    .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
    .join("");
  client.stream.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: demo\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
  );
  await client.until("You said: chunked");
  assert.deepEqual(
    records.map((record) => record.body.length > 0),
    [true, true],
  );
});

test("the record tells who asked for what, and what became of it", async () => {
  const records: DemoRecord[] = [];
  const client = connect({
    onRequest: (record) => records.push(record),
    onClosed: (record) => assert.equal(record, null),
  });
  client.stream.write(
    request("/anthropic/v1/messages", { model: "demo/echo", messages: [], max_tokens: 9 }, "x-api-key: k1\r\n"),
  );
  await client.until("end_turn");
  await wait(5);
  const [record] = records;
  assert.equal(record?.model, "echo");
  assert.equal(record?.key, "k1");
  assert.equal(record?.dialect, "anthropic");
  assert.equal(record?.behaviour, "echo");
  assert.equal(record?.answered, true);
  assert.equal(record?.abandonedAt, null);
  assert.equal(record?.bytesSent, client.received.length);
  client.stream.destroy();
});

test("a caller that leaves is noticed at once", async () => {
  for (const model of ["stall-before-head", "stall-mid-stream", "slow-stream", "drip", "big-200mb", "slow-2s"]) {
    let record: DemoRecord | undefined;
    const client = connect({ onRequest: (seen) => (record = seen) });
    client.stream.write(chat(model, { stream: model !== "drip" }));
    await wait(20);
    const left = performance.now();
    client.stream.destroy();
    await wait(50);
    assert.ok(record?.abandonedAt !== null && record !== undefined, model);
    assert.ok((record.abandonedAt ?? 0) - left < 50, model);
    assert.equal(record.answered, false);
  }
});

test("a behaviour may be told while it runs", async () => {
  let dead = true;
  const client = connect({ behaviour: ({ key }) => (dead && key === "" ? "status-503" : null) });
  client.stream.write(chat("echo"));
  await client.until("503");
  dead = false;
  client.stream.write(chat("echo"));
  assert.match(await client.until("You said"), /HTTP\/1\.1 200/);
  const wrong = connect({ behaviour: () => "no-such-thing" });
  wrong.stream.write(chat("echo"));
  assert.match(await wrong.until("no-such-thing"), /500/);
});

test("a model that nobody knows is a 404, unless any is taken", async () => {
  const strict = connect();
  strict.stream.write(chat("gpt-4o"));
  assert.match(await strict.until("model_not_found"), /HTTP\/1\.1 404/);
  const lenient = connect({ acceptAnyModel: true });
  lenient.stream.write(chat("gpt-4o"));
  assert.match(await lenient.until("fp_demo"), /HTTP\/1\.1 200/);
});

test("bad requests get an error of the dialect, malformed ones end the connection", async () => {
  for (const [text, status] of [
    [request("/v1/chat/completions", []), 400],
    [request("/v1/chat/completions", { messages: [] }), 400],
    [request("/v1/chat/completions", { model: "echo" }), 400],
    [request("/v1/nothing", {}), 404],
    ["GET /v1/chat/completions HTTP/1.1\r\nhost: demo\r\n\r\n", 405],
    ["nonsense\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nhost: demo\r\nx: ${"a".repeat(40_000)}`, 431],
  ] as const) {
    const client = connect();
    client.stream.write(text);
    assert.match(await client.until("\r\n\r\n"), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

test("fail-then-ok counts by request, over connections, and begins again after its success", async () => {
  const state = newDemoState();
  const statuses: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) {
    const client = connect({ state });
    client.stream.write(chat("fail-then-ok-2"));
    statuses.push(/ (\d+) /.exec(await client.until("\r\n\r\n"))?.[1]);
  }
  assert.deepEqual(statuses, ["500", "500", "200", "500"]);
});

test("close-on-reuse breaks the connection at the moment of reuse", async () => {
  const client = connect();
  client.stream.write(chat("close-on-reuse"));
  const first = await client.until("fp_demo");
  client.stream.write("POST");
  assert.equal(await client.until("over"), first);
});

async function sendSigned(content: unknown): Promise<string> {
  const client = connect();
  client.stream.write(
    request("/v1/messages", { model: "signature-rejected", messages: [{ role: "assistant", content }] }),
  );
  return client.until("\r\n\r\n{");
}

test("signatures are refused while they are there", async () => {
  assert.match(await sendSigned([{ type: "thinking", thinking: "x", signature: "s" }]), /^HTTP\/1\.1 400/);
  assert.match(await sendSigned([{ type: "text", text: "x" }]), /^HTTP\/1\.1 200/);
});

test("a stream has as many pieces as its name says", async () => {
  const client = connect();
  client.stream.write(chat("chunks-20", { stream: true }));
  const events = readEvents(dechunk(await client.until("0\r\n\r\n")));
  assert.equal(events.filter(({ data }) => data.includes("piece ")).length, 20);
});

test("every behaviour does something without breaking the server, in both dialects, streamed and not", async () => {
  const slow = /^(stall|drip|slow|big|huge-event|chunks-20-20ms|bomb)/;
  for (const { name } of demoModels.filter((model) => !slow.test(model.name)))
    for (const path of ["/v1/chat/completions", "/v1/messages"])
      for (const stream of [false, true]) {
        let closed: DemoRecord | null | undefined;
        const client = connect({ onClosed: (record) => (closed = record) });
        client.stream.write(request(path, { model: name, stream, messages: [{ role: "user", content: "Hi" }] }));
        const text = await client.until("\r\n\r\n");
        if (name === "cut-before-head") assert.equal(text, "");
        else assert.match(text, /^(HTTP\/1\.[01] |SSH)/, name);
        client.stream.destroy();
        await wait(1);
        assert.notEqual(closed, undefined, `${name}: the connection is over`);
      }
});

test("its good answers are good ones in both formats", async () => {
  for (const [path, format] of [
    ["/v1/chat/completions", openaiFormat],
    ["/v1/messages", anthropicFormat],
  ] as const)
    for (const model of ["echo", "chunks-20", "thinking", "length", "content-filter"]) {
      const plain = connect();
      plain.stream.write(request(path, { model, messages: [{ role: "user", content: "Hi there" }] }));
      const answer = await plain.until("\r\n\r\n{");
      const response = format.decodeResponse(bodyOf(answer), "demo");
      const streamed = connect();
      streamed.stream.write(
        request(path, {
          model,
          stream: true,
          stream_options: { include_usage: true },
          messages: [{ role: "user", content: "Hi there" }],
        }),
      );
      const decoder = format.streamDecoder("demo");
      let text = "";
      for (const { name, data } of readEvents(dechunk(await streamed.until("0\r\n\r\n"))))
        for (const event of decoder.push(name, data)) {
          if (event.type === "text-delta") text += event.text;
          if (event.type === "choice-end") assert.equal(event.stopReason, response.choices[0]?.stopReason);
          if (event.type === "usage") assert.equal(event.usage.outputTokens, response.usage.outputTokens);
        }
      assert.ok(decoder.complete, model);
      assert.equal(text, response.choices[0]?.content.map((part) => (part.type === "text" ? part.text : "")).join(""));
    }
});

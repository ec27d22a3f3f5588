// The bridge with a fake client on one side and a fake or a real answering end on the other.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Body, HeaderBlock, InboundRequest, Reply, ReplyListener } from "../core/http.ts";
import type { BridgeAnswer, BridgeControl, BridgeRequest } from "../core/plane-messages.ts";
import { BridgeResponder, type PlaneAnswer, type PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { BRIDGE_CREDIT } from "../lib/channel/credit.ts";
import { headerBlock } from "../lib/header-block.ts";
import { Bridge, type BridgeOptions } from "./bridge.ts";

type Sent = BridgeRequest | BridgeControl;
const COMMON = headerBlock([["x-frame-options", "DENY"]]);

class FakeReply implements Reply {
  listener: ReplyListener | null = null;
  gone = false;
  started = false;
  status = 0;
  headers = "";
  body = "";
  size = 0;
  ended = false;
  failed = false;
  /** What `start` and `write` answer. */
  takes = true;
  answer(status: number, headers: HeaderBlock, parts: readonly Uint8Array[]): void {
    this.start(status, headers, parts);
    this.ended = true;
  }
  start(status: number, headers: HeaderBlock, first: readonly Uint8Array[]): boolean {
    assert.equal(this.started, false, "an answer starts once");
    this.started = true;
    this.status = status;
    this.headers = headers;
    return this.write(first);
  }
  write(parts: readonly Uint8Array[]): boolean {
    for (const part of parts) {
      this.size += part.length;
      if (this.size < 10_000) this.body += Buffer.from(part).toString();
    }
    return this.takes;
  }
  end(): void {
    this.ended = true;
  }
  fail(): void {
    this.failed = true;
  }
  leave(): void {
    this.gone = true;
    this.listener?.onGone();
  }
}

async function* lines() {
  for (let n = 0; n < 5; n++) yield `line ${n}\n`;
}

async function* broken() {
  yield Buffer.alloc(1000);
  throw new Error("gone wrong");
}

async function* forever() {
  for (;;) yield Buffer.alloc(64 * 1024);
}

function nothing(): void {}

let released = 0;
function inbound(method: string, target: string, text = "", fields: [string, string][] = []): InboundRequest {
  const body: Body = { bytes: Buffer.from(text), release: () => released++ };
  const [path = "", query = ""] = target.split("?");
  const headers = {
    get: (name: string) => fields.find(([n]) => n === name)?.[1],
    entries: () => fields,
    hasPrefix: (prefix: string) => fields.some(([n]) => n.startsWith(prefix)),
  };
  return { method, target, path, query, headers, body, peer: { address: "127.0.0.1", loopback: true, secure: false } };
}

/** A bridge whose threads only note what they are told. */
function noting(options: BridgeOptions = {}) {
  const bridge = new Bridge(options);
  const control: Sent[] = [];
  const query: Sent[] = [];
  bridge.connect("control", { send: (message) => control.push(message) > 0 });
  bridge.connect("query", { send: (message) => query.push(message) > 0 });
  return { bridge, control, query };
}

function answering(handler: (request: PlaneRequest) => PlaneAnswer | Promise<PlaneAnswer>) {
  const bridge = new Bridge();
  const errors: unknown[] = [];
  const credits: BridgeControl[] = [];
  const send = (message: BridgeAnswer) => {
    setImmediate(() => bridge.receive("control", structuredClone(message)));
    return true;
  };
  const responder = new BridgeResponder({ send, handler, onError: (error) => errors.push(error) });
  bridge.connect("control", {
    send(message) {
      if (message.type !== "bridge-request") credits.push(message);
      const copy = structuredClone(message);
      setImmediate(() => responder.receive(copy));
      return true;
    },
  });
  return { bridge, responder, errors, credits };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !condition(); turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(condition(), "it came to pass");
}

describe("the bridge", () => {
  it("hands a request over whole and gives the body back at once", () => {
    const { bridge, control } = noting();
    const before = released;
    bridge.handle(
      inbound("POST", "/api/x?a=1", '{"b":2}', [["content-type", "application/json"]]),
      new FakeReply(),
      COMMON,
    );
    assert.equal(released, before + 1);
    const [message] = control;
    assert.ok(message?.type === "bridge-request");
    assert.equal(message.method, "POST");
    assert.equal(message.target, "/api/x?a=1");
    assert.equal(Buffer.from(message.body).toString(), '{"b":2}');
    assert.deepEqual(message.headers, [["content-type", "application/json"]]);
    assert.equal(message.peer.loopback, true);
  });

  it("sends reads of the log to the query plane and everything else to the control plane", () => {
    const { bridge, control, query } = noting();
    bridge.handle(inbound("GET", "/api/logs?limit=1"), new FakeReply(), COMMON);
    bridge.handle(inbound("GET", "/api/logs/abc"), new FakeReply(), COMMON);
    bridge.handle(inbound("DELETE", "/api/logs", "{}"), new FakeReply(), COMMON);
    bridge.handle(inbound("GET", "/api/logsx"), new FakeReply(), COMMON);
    bridge.handle(inbound("GET", "/metrics"), new FakeReply(), COMMON);
    assert.deepEqual([query.length, control.length], [2, 3]);
  });

  it("puts the common headers before those of the answer, and a small answer in one piece", async () => {
    const { bridge } = answering(() => ({ status: 201, headers: [["x-one", "1"]], body: "hello" }));
    const reply = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    await until(() => reply.ended);
    assert.equal(reply.status, 201);
    assert.equal(reply.headers, "x-frame-options: DENY\r\nx-one: 1\r\n");
    assert.equal(reply.body, "hello");
    assert.equal(bridge.pending, 0);
  });

  it("lets 256 KB at most be under way to a client that takes nothing, and goes on when it does", async () => {
    const total = 3 * BRIDGE_CREDIT + 17;
    const { bridge, credits } = answering(() => ({ status: 200, headers: [], body: Buffer.alloc(total, 120) }));
    const reply = new FakeReply();
    reply.takes = false;
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    await until(() => reply.size === BRIDGE_CREDIT);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(reply.size, BRIDGE_CREDIT);
    assert.deepEqual(credits, []);
    reply.takes = true;
    reply.listener?.onDrain();
    await until(() => reply.ended);
    assert.equal(reply.size, total);
  });

  it("streams the chunks of an iterable and ends it", async () => {
    const { bridge } = answering(() => ({ status: 200, headers: [], body: lines() }));
    const reply = new FakeReply();
    bridge.handle(inbound("GET", "/metrics"), reply, COMMON);
    await until(() => reply.ended);
    assert.equal(reply.body, "line 0\nline 1\nline 2\nline 3\nline 4\n");
  });

  it("tells the other side when the client is gone, and the iterable is given back", async () => {
    let returned = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(64 * 1024);
      } finally {
        returned = true;
      }
    }
    const { bridge, responder } = answering(() => ({ status: 200, headers: [], body: endless() }));
    const reply = new FakeReply();
    reply.takes = false;
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    await until(() => reply.size === BRIDGE_CREDIT);
    reply.leave();
    await until(() => returned);
    assert.equal(responder.pending, 0);
    assert.equal(bridge.pending, 0);
    assert.equal(reply.failed, false);
  });

  it("aborts the signal of a handler whose client is gone", async () => {
    let aborted = false;
    const { bridge } = answering(
      (request) =>
        new Promise((resolve) => {
          request.signal.addEventListener("abort", () => {
            aborted = true;
            resolve({ status: 200, headers: [], body: "late" });
          });
        }),
    );
    const reply = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    await until(() => bridge.pending === 1);
    reply.leave();
    await until(() => aborted);
    assert.equal(reply.started, false);
  });

  it("answers 503 with Retry-After when no head comes in time, and ignores one that comes later", async () => {
    const { bridge, control } = noting({ headTimeout: 5 });
    const reply = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    const id = (control[0] as BridgeRequest).id;
    // The timer keeps no process alive; this one does.
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(reply.status, 503);
    assert.match(reply.headers, /^x-frame-options: DENY\r\n/);
    assert.match(reply.headers, /retry-after: \d+\r\n/);
    assert.equal(JSON.parse(reply.body).error.code, "control_plane_unavailable");
    assert.deepEqual(control[1], { type: "bridge-cancel", id });
    bridge.receive("control", { type: "bridge-head", id, status: 200, headers: [] });
    bridge.receive("control", { type: "bridge-end", id });
    assert.equal(bridge.pending, 0);
  });

  it("answers 503 at once while a thread is dead, and serves again when it is back", async () => {
    const { bridge } = answering(() => ({ status: 200, headers: [], body: "back" }));
    const query = new FakeReply();
    bridge.handle(inbound("GET", "/api/logs"), query, COMMON);
    assert.equal(query.status, 503);
    bridge.connect("query", { send: () => false });
    const closed = new FakeReply();
    bridge.handle(inbound("GET", "/api/logs"), closed, COMMON);
    assert.equal(closed.status, 503);
    assert.equal(bridge.pending, 0);
  });

  it("breaks an answer off when the thread dies in the middle of it, and answers 503 what had not begun", () => {
    const { bridge, control } = noting();
    const begun = new FakeReply();
    const waiting = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), begun, COMMON);
    bridge.handle(inbound("GET", "/api/y"), waiting, COMMON);
    const id = (control[0] as BridgeRequest).id;
    bridge.receive("control", { type: "bridge-head", id, status: 200, headers: [] });
    bridge.receive("control", { type: "bridge-chunk", id, bytes: Buffer.from("half") });
    bridge.disconnect("control");
    assert.equal(begun.failed, true);
    assert.equal(begun.ended, false);
    assert.equal(waiting.status, 503);
    assert.equal(bridge.pending, 0);
  });

  it("answers 500 JSON when a handler throws, without its text, and the thread lives on", async () => {
    let calls = 0;
    const { bridge, errors } = answering(() => {
      if (calls++ === 0) throw new Error("secret sk-123 in /home/x.ts:3");
      return { status: 200, headers: [], body: "fine" };
    });
    const first = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), first, COMMON);
    await until(() => first.ended);
    assert.equal(first.status, 500);
    assert.equal(JSON.parse(first.body).error.message, "internal server error");
    assert.match(String(errors[0]), /sk-123/);
    const second = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), second, COMMON);
    await until(() => second.ended);
    assert.equal(second.body, "fine");
  });

  it("breaks off an answer whose source throws in the middle", async () => {
    const { bridge } = answering(() => ({ status: 200, headers: [], body: broken() }));
    const reply = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    await until(() => reply.failed);
    assert.equal(reply.ended, false);
  });

  it("refuses a body over its limit and too many requests at once", () => {
    const { bridge } = noting({ maxBody: 4, maxPending: 1 });
    const large = new FakeReply();
    bridge.handle(inbound("POST", "/api/x", "12345"), large, COMMON);
    assert.equal(large.status, 413);
    bridge.handle(inbound("GET", "/api/x"), new FakeReply(), COMMON);
    const second = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), second, COMMON);
    assert.equal(second.status, 503);
    assert.match(second.headers, /retry-after: 1/);
  });

  it("ends answers that have no end when the gateway stops, and lets others finish", () => {
    const { bridge, control } = noting();
    const [endless, other, late] = [new FakeReply(), new FakeReply(), new FakeReply()];
    const begin = (reply: FakeReply, type: string) => {
      bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
      const { id } = control.findLast(({ type: sent }) => sent === "bridge-request") as BridgeRequest;
      bridge.receive("control", { type: "bridge-head", id, status: 200, headers: [["content-type", type]] });
      bridge.receive("control", { type: "bridge-chunk", id, bytes: Buffer.from("a") });
      return id;
    };
    const id = begin(endless, "text/event-stream");
    begin(other, "text/csv");
    bridge.drain();
    assert.deepEqual([endless.ended, other.ended], [true, false]);
    assert.deepEqual(control.at(-1), { type: "bridge-cancel", id });
    begin(late, "text/event-stream");
    assert.equal(late.ended, true);
    assert.equal(bridge.pending, 1);
  });

  it("breaks off for whoever takes nothing, when the answer is stopped", async () => {
    const stop = new AbortController();
    const { bridge, responder } = answering(() => ({ status: 200, headers: [], body: forever(), stop: stop.signal }));
    const reply = new FakeReply();
    reply.takes = false;
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    await until(() => reply.size === BRIDGE_CREDIT);
    stop.abort();
    await until(() => reply.failed);
    assert.equal(responder.pending, 0);
    assert.equal(bridge.pending, 0);
  });

  it("carries lines as messages of a WebSocket, with credit for what has left", async () => {
    const messages: string[] = [];
    let closed = 0;
    let gone: () => void = nothing;
    const reply = Object.assign(new FakeReply(), {
      openSocket(onClosed: () => void) {
        gone = onClosed;
        return {
          send(text: string, taken: () => void) {
            messages.push(text);
            taken();
          },
          close: () => closed++,
          terminate: () => closed++,
        };
      },
    });
    const { bridge, control } = noting();
    bridge.handle(inbound("GET", "/ws"), reply, COMMON);
    const { id } = control[0] as BridgeRequest;
    bridge.receive("control", { type: "bridge-head", id, status: 101, headers: [] });
    bridge.receive("control", { type: "bridge-chunk", id, bytes: Buffer.from("one\ntw") });
    bridge.receive("control", { type: "bridge-chunk", id, bytes: Buffer.from("o ä\n") });
    assert.deepEqual(messages, ["one", "two ä"]);
    const credit = control.flatMap((sent) => (sent.type === "bridge-credit" ? [sent.bytes] : []));
    assert.equal(
      credit.reduce((sum, bytes) => sum + bytes, 0),
      Buffer.byteLength("one\ntwo ä\n"),
    );
    gone();
    assert.deepEqual(control.at(-1), { type: "bridge-cancel", id });
    assert.equal(bridge.pending, 0);
    const second = Object.assign(new FakeReply(), { openSocket: reply.openSocket });
    bridge.handle(inbound("GET", "/ws"), second, COMMON);
    bridge.receive("control", { type: "bridge-head", id: id + 1, status: 101, headers: [] });
    bridge.drain();
    assert.equal(closed, 1);
  });

  it("takes no header that is none from the other side", () => {
    const { bridge, control } = noting();
    const reply = new FakeReply();
    bridge.handle(inbound("GET", "/api/x"), reply, COMMON);
    const id = (control[0] as BridgeRequest).id;
    bridge.receive("control", { type: "bridge-head", id, status: 200, headers: [["x-a", "1\r\nset-cookie: x"]] });
    assert.equal(reply.status, 503);
    assert.doesNotMatch(reply.headers, /set-cookie/);
  });
});

// Differential fuzzing: what the codec accepts, Node's strict parser accepts too, with the same bounds of every message.
//
// Set DRAWBRIDGE_FUZZ_RUNS for a longer run (the default takes about two seconds) and DRAWBRIDGE_FUZZ_SEED for another one.
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, METHODS, request, type Server } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { test } from "node:test";
import { ANSWERS } from "./answers.ts";
import { Mutator } from "./mutate.ts";
import { type ReadMessage, readMessages } from "./read-messages.ts";
import { REQUESTS } from "./requests.ts";

const RUNS = Number(process.env.DRAWBRIDGE_FUZZ_RUNS ?? 15_000);
const SEED = Number(process.env.DRAWBRIDGE_FUZZ_SEED ?? 4_711);
const BATCH = 50;

// ---- Node's parser on an in-memory pair of streams

/** A message as Node read it. `complete`: its end was seen. */
interface NodeMessage {
  readonly start: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly complete: boolean;
}

const MAX_HEADER = 256 * 1024;

function fieldsOf(message: IncomingMessage): [string, string][] {
  const list: [string, string][] = [];
  const { rawHeaders } = message;
  for (let i = 0; i < rawHeaders.length; i += 2)
    list.push([(rawHeaders[i] as string).toLowerCase(), rawHeaders[i + 1] as string]);
  return list;
}

interface Seen {
  message: IncomingMessage;
  start: string;
  body: string;
}

function watch(message: IncomingMessage, start: string): Seen {
  const seen = { message, start, body: "" };
  message.on("data", (bytes: Buffer) => {
    seen.body += bytes.toString("latin1");
  });
  message.on("error", () => {});
  return seen;
}

function told(seen: Seen): NodeMessage {
  return { start: seen.start, fields: fieldsOf(seen.message), body: seen.body, complete: seen.message.complete };
}

/** Node as a server, strict; one for all runs. */
class NodeServer {
  private readonly server: Server;
  private readonly seen: WeakMap<object, Seen[]>;

  constructor() {
    this.seen = new WeakMap();
    this.server = createServer({ insecureHTTPParser: false, maxHeaderSize: MAX_HEADER }, (message, response) => {
      const list = this.seen.get(message.socket) ?? [];
      list.push(watch(message, `${message.method} ${message.url}`));
      message.on("end", () => response.end());
    });
    this.server.on("clientError", (_error, socket) => socket.destroy());
  }

  /** The requests that Node finds in these bytes. */
  async read(raw: Buffer): Promise<NodeMessage[]> {
    const [near, far] = duplexPair();
    const list: Seen[] = [];
    this.seen.set(far, list);
    near.on("error", () => {});
    far.on("error", () => {});
    near.resume();
    this.server.emit("connection", far);
    near.write(raw);
    await settle(far);
    const messages = list.map(told);
    near.destroy();
    far.destroy();
    return messages;
  }
}

/** The answer that Node finds in these bytes, or null. `close`: the connection ends behind them. */
async function nodeAnswer(raw: Buffer, method: string, close: boolean): Promise<NodeMessage | null> {
  const [near, far] = duplexPair();
  near.on("error", () => {});
  far.on("error", () => {});
  far.resume();
  let seen: Seen | null = null;
  const call = request({
    method,
    createConnection: () => near,
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER,
  });
  call.on("error", () => {});
  call.on("response", (message) => {
    seen = watch(message, String(message.statusCode));
  });
  call.end();
  far.write(raw);
  if (close) far.end();
  await settle(near);
  const message = seen === null ? null : told(seen);
  near.destroy();
  far.destroy();
  return message;
}

/** Everything happens in this process: after some turns of the loop there is nothing left to happen. */
async function settle(stream: Duplex): Promise<void> {
  for (let turn = 0; turn < 12 && !stream.destroyed; turn++) await new Promise((resolve) => setImmediate(resolve));
}

// ---- the two side by side

function mutator(seed: number, cases: readonly { raw: string; error?: unknown }[]): Mutator {
  const raws = (isBad: boolean): string[] =>
    cases.filter((each) => (each.error !== undefined) === isBad).map((each) => each.raw);
  return new Mutator(seed, raws(false), raws(true));
}

/** The known exceptions of the server side, each with its reason. */
const EXCEPTIONS: readonly { readonly why: string; readonly applies: (messages: readonly ReadMessage[]) => boolean }[] =
  [
    {
      why: "Node knows a fixed list of methods; here the route table answers an unknown one, with 405 in the caller's dialect",
      applies: (messages) => messages.some((each) => !METHODS.includes(each.start.split(" ")[0] as string)),
    },
  ];

/** Node tells the absolute form as it was sent, the codec its path. */
function sameStart(ours: string, theirs: string): boolean {
  return ours === theirs.replace(/ https?:\/\/[^/]*\/?/i, " /");
}

function difference(ours: ReadMessage, theirs: NodeMessage | null | undefined): string | null {
  if (theirs === undefined || theirs === null) return "Node does not accept it";
  if (!sameStart(ours.start, theirs.start)) return `Node reads the start ${theirs.start}`;
  if (JSON.stringify(ours.fields) !== JSON.stringify(theirs.fields)) return "Node reads other fields";
  if (!theirs.complete) return "Node waits for more";
  return ours.body === theirs.body ? null : "Node reads another body";
}

async function inBatches(runs: number, one: () => Promise<void>): Promise<void> {
  for (let done = 0; done < runs; done += BATCH) await Promise.all(Array.from({ length: BATCH }, one));
}

test("every request that is accepted is the same request to Node", async () => {
  const node = new NodeServer();
  const mutate = mutator(SEED, REQUESTS);
  let accepted = 0;
  await inBatches(RUNS, async () => {
    const raw = mutate.next();
    const bytes = Buffer.from(raw, "latin1");
    const ours = readMessages(mutate.split(bytes), null);
    if (ours.messages.length === 0) return;
    const theirs = await node.read(bytes);
    for (const [at, message] of ours.messages.entries()) {
      if (EXCEPTIONS.some((each) => each.applies(ours.messages.slice(0, at + 1)))) return;
      assert.equal(difference(message, theirs[at]), null, `request ${at} of ${JSON.stringify(raw)}`);
      accepted++;
    }
  });
  assert.ok(accepted > RUNS / 10, `only ${accepted} requests were accepted: the fuzzing has lost its aim`);
});

test("no more requests are found than Node finds, and none fewer when all is well", async () => {
  const node = new NodeServer();
  const mutate = mutator(SEED + 1, REQUESTS);
  await inBatches(RUNS / 3, async () => {
    const raw = mutate.next();
    // Node plays the keep-alive of HTTP/1.0, we do not: there we stop earlier.
    if (raw.includes("HTTP/1.0")) return;
    const bytes = Buffer.from(raw, "latin1");
    const ours = readMessages([bytes], null);
    if (ours.error !== null || EXCEPTIONS.some((each) => each.applies(ours.messages))) return;
    const theirs = (await node.read(bytes)).filter((each) => each.complete);
    assert.equal(ours.messages.length, theirs.length, JSON.stringify(raw));
  });
});

test("every answer that is accepted is the same answer to Node, and not a byte shorter", async () => {
  const mutate = mutator(SEED + 2, ANSWERS);
  let accepted = 0;
  await inBatches(RUNS, async () => {
    const raw = mutate.next();
    const bytes = Buffer.from(raw, "latin1");
    const method = mutate.below(8) === 0 ? "HEAD" : "GET";
    const message = readMessages(mutate.split(bytes), method).messages[0];
    if (message === undefined) return;
    const whole = bytes.subarray(0, message.end);
    const open = await nodeAnswer(whole, method, false);
    // Where no length is told the close is the end.
    const theirs = open?.complete === false ? await nodeAnswer(whole, method, true) : open;
    assert.equal(difference(message, theirs), null, `answer to ${method}: ${JSON.stringify(raw)}`);
    accepted++;
    if (open?.complete !== true) return;
    const short = await nodeAnswer(bytes.subarray(0, message.end - 1), method, false);
    assert.notEqual(short?.complete, true, `Node ends earlier: ${JSON.stringify(raw)}`);
  });
  assert.ok(accepted > RUNS / 10, `only ${accepted} answers were accepted: the fuzzing has lost its aim`);
});

// What a 20-chunk stream costs between the bytes of the provider's answer and the bytes for the client, without sockets.
// node bench/micro/relay.ts [streams] [reads a stream]
import type { Socket } from "node:net";
import type { Attempt, Endpoint } from "../../src/core/exchange.ts";
import { Exchange } from "../../src/core/exchange.ts";
import type { HeaderBlock, InboundRequest } from "../../src/core/http.ts";
import type { ProviderAdapter } from "../../src/core/provider.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { openaiFormat as format } from "../../src/formats/openai/format.ts";
import type { Head } from "../../src/lib/http1/head.ts";
import { Turn } from "../../src/lib/turn.ts";
import { HeldBudget } from "../../src/pipeline/held-body.ts";
import { RawRelay } from "../../src/pipeline/relay-raw.ts";
import type { AttemptLine } from "../../src/pipeline/sink.ts";
import type { Door } from "../../src/server/door.ts";
import { Outbox } from "../../src/server/outbox.ts";
import { SocketReply } from "../../src/server/reply.ts";
import { AnswerReader } from "../../src/upstream/answer-reader.ts";
import { events } from "../shapes.ts";

const count = Number(process.argv[2] ?? 100_000);
const reads = Number(process.argv[3] ?? 1);

const chunks = events.map((event) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`).join("");
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
);
const parts = Array.from({ length: reads }, (_, i) =>
  answer.subarray(Math.floor((i * answer.length) / reads), Math.floor(((i + 1) * answer.length) / reads)),
);

let bytesOut = 0;
const socket = {
  writableLength: 0,
  write(bytes: Uint8Array) {
    bytesOut += bytes.length;
    return true;
  },
};
const outbox = new Outbox();
const door = { outbox, dateLine: "date: Tue, 01 Jan 2030 00:00:00 GMT\r\n", turn: new Turn(() => outbox.empty()) };
let whole = 0;
const replyLine = {
  socket: socket as unknown as Socket,
  door: door as unknown as Door,
  isLastAnswer: () => false,
  onAnswered: () => void whole++,
  onBrokenOff: () => {},
};

/** The least that a relay needs of its attempt. */
class Line implements AttemptLine {
  readonly exchange: Exchange;
  readonly record: Attempt;
  readonly adapter = { dialect: "openai" } as ProviderAdapter;
  readonly format = format;
  readonly held = new HeldBudget();
  readonly passedOn = "" as HeaderBlock;
  readonly announced = -1;
  constructor(exchange: Exchange, record: Attempt) {
    this.exchange = exchange;
    this.record = record;
  }
  told(): void {}
  commit(): void {}
  pause(): void {}
  answered(): void {}
  fail(): void {
    throw new Error("the stream was not taken");
  }
  failTransport(): void {
    this.fail();
  }
  breakOff(): void {
    this.fail();
  }
}

const endpoint = { operation: "chat", dialect: "openai", format, extraFields: true } as unknown as Endpoint;
const snapshot = { settings: { contentLogging: true } } as unknown as Snapshot;
const request = { headers: { get: () => undefined } } as unknown as InboundRequest;
const record = {
  provider: "openai",
  model: "gpt-4o-mini",
  keyId: "bench",
  keyName: "bench",
  fallbackIndex: 0,
  startedAt: 0,
} as Attempt;

function makeRelay(): RawRelay {
  const reply = new SocketReply(replyLine, "POST", false);
  const exchange = new Exchange("0123456789", Date.now(), performance.now(), endpoint, request, reply, snapshot);
  exchange.stream = true;
  exchange.model = "gpt-4o-mini";
  exchanges.push(exchange);
  return new RawRelay(new Line(exchange, record), format.watch());
}

const exchanges: Exchange[] = [];
let relay: RawRelay | null = null;
const reader = new AnswerReader({
  onAnswerHead: (_head: Head) => {
    relay = makeRelay();
  },
  onAnswerBytes: (bytes) => relay?.bytes(bytes),
});
/** Reads are moved together in place, so each stands in the buffer of the socket. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

function one(): void {
  reader.begin("POST");
  for (const part of parts) {
    part.copy(readBuffer);
    reader.feed(readBuffer.subarray(0, part.length));
  }
  exchanges.pop()?.answerOwner?.release();
}

for (let round = 0; round < 6; round++) {
  const before = process.cpuUsage();
  const runs = Math.ceil(count / 6);
  for (let i = 0; i < runs; i++) {
    one();
    if (i % 16 === 0) door.turn.flush();
  }
  const { user, system } = process.cpuUsage(before);
  console.log(`${((user + system) / runs).toFixed(2)} µs of CPU a stream, ${bytesOut / whole} bytes out`);
}

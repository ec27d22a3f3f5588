// Records leave in batches, buffers come back, and a control plane that does not answer costs rows and not memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ExchangeSpec, fixtureExchange } from "../core/exchange-fixture.ts";
import type { RecordsMessage } from "../core/plane-messages.ts";
import { unpackRecords } from "../core/record-unpack.ts";
import { WordList } from "../core/record-words.ts";
import { RecordBuffer, type RecordBufferOptions } from "./record-buffer.ts";

/** A channel that really transfers, as a message port does. */
function receiver(options: Partial<RecordBufferOptions> = {}) {
  const messages: RecordsMessage[] = [];
  const words = new WordList();
  const ids = (message: RecordsMessage): string[] => {
    words.add(message.firstWord, message.words);
    return [...unpackRecords(message.buffer, words)].map((record) => record.id);
  };
  const records = new RecordBuffer({
    send: (message, transfer) => {
      messages.push(structuredClone(message, { transfer: [...transfer] }));
      return true;
    },
    bufferBytes: 16 * 1024,
    maxBuffers: 2,
    sendAfter: 10,
    ...options,
  });
  return { records, messages, ids };
}

const exchange = (id: string, spec: ExchangeSpec = {}) => fixtureExchange({ id, endedAt: 4, ...spec });

test("records of the next moments leave together", async () => {
  const { records, messages, ids } = receiver();
  records.add(exchange("a"));
  records.add(exchange("b"));
  assert.equal(messages.length, 0);
  for (let i = 0; i < 100 && messages.length === 0; i++) await sleep(5);
  assert.deepEqual(messages.map(ids), [["a", "b"]]);
});

test("a full buffer leaves at once", () => {
  const { records, messages, ids } = receiver();
  for (let i = 0; i < 50; i++) records.add(exchange(`id-${i}`));
  assert.equal(messages.length, 1);
  records.flush();
  assert.equal(messages.flatMap(ids).length, 50);
});

test("with no buffer free rows are dropped and counted, and told with the next message", () => {
  const { records, messages, ids } = receiver();
  for (let i = 0; i < 200; i++) records.add(exchange(`id-${i}`));
  assert.equal(messages.length, 2);
  const kept = messages.flatMap(ids).length;
  assert.equal(records.dropped, 200 - kept);
  records.release((messages[0] as RecordsMessage).buffer);
  records.add(exchange("after"));
  records.flush();
  assert.equal(messages.length, 3);
  assert.equal(messages[2]?.dropped, 200 - kept);
  assert.deepEqual(ids(messages[2] as RecordsMessage), ["after"]);
});

test("buffers that came back are used again", () => {
  const { records, messages, ids } = receiver();
  const seen: string[] = [];
  for (let i = 0; i < 500; i++) {
    records.add(exchange(`id-${i}`));
    records.flush();
    const message = messages.pop() as RecordsMessage;
    seen.push(...ids(message));
    records.release(message.buffer);
  }
  assert.equal(records.dropped, 0);
  assert.equal(new Set(seen).size, 500);
});

test("a new control plane gets new buffers and every word", () => {
  const { records, messages } = receiver();
  for (let i = 0; i < 200; i++) records.add(exchange(`id-${i}`));
  records.restart();
  records.add(exchange("again"));
  records.flush();
  const last = messages.at(-1) as RecordsMessage;
  const words = new WordList();
  words.add(last.firstWord, last.words);
  assert.equal(last.firstWord, 0);
  assert.deepEqual([...unpackRecords(last.buffer, words)][0]?.attempts[0]?.provider, "openai");
});

test("while there is no control plane rows wait, as many as there are buffers for", async () => {
  let isOpen = false;
  const messages: RecordsMessage[] = [];
  const { records, ids } = receiver({
    send: (message, transfer) => {
      if (isOpen) messages.push(structuredClone(message, { transfer: [...transfer] }));
      return isOpen;
    },
  });
  for (let i = 0; i < 300; i++) records.add(exchange(`id-${i}`));
  assert.ok(records.dropped > 200);
  isOpen = true;
  for (let i = 0; i < 100 && messages.length < 2; i++) await sleep(5);
  const sent = messages.flatMap(ids);
  assert.equal(sent.length, 300 - records.dropped);
  assert.equal(sent[0], "id-0");
  assert.equal(messages[0]?.dropped, records.dropped);
  assert.equal(messages[1]?.dropped, 0);
});

test("logging that is off sends nothing, content logging that is off no content", () => {
  const { records, messages } = receiver();
  const spec = { body: Buffer.from('"secret input"'), inputFrom: 0, inputTo: 14, answer: Buffer.from("secret output") };
  records.add(exchange("off", { ...spec, loggingEnabled: false }));
  records.flush();
  assert.equal(messages.length, 0);
  records.add(exchange("hidden", { ...spec, contentLogging: false }));
  records.flush();
  const sent = messages[0] as RecordsMessage;
  assert.equal(Buffer.from(sent.buffer).includes("secret"), false);
});

test("drain sends the rest and waits until the buffers are back", async () => {
  const { records, messages, ids } = receiver();
  records.add(exchange("a"));
  const drained = records.drain(10_000);
  assert.deepEqual(messages.map(ids), [["a"]]);
  records.release((messages[0] as RecordsMessage).buffer);
  await drained;
  records.add(exchange("late"));
  records.flush();
  assert.equal(messages.length, 1);
});

test("drain gives up on a control plane that keeps the buffers", async () => {
  const { records } = receiver();
  records.add(exchange("a"));
  await records.drain(5);
});

// Records leave in batches, buffers come back, and a control plane that does not answer costs rows and not memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ExchangeSpec, fixtureExchange } from "../core/exchange-fixture.ts";
import type { ContentMessage, RecordsMessage } from "../core/plane-messages.ts";
import { unpackRecords } from "../core/record-unpack.ts";
import { WordList } from "../core/record-words.ts";
import { RecordBuffer, type RecordBufferOptions } from "./record-buffer.ts";

/** A channel that really transfers, as a message port does. */
function receiver(options: Partial<RecordBufferOptions> = {}) {
  const messages: RecordsMessage[] = [];
  const contents: ContentMessage[] = [];
  const words = new WordList();
  const ids = (message: RecordsMessage): string[] => {
    words.add(message.firstWord, message.words);
    return [...unpackRecords(message.buffer, words)].map((record) => record.id);
  };
  const records = new RecordBuffer({
    send: (message, transfer) => {
      const received = structuredClone(message, { transfer: [...transfer] });
      if (received.type === "records") messages.push(received);
      else contents.push(received);
      return true;
    },
    bufferBytes: 16 * 1024,
    maxBuffers: 2,
    sendAfter: 10,
    ...options,
  });
  return { records, messages, contents, ids, words };
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
      if (isOpen && message.type === "records") messages.push(structuredClone(message, { transfer: [...transfer] }));
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

const said = { body: Buffer.from('"what was said"'), inputFrom: 0, inputTo: 15, answer: Buffer.from("the answer") };

test("short of buffers, rows go on without their content, and both losses are counted", () => {
  const { records, messages, words } = receiver({ maxBuffers: 4 });
  for (let i = 0; i < 400; i++) records.add(exchange(`id-${i}`, said));
  records.flush();
  const rows = messages.flatMap((message) => {
    words.add(message.firstWord, message.words);
    return [...unpackRecords(message.buffer, words)];
  });
  assert.equal(rows.length + records.dropped, 400);
  const bare = rows.filter((row) => row.contentDropped);
  assert.ok(bare.length > 0 && bare.every((row) => row.input === null && row.output === null));
  assert.ok(rows.filter((row) => !row.contentDropped).every((row) => row.input !== null));
  assert.equal(records.droppedContent, bare.length);
  assert.ok(records.dropped > 0);
  for (const { buffer } of messages) records.release(buffer);
  records.add(exchange("after"));
  records.flush();
  const told = messages.reduce((sum, message) => sum + message.droppedContent, 0);
  assert.equal(told, records.droppedContent);
});

test("a whole content follows its row, up to what may be under way; what is beyond is dropped, told by its row and counted", () => {
  const { records, messages, contents, words } = receiver({ maxWholeBytes: 60 });
  const full = { ...said, contentLevel: "full" } as const;
  for (const id of ["a", "b", "c"]) records.add(exchange(id, full));
  assert.equal(contents.length, 0);
  records.flush();
  assert.deepEqual(
    contents.map(({ content }) => [
      content.id,
      Buffer.from(content.input).toString(),
      Buffer.from(content.output).toString(),
    ]),
    ["a", "b"].map((id) => [id, '"what was said"', "the answer"]),
  );
  const first = messages[0] as RecordsMessage;
  words.add(first.firstWord, first.words);
  const rows = [...unpackRecords(first.buffer, words)];
  assert.deepEqual(
    rows.map((row) => [row.contentLevel, row.contentDropped, row.input !== null]),
    [
      ["full", false, true],
      ["full", false, true],
      ["full", true, true],
    ],
  );
  assert.equal(records.droppedContent, 1);
  records.releaseContent(25);
  records.add(exchange("d", full));
  records.flush();
  assert.equal(contents.at(-1)?.content.id, "d");
});

test("a virtual key's level holds before that of the settings, and a request may ask for nothing where it may", () => {
  const { records, messages, words } = receiver();
  const virtualKey = { id: "vk", name: "vk", contentLevel: "off" } as const;
  const headers = { "x-bf-disable-content-logging": "true" };
  records.add(exchange("key", { ...said, virtualKey }));
  records.add(exchange("asked", { ...said, headers, contentByRequest: true }));
  records.add(exchange("asked in vain", { ...said, headers }));
  records.add(
    exchange("none at all", { ...said, contentLogging: false, virtualKey: { ...virtualKey, contentLevel: "full" } }),
  );
  records.flush();
  const sent = messages[0] as RecordsMessage;
  words.add(sent.firstWord, sent.words);
  assert.deepEqual(
    [...unpackRecords(sent.buffer, words)].map((row) => [
      row.id,
      row.contentLevel,
      row.contentHidden,
      row.input !== null,
    ]),
    [
      ["key", "off", true, false],
      ["asked", "off", true, false],
      ["asked in vain", "ends", false, true],
      ["none at all", "off", true, false],
    ],
  );
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

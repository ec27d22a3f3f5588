// Every raw exchange of the corpus comes out the same, wherever its bytes are split.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWERS, type AnswerCase } from "./answers.ts";
import { type Outcome, readMessages } from "./read-messages.ts";
import { REQUESTS, type RequestCase } from "./requests.ts";

function checkRequest(outcome: Outcome, expected: RequestCase, how: string): void {
  assert.deepEqual(
    outcome.messages.map((message) => `${message.start}|${message.body}`),
    expected.messages ?? [],
    how,
  );
  assert.equal(outcome.error, expected.error ?? null, how);
  assert.equal(outcome.atRest, expected.waits === undefined, how);
}

function checkAnswer(outcome: Outcome, expected: AnswerCase, length: number, how: string): void {
  const message = outcome.messages[0];
  assert.equal(outcome.error !== null, expected.error === true, how);
  assert.equal(message === undefined ? undefined : `${message.start}|${message.body}`, expected.message, how);
  if (message !== undefined) assert.equal(length - message.end, expected.left, how);
}

/** The whole, each split in two, and byte by byte; of what is long only the splits near both ends. */
function* splits(bytes: Buffer): Generator<[string, Buffer[]]> {
  yield ["whole", [bytes]];
  for (let at = 1; at < bytes.length; at++) {
    if (at > 1000 && at < bytes.length - 100) at = bytes.length - 100;
    yield [`split at ${at}`, [bytes.subarray(0, at), bytes.subarray(at)]];
  }
  if (bytes.length < 2000) yield ["byte by byte", Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))];
}

for (const each of REQUESTS)
  test(`request: ${each.name}`, () => {
    const bytes = Buffer.from(each.raw, "latin1");
    for (const [how, pieces] of splits(bytes)) checkRequest(readMessages(pieces, null), each, how);
  });

for (const each of ANSWERS)
  test(`answer: ${each.name}`, () => {
    const bytes = Buffer.from(each.raw, "latin1");
    for (const [how, pieces] of splits(bytes))
      checkAnswer(readMessages(pieces, each.method ?? "GET"), each, bytes.length, how);
  });

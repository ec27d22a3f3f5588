// The scan in WebAssembly finds what the scan in TypeScript finds, in documents of every size and kind.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { JsonScan } from "./json-scan.ts";
import { ITEM_WORDS, itemTable } from "./json-scan-wasm.ts";

const NAMES = ["model", "messages", "stream", "a", "é"];
const ITEMS = { array: "messages", fields: ["role", "content"], mark: "user" };
const kept = new JsonScan(NAMES, ITEMS);
const plain = new JsonScan(NAMES, ITEMS, false);

function results(scan: JsonScan): unknown {
  const { types, starts, ends, nameStarts, itemTypes, itemStarts, itemEnds } = scan;
  return {
    arrays: [types, starts, ends, nameStarts, itemTypes, itemStarts, itemEnds].map((array) => [...array]),
    numbers: [scan.open, scan.close, scan.memberCount, scan.itemCount, scan.nonObject, scan.unlabelled],
    marked: [scan.markedStart, scan.markedEnd],
    error: scan.error,
  };
}

/** Whether it is an object, and the list of its elements. */
function read(scan: JsonScan, bytes: Buffer, to: number): [boolean, number[]] {
  itemTable.fill(0);
  const isRead = scan.read(bytes, 3, to);
  return [isRead, [...itemTable.subarray(0, scan.itemCount * ITEM_WORDS)]];
}

/** Both scans over the same bytes, in the middle of a larger buffer. */
function compare(text: string): void {
  const bytes = Buffer.from(`xyz${text}"}]`);
  const to = bytes.length - 3;
  const [isRead, items] = read(kept, bytes, to);
  const [isReadPlain, plainItems] = read(plain, bytes, to);
  assert.equal(isRead, isReadPlain, text.slice(0, 500));
  assert.deepEqual(results(kept), results(plain), text.slice(0, 500));
  if (isRead) assert.deepEqual(items, plainItems, text.slice(0, 500));
}

const message = fc.oneof(
  fc.record({ role: fc.constantFrom("user", "assistant", "us\\er"), content: fc.string({ unit: "binary" }) }),
  fc.record({ content: fc.jsonValue({ maxDepth: 2 }), role: fc.oneof(fc.constant("user"), fc.integer()) }),
  fc.jsonValue({ maxDepth: 1 }),
);
const body = fc
  .record(
    {
      model: fc.oneof(fc.string(), fc.double({ noDefaultInfinity: true, noNaN: true })),
      messages: fc.oneof(fc.array(message, { maxLength: 6 }), fc.jsonValue({ maxDepth: 2 })),
      stream: fc.constantFrom(true, false, null),
      other: fc.jsonValue({ maxDepth: 4 }),
      é: fc.integer(),
    },
    { requiredKeys: [] },
  )
  .map((value) => value as Record<string, unknown>);

test("finds the same in any body, however it is spaced", () => {
  fc.assert(
    fc.property(body, fc.constantFrom(0, 1, "\t", " \r\n"), (value, space) => {
      compare(JSON.stringify(value, null, space as number));
    }),
    { seed: 11, numRuns: 1500 },
  );
});

test("agrees on every change of a byte and on every truncation of a document", () => {
  const text =
    '{"model":"m\\u00e9\\n","a":[-0.5e+10,[],{},{"b":null}],"messages":[{"role":"user"},7],"stream":false,"x":true}';
  for (let at = 0; at < text.length; at++) {
    compare(text.slice(0, at));
    for (const byte of ['"', "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", "t", "u", " ", "\n", "\u0001"])
      compare(text.slice(0, at) + byte + text.slice(at + 1));
  }
});

test("agrees on strings of every length around a step, ended, cut and escaped", () => {
  for (let length = 0; length < 70; length++) {
    const run = "x".repeat(length);
    for (const text of [
      `{"a":"${run}"}`,
      `{"a":"${run}`,
      `{"a":"${run}\\"}`,
      `{"a":"${run}\\n","${run}":1}`,
      `{"a":"${run}\\u12g4"}`,
      `{"${run}a":"${run}\\\\"}`,
    ])
      compare(text);
  }
});

test("agrees on documents too large for one scan and short-winded enough for the other", () => {
  const turns = Array.from({ length: 900 }, (_, n) => ({
    role: n % 2 === 0 ? "user" : "assistant",
    content: `turn "${n}"\n`,
  }));
  const text = JSON.stringify({ model: "m", messages: turns, stream: true });
  assert.ok(text.length > 16 * 1024);
  compare(text);
  compare(`${text.slice(0, -1)},}`);
  compare(JSON.stringify({ model: "m", messages: [{ role: "user", content: "y".repeat(40_000) }] }));
  compare(`{"a":"${"z".repeat(1_200_000)}","messages":[${'{"role":"user"},'.repeat(300)}{"role":"user"}]}`);
  compare(`{"a":${"[".repeat(4000)}${"]".repeat(4000)}}`);
});

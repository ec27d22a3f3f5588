// Properties that hold for any bytes whatever: the codec ends, reads within bounds, and does not grow.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, constantFrom, assert as hold, nat, oneof, property, string, uint8Array } from "fast-check";
import { ChunkedDecoder } from "./chunked.ts";
import { readMessages } from "./corpus/read-messages.ts";
import { ANSWER_LIMITS, findHeadEnd, Head } from "./head.ts";
import { frameChunk, joinHeadAndChunk, LAST_CHUNK } from "./write.ts";

const OPTIONS = { seed: 42, numRuns: 1500 };

/** Bytes that are nearly HTTP. */
const httpLike = array(
  oneof(
    constantFrom("\r\n", "\n", "\r", " ", ":", "\r\n\r\n", "GET / HTTP/1.1", "HTTP/1.1 200 OK", "Host: a", "0", "5"),
    constantFrom("Content-Length: 3", "Transfer-Encoding: chunked", "Connection: close", "a", "\0", "\xff", ";", "="),
    string({ maxLength: 8, unit: "binary-ascii" }),
  ),
  { maxLength: 30 },
).map((parts) => Buffer.from(parts.join(""), "latin1"));

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((each) => each % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places]
    .map((from, i) => bytes.subarray(from, places[i] ?? bytes.length))
    .filter((each) => each.length > 0);
}

/** A view that fails on every byte read outside [from, end). */
function guarded(bytes: Buffer, from: number, end: number): Buffer {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) {
        const at = Number(key);
        if (at < from || at >= end) throw new Error(`byte ${at} was read, outside of ${from} to ${end}`);
        return target[at];
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("no head is read past its end, whatever stands in it", () => {
  const head = new Head(ANSWER_LIMITS);
  hold(
    property(httpLike, httpLike, (before, after) => {
      const bytes = Buffer.concat([before, Buffer.from("\r\n\r\n"), after]);
      const end = findHeadEnd(bytes, 0);
      const only = guarded(bytes, 0, end);
      head.readRequest(only, 0, end);
      head.entries();
      head.readResponse(only, 0, end);
      head.entries();
      assert.ok(head.count <= ANSWER_LIMITS.maxHeaders);
    }),
    OPTIONS,
  );
});

test("chunks are not read past the last one, and data stays within the bytes given", () => {
  hold(
    property(httpLike, nat(20), (bytes, from) => {
      const start = Math.min(from, bytes.length);
      const decoder = new ChunkedDecoder();
      let seen = 0;
      const complete = decoder.feed(guarded(bytes, start, bytes.length), start, bytes.length, {
        onData(_, begin, end) {
          assert.ok(begin >= start && begin < end && end <= bytes.length);
          seen += end - begin;
        },
      });
      assert.ok(decoder.consumed >= start && decoder.consumed <= bytes.length);
      assert.ok(seen <= decoder.consumed - start);
      if (complete) assert.equal(bytes[decoder.consumed - 1], 10);
    }),
    OPTIONS,
  );
});

test("the pieces in which bytes come do not change what they are", () => {
  hold(
    property(httpLike, array(nat(), { maxLength: 6 }), constantFrom(null, "GET", "HEAD"), (bytes, cuts, method) => {
      const whole = readMessages([bytes], method);
      const pieces = readMessages(cut(bytes, cuts), method);
      assert.deepEqual(pieces.messages, whole.messages);
      assert.equal(pieces.error, whole.error);
    }),
    OPTIONS,
  );
});

test("what is framed as chunks comes back the same", () => {
  const part = uint8Array({ maxLength: 300 });
  hold(
    property(array(array(part, { maxLength: 3 }), { maxLength: 5 }), array(nat()), (chunks, cuts) => {
      const wire = Buffer.concat([
        joinHeadAndChunk("", chunks[0] ?? []),
        ...chunks.slice(1).map((parts) => frameChunk(parts)),
        LAST_CHUNK,
      ]);
      const decoder = new ChunkedDecoder();
      const got: Buffer[] = [];
      const sink = { onData: (bytes: Buffer, from: number, end: number) => void got.push(bytes.subarray(from, end)) };
      const results = cut(wire, cuts).map((piece) => decoder.feed(piece, 0, piece.length, sink));
      assert.equal(results.at(-1), true);
      assert.equal(decoder.error, null);
      assert.deepEqual(Buffer.concat(got), Buffer.concat(chunks.flat()));
    }),
    { ...OPTIONS, numRuns: 400 },
  );
});

test("a decoder holds nothing of an endless body but its place in it", () => {
  const decoder = new ChunkedDecoder();
  const chunk = Buffer.from("5;a=b\r\nhello\r\n".repeat(300));
  let bytes = 0;
  const sink = { onData: (_: Buffer, from: number, end: number) => void (bytes += end - from) };
  while (decoder.error === null) decoder.feed(chunk, 0, chunk.length, sink);
  assert.match(decoder.error, /extensions are too long/);
  assert.ok(bytes < 10_000);
});

// Events are read whole, however the bytes were cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SseReader } from "./sse.ts";

const STREAM =
  'retry: 400\nid: 7\n\n: beat\n\nid: 8\nevent: request.started\ndata: {"a":1}\n\nevent: gap\r\ndata:\r\n\r\nid: 9\nevent: x\ndata: one\ndata: two\n\n';

test("ids, types and data are told; beats and bare ids are not", () => {
  assert.deepEqual(new SseReader().push(STREAM), [
    { id: "8", type: "request.started", data: '{"a":1}' },
    { id: "8", type: "gap", data: "" },
    { id: "9", type: "x", data: "one\ntwo" },
  ]);
});

test("cut anywhere it reads the same", () => {
  const whole = new SseReader().push(STREAM);
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 12 }), (cuts) => {
      const reader = new SseReader();
      const places = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
      const read = places.slice(1).flatMap((end, index) => reader.push(STREAM.slice(places[index], end)));
      assert.deepEqual(read, whole);
    }),
  );
});

// Checks that any error body gives a short, clean message.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeError } from "./decode-error.ts";

const read = (body: unknown, status = 500) =>
  decodeError(status, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));

test("reads the bodies that providers send", () => {
  const openai = { message: "m", type: "invalid_request_error", code: "c", param: "messages[0]" };
  assert.deepEqual(read({ error: openai }), openai);
  const cases: [unknown, string, string?][] = [
    [
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "r" },
      "Overloaded",
      "overloaded_error",
    ],
    [{ error: "text" }, "text"],
    [{ message: "m" }, "m"],
    [{ object: "error", message: "m", type: "BadRequestError", code: 400 }, "m", "BadRequestError"],
    [{ detail: "d" }, "d"],
    [{ detail: [{ loc: ["body", "x"], msg: "field required", type: "missing" }] }, "field required"],
    [[{ error: { message: "m", status: "INVALID_ARGUMENT", code: 400 } }], "m", "INVALID_ARGUMENT"],
    [{ error: { message: { message: "deep" } } }, "deep"],
    [{ error: {} }, "the provider gave no message"],
    ["<html><head><title>502 Bad Gateway</title></head><body>x</body></html>", "502 Bad Gateway"],
    ["<!DOCTYPE html><p>no title", "the provider answered with status 500 and without a message"],
    ["", "the provider answered with status 500 and without a message"],
    ["upstream\nconnect\u0000error", "upstream connect error"],
    [{ odd: 1 }, '{"odd":1}'],
    ["null", "null"],
  ];
  for (const [body, message, type] of cases) {
    const error = read(body);
    assert.equal(error.message, message);
    assert.equal(error.type, type);
  }
});

test("cuts long messages and never throws", () => {
  assert.equal(read({ error: { message: "x".repeat(9000) } }).message.length, 2000);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      const { message } = read(body);
      assert.ok(message.length > 0 && message.length <= 2000);
    }),
    { seed: 8, numRuns: 500 },
  );
});

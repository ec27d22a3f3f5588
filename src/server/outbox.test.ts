// The buffer of a turn is used again only when no socket still reads from it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "./outbox.ts";
import { RequestBytes } from "./request-bytes.ts";

test("gives room side by side, and the same room again in the next turn", () => {
  const outbox = new Outbox();
  const first = outbox.take(100);
  const second = outbox.take(50);
  assert.equal(second.byteOffset, first.byteOffset + 100);
  outbox.wrote(0);
  outbox.empty();
  assert.equal(outbox.take(10).byteOffset, first.byteOffset);
});

test("joins what stands side by side without copying it, and nothing else", () => {
  const outbox = new Outbox();
  const [first, second, third] = [outbox.take(3), outbox.take(2), outbox.take(4)];
  first.write("abc");
  second.write("de");
  third.write("fghi");
  assert.equal(outbox.joined([first, second, third])?.toString(), "abcdefghi");
  assert.equal(outbox.joined([second, third])?.byteOffset, second.byteOffset);
  assert.equal(outbox.joined([first, third]), null);
  assert.equal(outbox.joined([first, Buffer.from("x")]), null);
  assert.equal(outbox.joined([]), null);
});

test("leaves the buffer to a socket that has not written all of it", () => {
  const outbox = new Outbox();
  const first = outbox.take(100);
  outbox.wrote(60);
  outbox.empty();
  assert.notEqual(outbox.take(100).buffer, first.buffer);
});

test("gives what does not fit memory of its own", () => {
  const outbox = new Outbox();
  const large = outbox.take(200 * 1024);
  const more = outbox.take(200 * 1024);
  assert.notEqual(more.buffer, large.buffer);
  assert.equal(more.length, 200 * 1024);
});

test("a small request's bytes are used again once its body was released, and not before", () => {
  const own = new RequestBytes();
  const read = Buffer.from("POST / HTTP/1.1 body");
  const first = own.body(own.copy(read, 0, read.length).subarray(16));
  const second = own.copy(Buffer.from("X".repeat(20)), 0, 20);
  assert.equal(first.bytes.toString(), "body");
  const body = own.body(second);
  body.release();
  const third = own.copy(read, 0, read.length);
  assert.equal(third.buffer, second.buffer);
});

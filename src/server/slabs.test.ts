// The pools of large buffers, and bodies that grow in them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyBuffer, EMPTY_BODY } from "./body-buffer.ts";
import { Slabs } from "./slabs.ts";

const KB = 1024;
const MB = 1024 * KB;

test("a slab is of the smallest pool that is large enough, and comes again once it is given back", () => {
  const slabs = new Slabs();
  const small = slabs.take(100) as Buffer;
  assert.equal(small.length, 128 * KB);
  assert.equal(slabs.take(128 * KB + 1)?.length, MB);
  assert.equal(slabs.take(9 * MB)?.length, 9 * MB);
  slabs.give(small);
  assert.equal(slabs.take(1), small);
});

test("no more is out at once than the limit, and what comes back counts again", () => {
  const slabs = new Slabs(MB);
  const all = Array.from({ length: 8 }, () => slabs.take(1) as Buffer);
  assert.equal(slabs.take(1), null);
  for (const slab of all) slabs.give(slab);
  assert.equal(slabs.inUse, 0);
  assert.equal(slabs.take(MB)?.length, MB);
});

test("free slabs are kept up to a bound", () => {
  const slabs = new Slabs();
  const all = Array.from({ length: 20 }, () => slabs.take(MB) as Buffer);
  for (const slab of all) slabs.give(slab);
  const again = Array.from({ length: 20 }, () => slabs.take(MB) as Buffer);
  assert.equal(again.filter((slab) => all.includes(slab)).length, 8);
});

test("a body grows with its bytes, not with what its sender declares", () => {
  const slabs = new Slabs();
  const body = new BodyBuffer(slabs, 100 * MB);
  const piece = Buffer.alloc(64 * KB, "a");
  assert.equal(body.append(piece, 0, piece.length), true);
  assert.equal(slabs.inUse, 128 * KB);
  while (body.length < 9 * MB) assert.equal(body.append(piece, 0, piece.length), true);
  assert.equal(slabs.inUse, 100 * MB);
  const whole = body.finish();
  assert.equal(whole.bytes.length, 9 * MB);
  assert.ok(whole.bytes.every((byte) => byte === 97));
  whole.release();
  whole.release();
  assert.equal(slabs.inUse, 0);
});

test("a body that finds no memory says so and gives back what it holds", () => {
  const slabs = new Slabs(512 * KB);
  const body = new BodyBuffer(slabs, -1);
  const piece = Buffer.alloc(128 * KB);
  assert.equal(body.append(piece, 0, piece.length), true);
  assert.equal(body.append(piece, 0, piece.length), false);
  body.discard();
  body.discard();
  assert.equal(slabs.inUse, 0);
});

test("a part of a read is copied from where it begins to where it ends", () => {
  const body = new BodyBuffer(new Slabs(), -1);
  body.append(Buffer.from("xabcx"), 1, 4);
  body.append(Buffer.from("def"), 0, 3);
  assert.equal(body.finish().bytes.toString(), "abcdef");
  assert.equal(new BodyBuffer(new Slabs(), 0).finish(), EMPTY_BODY);
});

// Checks that hashes of passwords name their method, hold, and refuse what is no hash or asks for too much.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hashPassword, isPasswordHash, verifyPassword } from "./password-hash.ts";

test("a password matches its hash and nothing else", async () => {
  const hash = await hashPassword("correct horse");
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.ok(isPasswordHash(hash));
  assert.ok(!hash.includes("horse"));
  assert.equal(await verifyPassword("correct horse", hash), true);
  for (const wrong of ["", "correct horse ", "Correct horse", hash])
    assert.equal(await verifyPassword(wrong, hash), false, wrong);
});

test("the same password has another hash each time, and the same with the same salt", async () => {
  const salt = Buffer.alloc(16, 7);
  const [first, second, third] = await Promise.all([
    hashPassword("a"),
    hashPassword("a", salt),
    hashPassword("a", salt),
  ]);
  assert.notEqual(first, second);
  assert.equal(second, third);
});

test("letters are compared as people see them, however they were composed", async () => {
  assert.equal(await verifyPassword("pa\u0073s\u0065\u0301", await hashPassword("pass\u00e9")), true);
});

test("a hash made by scrypt is taken too", async () => {
  const hash = "$scrypt$n=16384,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + "A".repeat(43);
  assert.ok(isPasswordHash(hash));
  assert.equal(await verifyPassword("x", hash), false);
});

test("what is no hash, or would cost too much, is none", async () => {
  for (const text of [
    "",
    "secret",
    "$argon2id$",
    "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    `$argon2id$v=19$m=9999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$${"A".repeat(43)}`,
    `$argon2id$v=19$m=19456,t=99,p=1$AAAAAAAAAAAAAAAAAAAAAA$${"A".repeat(43)}`,
    `$scrypt$n=16383,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$${"A".repeat(43)}`,
    "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
  ]) {
    assert.equal(isPasswordHash(text), false, text);
    assert.equal(await verifyPassword("secret", text), false, text);
  }
});

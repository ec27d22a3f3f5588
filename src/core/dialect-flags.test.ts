// Every dialect comes back from its bits, and the two of the first layout keep theirs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DIALECTS } from "./chat.ts";
import { dialectFlags, dialectOf } from "./dialect-flags.ts";

test("every dialect comes back, among other flags too", () => {
  for (const dialect of DIALECTS) {
    assert.equal(dialectOf(dialectFlags(dialect)), dialect);
    assert.equal(dialectOf(dialectFlags(dialect) | 2048 | 64 | 1), dialect);
  }
});

test("rows written before there were more than two dialects are read as they were", () => {
  assert.equal(dialectFlags("openai"), 0);
  assert.equal(dialectFlags("anthropic"), 128);
});

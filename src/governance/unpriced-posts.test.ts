// Counts of requests without a price are sent once, kept until they are taken, and sent again under their number when nobody answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { UnpricedPosts } from "./unpriced-posts.ts";

test("what was sent and not taken comes again as it was; what came meanwhile waits for the next message", () => {
  const posts = new UnpricedPosts();
  assert.equal(posts.due(0), null);
  posts.add("b");
  posts.add("b");
  assert.deepEqual(posts.due(0), { seq: 1, counts: [["b", 2]] });
  posts.add("b");
  assert.equal(posts.due(1000), null);
  assert.deepEqual(posts.due(5000), { seq: 1, counts: [["b", 2]] });
  posts.taken(1);
  assert.deepEqual(posts.due(5050), { seq: 2, counts: [["b", 1]] });
  posts.taken(1);
  assert.equal(posts.due(5100), null);
  posts.taken(2);
  assert.equal(posts.due(20_000), null);
});

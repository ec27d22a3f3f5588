// The way back after a login stays on this site.
import assert from "node:assert/strict";
import { test } from "node:test";
import { returnPath } from "./return-path.ts";

const HERE = "https://gate.example:8080/login?return=x";

test("a page of ours is gone back to, with its query", () => {
  assert.equal(returnPath("/requests?status=error", HERE), "/requests?status=error");
  assert.equal(returnPath(null, HERE), "/");
});

test("other sites, scripts and the login itself are not", () => {
  for (const asked of [
    "https://evil.example/",
    "//evil.example/x",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "/login?return=/login",
    "/setup",
  ])
    assert.equal(returnPath(asked, HERE), "/", asked);
});

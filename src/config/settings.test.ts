// Settings that are taken and could never have an effect are told with their place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadObject } from "./testing.ts";

test("an origin that no page has is warned of, and those that some have are not", () => {
  const good = [
    "*",
    "https://app.example",
    "https://*.example:8443",
    "http://localhost:3000/",
    "chrome-extension://abc",
  ];
  assert.deepEqual(loadObject({ client: { allowed_origins: good } }).warnings, []);
  for (const bad of [
    "app.example",
    "localhost:3000",
    "https://a b",
    "https://*.*.example",
    "https://a/path",
    "null",
    "",
  ]) {
    const { warnings } = loadObject({ client: { allowed_origins: ["*", bad] } });
    assert.equal(warnings.length, 1, bad);
    assert.match(warnings[0]?.text ?? "", /^config\.json:5:7: client\.allowed_origins: .* is the origin of no page/);
  }
});

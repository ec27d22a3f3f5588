// Snippets run as they stand, and never hold a key.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { curlSnippet, javascriptSnippet, pythonSnippet } from "./snippets.ts";

const body = {
  model: "openai/gpt-4o-mini",
  messages: [{ role: "user", content: 'it\'s "fine"\n$HOME `x`' }],
  stream: true,
  stop: null,
};

test("a shell passes the body of a curl call on as it is", () => {
  const text = curlSnippet({ origin: "http://localhost:8080", body, needsKey: true });
  const words = execFileSync("sh", ["-c", text.replace(/^curl/, "printf '%s\\0'")], {
    encoding: "utf8",
    env: { DRAWBRIDGE_KEY: "k" },
  }).split("\0");
  assert.deepEqual(JSON.parse(words[words.indexOf("-d") + 1] as string), body);
  assert.ok(words.includes("authorization: Bearer k"));
});

test("JavaScript and Python name the address and take the key from the environment", () => {
  for (const make of [javascriptSnippet, pythonSnippet]) {
    const text = make({ origin: "http://localhost:8080", body, needsKey: true });
    assert.match(text, /http:\/\/localhost:8080\/v1/);
    assert.match(text, /DRAWBRIDGE_KEY/);
  }
  assert.match(pythonSnippet({ origin: "", body, needsKey: false }), /stream=True,\n {4}stop=None,/);
});

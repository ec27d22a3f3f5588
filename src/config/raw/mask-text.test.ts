// Masks of a text: no secret is left in it, comments included, and each comes back to its own place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskText, unmaskText } from "./mask-text.ts";

const TEXT = `{
  // before: sk-old-0123456789abcdef
  "encryption_key": "correct horse battery",
  "client": { "log_retention_days": 30 },
  "providers": {
    "openai": { "keys": [{ "name": "a", "value": "sk-proj-0123456789abcdef" }, { "name": "b", "value": "env.KEY" }] },
    "azure": { "keys": [{ "name": "c", "value": { "value": "plain-secret-of-azure", "type": "plain" } }] }
  },
  "governance": { "virtual_keys": [{ "name": "v", "value": "short" }, { "name": "w", "value": "other" }] },
}`;
const SECRETS = [
  "sk-old-0123456789abcdef",
  "correct horse battery",
  "sk-proj-0123456789abcdef",
  "plain-secret-of-azure",
  "short",
];

test("no secret is left, and what is none stays", () => {
  const { text = "" } = maskText(TEXT) ?? {};
  for (const secret of SECRETS) assert.ok(!text.includes(secret), secret);
  for (const kept of ["env.KEY", "log_retention_days", '"name": "a"', "before:"]) assert.ok(text.includes(kept), kept);
});

test("unchanged masks become the secrets of their places, whatever else was edited", () => {
  const { text = "" } = maskText(TEXT) ?? {};
  assert.deepEqual(unmaskText(text, TEXT), { ok: true, text: TEXT });
  const edited = text.replace("30", "31").replace('"openai"', '"mistral"');
  const expected = TEXT.replace("30", "31").replace('"openai"', '"mistral"');
  assert.deepEqual(unmaskText(edited, TEXT), { ok: true, text: expected });
});

test("a mask that could be one of two secrets, or is nobody's, is named with its place", () => {
  const { text = "" } = maskText(TEXT) ?? {};
  const list = JSON.stringify({ governance: { virtual_keys: [{}, {}, { name: "x", value: "*****" }] } });
  const result = unmaskText(list, TEXT);
  assert.equal(result.ok, false);
  assert.equal(result.ok ? "" : result.pointer, "/governance/virtual_keys/2/value");
  assert.equal(unmaskText(text.replace("sk-p****", "sk-x****"), TEXT).ok, false);
});

test("a text that is no JSON shows nothing", () => {
  assert.equal(maskText('{"encryption_key": "abc'), null);
});

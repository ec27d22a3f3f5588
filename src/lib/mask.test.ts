// Secrets are found as they are and as JSON and addresses spell them, and nothing else is touched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskBytes, maskText } from "./mask.ts";

const SECRET = 'sk-a/b+c"d';

test("a secret is taken out in each of its spellings", () => {
  const spelled = [SECRET, 'sk-a/b+c\\"d', 'sk-a\\/b+c\\"d', "sk-a%2Fb%2Bc%22d"];
  for (const spelling of spelled) {
    assert.equal(maskText(`key ${spelling}, twice ${spelling}`, [SECRET]), "key [masked], twice [masked]", spelling);
    assert.equal(maskBytes(Buffer.from(`{"e":"${spelling}"}`), ["other", SECRET]).toString(), '{"e":"[masked]"}');
  }
});

test("what holds no secret comes back as it is, and a text too short to be one is none", () => {
  const bytes = Buffer.from([0xff, 0x00, 0x61, 0x62, 0x63]);
  assert.equal(maskBytes(bytes, [SECRET, "abc", ""]), bytes);
  assert.equal(maskText("abc", ["abc", "", "ab"]), "abc");
  assert.equal(maskText("a lone \ud800xyz", ["\ud800xyz"]), "a lone [masked]");
});

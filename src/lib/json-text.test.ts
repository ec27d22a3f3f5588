// Bytes of text against what JSON.parse makes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { escapeBytes } from "./json-text.ts";

function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

test("a JSON string without its escapes is as long as its text", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.boolean(), (parts, isAscii) => {
      const text = parts.join("-".repeat(70));
      const bytes = Buffer.from(`xx${isAscii ? ascii(text) : JSON.stringify(text)}\\n`);
      const [from, to] = [3, bytes.length - 3];
      assert.equal(to - from - escapeBytes(bytes, from, to), Buffer.byteLength(text));
    }),
    { seed: 7 },
  );
});

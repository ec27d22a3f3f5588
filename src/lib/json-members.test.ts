// Small members of large objects.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { smallMembers } from "./json-members.ts";

const ALL = { without: new Set<string>(), longest: 1_000_000 };

test("finds every member of any object, as the parser does", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      assert.deepEqual({ ...smallMembers(Buffer.from(text), ALL) }, { ...(JSON.parse(text) as object) });
    }),
    { numRuns: 300 },
  );
});

test("leaves out what is too long or not wanted, and takes no prototype from a body", () => {
  const text = ` { "messages" : [{"a":"]}"}] , "long":"${"x".repeat(100)}", "__proto__" : {"a":1} , "n":1.5}`;
  const found = smallMembers(Buffer.from(text), { without: new Set(["messages"]), longest: 50 });
  assert.deepEqual(Object.keys(found), ["__proto__", "n"]);
  assert.equal((found as { a?: unknown }).a, undefined);
});

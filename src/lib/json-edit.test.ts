// Checks that edited documents read as the edited object, and that what was not touched keeps its bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { editJson, type JsonEdit } from "./json-edit.ts";
import { JsonScan } from "./json-scan.ts";

const NAMES = ["model", "stream", "n", "x"];

function edit(text: string, edits: readonly JsonEdit[]): string {
  const bytes = Buffer.from(text);
  const scan = new JsonScan(NAMES, undefined, false);
  assert.equal(scan.read(bytes), true);
  return Buffer.concat(editJson(bytes, scan, edits)).toString();
}

test("replaces a value and leaves every other byte as it stands", () => {
  assert.equal(
    edit(' {"seed":1.0E+2, "model" : "openai/m",\n"a":{"model":0}}\n', [{ type: "replace", field: 0, json: '"m"' }]),
    '{"seed":1.0E+2, "model" : "m",\n"a":{"model":0}}',
  );
});

test("removes first, middle, last, neighbouring and all members with their commas", () => {
  const text = '{"model":1 , "n":2,\n"stream":3,"x":4}';
  const remove = (...fields: number[]) =>
    edit(
      text,
      fields.map((field) => ({ type: "remove", field })),
    );
  assert.equal(remove(0), '{ "n":2,\n"stream":3,"x":4}');
  assert.equal(remove(3), '{"model":1 , "n":2,\n"stream":3}');
  assert.deepEqual(JSON.parse(remove(3, 1)), { model: 1, n: 2 });
  assert.deepEqual(JSON.parse(remove(1, 3, 2)), { model: 1 });
  assert.deepEqual(JSON.parse(remove(0, 1, 2, 3)), {});
});

test("inserts behind the last member, also into an empty object", () => {
  assert.equal(edit("{ }", [{ type: "insert", name: "a", json: "1" }]), '{ "a":1}');
  assert.equal(
    edit('{"n":1}', [
      { type: "insert", name: "a", json: "1" },
      { type: "insert", name: "b", json: "{}" },
    ]),
    '{"n":1,"a":1,"b":{}}',
  );
  assert.equal(
    edit('{"n":1}', [
      { type: "remove", field: 2 },
      { type: "insert", name: "a", json: "1" },
    ]),
    '{"a":1}',
  );
});

test("passes the untouched bytes on without copying them", () => {
  const bytes = Buffer.from('{"model":"a","long":"text"}');
  const scan = new JsonScan(NAMES, undefined, false);
  scan.read(bytes);
  const parts = editJson(bytes, scan, [{ type: "replace", field: 0, json: '"b"' }]);
  assert.equal(parts[0]?.buffer, bytes.buffer);
  assert.equal(parts[2]?.buffer, bytes.buffer);
});

const member = fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.stringMatching(/^[a-z]{1,3}$/)), fc.jsonValue());

test("gives for any object and any edits the object that was edited, in the same order", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 8 }),
      fc.subarray([0, 1, 2, 3]),
      fc.subarray([0, 1, 2, 3]),
      fc.constantFrom(undefined, 1),
      fc.boolean(),
      (members, removed, replaced, indent, insert) => {
        const text = JSON.stringify(Object.fromEntries(members), null, indent);
        const expected = JSON.parse(text) as Record<string, unknown>;
        const edits: JsonEdit[] = removed.map((field) => ({ type: "remove", field }));
        for (const field of removed) delete expected[NAMES[field] as string];
        for (const field of replaced.filter((f) => !removed.includes(f))) {
          edits.push({ type: "replace", field, json: '{"new":1}' });
          if (Object.hasOwn(expected, NAMES[field] as string)) expected[NAMES[field] as string] = { new: 1 };
        }
        if (insert) {
          edits.push({ type: "insert", name: "inserted", json: "true" });
          expected["inserted"] = true;
        }
        const patched = edit(text, edits);
        assert.equal(JSON.stringify(JSON.parse(patched)), JSON.stringify(expected), patched);
      },
    ),
    { seed: 5, numRuns: 1000 },
  );
});

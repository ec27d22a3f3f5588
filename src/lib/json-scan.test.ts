// Checks the scan against JSON.parse: what it accepts, what it finds, and what it refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { JSON_TYPE, JsonScan, MAX_DEPTH } from "./json-scan.ts";

const NAMES = ["model", "messages", "stream", "a"];

/** One for all tests, as one serves all requests. */
const shared = new JsonScan(NAMES, { array: "messages", fields: ["role", "content"], mark: "user" });

function makeScan(): JsonScan {
  return shared;
}

function accepts(text: string): boolean {
  return makeScan().read(Buffer.from(text));
}

function parses(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

test("finds values with their quotes, types and whole members", () => {
  const text = ' { "x" : [1, {"model": 2}], "model" : "gpt \\" 4" ,"stream":true, "a":null,"messages":[]} \n';
  const bytes = Buffer.from(text);
  const scan = makeScan();
  assert.equal(scan.read(bytes), true);
  assert.equal(bytes.toString("utf8", scan.starts[0], scan.ends[0]), '"gpt \\" 4"');
  assert.equal(bytes.toString("utf8", scan.nameStarts[0], scan.ends[0]), '"model" : "gpt \\" 4"');
  assert.deepEqual([...scan.types], [JSON_TYPE.string, JSON_TYPE.array, JSON_TYPE.true, JSON_TYPE.null]);
  assert.equal(scan.open, 1);
  assert.equal(scan.close, text.lastIndexOf("}"));
  assert.equal(scan.memberCount, 5);
});

test("reads a part of a larger buffer, and never beyond it", () => {
  const bytes = Buffer.from('xx{"model":"m"}"yy');
  const scan = makeScan();
  assert.equal(scan.read(bytes, 2, 15), true);
  assert.equal(bytes.toString("utf8", scan.starts[0], scan.ends[0]), '"m"');
  assert.equal(scan.read(bytes, 2, 14), false);
  assert.equal(scan.read(Buffer.from('{"model":"' + "x".repeat(100) + '"}'), 0, 80), false);
});

test("tells of a list of messages what is wrong with it and where the last user turn is", () => {
  const scan = makeScan();
  const text = '{"messages":[{"role":"user","content":"1"},{"content":[],"role":"user"},{"role":"assistant"}]}';
  assert.equal(scan.read(Buffer.from(text)), true);
  assert.equal(scan.itemCount, 3);
  assert.equal(scan.nonObject, -1);
  assert.equal(scan.unlabelled, -1);
  assert.equal(text.slice(scan.markedStart, scan.markedEnd), '{"content":[],"role":"user"}');
  assert.equal(text.slice(scan.itemStarts[0], scan.itemEnds[0]), '"assistant"');
  assert.equal(scan.itemTypes[1], JSON_TYPE.absent);
  scan.read(Buffer.from('{"messages":[{"role":"user"},{"role":1},{"x":{"role":"user"}},"y",{"role":"system"}]}'));
  assert.equal(scan.unlabelled, 1);
  assert.equal(scan.nonObject, 3);
  assert.equal(scan.markedStart, 13);
  scan.read(Buffer.from('{"messages":{"0":{"role":"user"}},"x":[{"role":"user"}]}'));
  assert.equal(scan.itemCount, 0);
  assert.equal(scan.markedStart, -1);
});

test("refuses a known name that stands twice, also when spelled with escapes, and lets others repeat", () => {
  const scan = makeScan();
  assert.equal(scan.read(Buffer.from('{"model":"a","x":1,"x":2,"mod\\u0065l":"b"}')), false);
  assert.equal(scan.error?.kind, "duplicate");
  assert.equal(scan.error?.field, "model");
  assert.equal(scan.read(Buffer.from('{"mod\\u0065l":"b"}')), true);
  assert.equal(scan.types[0], JSON_TYPE.string);
  assert.equal(accepts('{"x":1,"x":2}'), true);
});

function nested(depth: number): string {
  return `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
}

test("holds the depth limit without recursion and with flat memory", () => {
  assert.equal(accepts(nested(MAX_DEPTH)), true);
  const scan = makeScan();
  assert.equal(scan.read(Buffer.from(nested(MAX_DEPTH + 1))), false);
  assert.match(scan.error?.message ?? "", /nested deeper than 10000 levels/);
  assert.equal(scan.read(Buffer.from(`{"a":${'{"a":'.repeat(500_000)}`)), false);
});

test("checks escapes in strings of any length, and control characters near their beginning", () => {
  for (const before of ["", "x".repeat(511), "x".repeat(1024), "x".repeat(5000)]) {
    assert.equal(accepts(`{"a":"${before}\\n\\u00e9\\\\\\""}`), true);
    assert.equal(accepts(`{"a":"${before}\\x"}`), false);
    assert.equal(accepts(`{"a":"${before}\\u12g4"}`), false);
    assert.equal(accepts(`{"a":"${before}\\"}`), false);
  }
  for (let n = 0; n < 1000; n += 7) assert.equal(accepts(`{"a":"${"x".repeat(n)}\u0001${"x".repeat(600)}"}`), false);
  // Left to the provider: the string ends where it ends either way.
  assert.equal(accepts(`{"a":"${"x".repeat(1100)}\n"}`), true);
});

test("agrees with JSON.parse on every truncation and every one-byte change of a document", () => {
  const text = '{"model":"m\\u00e9\\n","a":[-0.5e+10,[],{},{"b":null}],"stream":false , "n":1E2,"é":true}';
  for (let n = 0; n < text.length; n++) assert.equal(accepts(text.slice(0, n)), false, text.slice(0, n));
  const replacements = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "0",
    "-",
    ".",
    "e",
    "t",
    "u",
    " ",
    "\n",
    "\u0000",
    "x",
  ];
  for (let n = 0; n < text.length; n++) {
    for (const other of replacements) {
      const changed = text.slice(0, n) + other + text.slice(n + 1);
      const scan = makeScan();
      const ok = scan.read(Buffer.from(changed));
      if (scan.error?.kind !== "duplicate") assert.equal(ok, parses(changed), changed);
    }
  }
});

const numberText = fc.constantFrom(
  "0",
  "-0",
  "1",
  "-1.50",
  "1e5",
  "1E-5",
  "1.0e+2",
  "12345678901234567890",
  "0.1",
  "-12",
);
const badNumber = fc.constantFrom(
  "01",
  "-",
  "1.",
  ".5",
  "1e",
  "+1",
  "1e+",
  "0x1",
  "--1",
  "1.e5",
  "NaN",
  "Infinity",
  "00",
);

test("agrees with JSON.parse on spellings of numbers", () => {
  fc.assert(
    fc.property(fc.oneof(numberText, badNumber), fc.constantFrom("", " ", "}", ",", "]", "1", "e"), (number, tail) => {
      for (const text of [`{"a":${number}${tail}}`, `{"a":[${number}${tail}]}`, `{"a":${number}${tail}`])
        assert.equal(accepts(text), parses(text), text);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("finds in any object what JSON.parse finds, with any white space between", () => {
  const object = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: "grapheme" })), fc.jsonValue());
  fc.assert(
    fc.property(object, fc.constantFrom("", "\t", "\r\n "), (value, indent) => {
      const text = JSON.stringify(value, null, indent === "\r\n " ? " " : indent);
      const bytes = Buffer.from(indent === "\r\n " ? text.replaceAll("\n", "\r\n") : text);
      const scan = makeScan();
      const parsed = JSON.parse(text) as Record<string, unknown>;
      assert.equal(scan.read(bytes), true, scan.error?.message ?? "");
      assert.equal(scan.memberCount, Object.keys(parsed).length);
      NAMES.forEach((name, n) => {
        assert.equal(scan.types[n] !== 0, Object.hasOwn(parsed, name));
        if (scan.types[n] !== 0)
          assert.deepEqual(JSON.parse(bytes.toString("utf8", scan.starts[n], scan.ends[n])), parsed[name]);
      });
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("agrees with JSON.parse on garbage made of JSON's own pieces", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"model"',
    "1",
    "true",
    "nul",
    "null",
    " ",
    '"',
    "\\",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = `{"a":${pieces.join("")}`;
      const scan = makeScan();
      const ok = scan.read(Buffer.from(text));
      if (scan.error?.kind === "duplicate") return;
      assert.equal(ok, parses(text), text);
    }),
    { seed: 3, numRuns: 3000 },
  );
});

test("never throws and never runs on over random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const scan = makeScan();
      scan.read(Buffer.concat([Buffer.from('{"a":"'), bytes]));
      scan.read(Buffer.from(bytes));
    }),
    { seed: 4, numRuns: 500 },
  );
});

test("is itself again after a failed read", () => {
  const scan = makeScan();
  scan.read(Buffer.from('{"messages":[{"role":"user"}'));
  assert.equal(scan.read(Buffer.from('{"stream":true}')), true);
  assert.equal(scan.error, null);
  assert.equal(scan.itemCount, 0);
  assert.equal(scan.markedStart, -1);
  assert.equal(scan.types[1], 0);
});

// Where a cursor stands in half-written JSON, what the schema offers there, and colours of a line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeAt } from "./json-cursor.ts";
import { tokensOf } from "./json-tokens.ts";
import { offersAt, type Schema } from "./schema-words.ts";

/** `|` is the cursor. */
const place = (text: string) => placeAt(text.replace("|", ""), text.indexOf("|"));

const schema: Schema = {
  $defs: { key: { type: "object", properties: { name: { type: "string" }, weight: { type: "number", default: 1 } } } },
  properties: {
    client: {
      type: "object",
      description: "The client.",
      properties: { level: { enum: ["off", "ends"], default: "ends" }, on: { type: "boolean" } },
    },
    providers: {
      anyOf: [
        {
          type: "object",
          patternProperties: { "^.*$": { properties: { keys: { type: "array", items: { $ref: "#/$defs/key" } } } } },
        },
      ],
    },
  },
};

const labels = (text: string) => offersAt(schema, place(text)).map(({ label }) => label);

test("a name is wanted in an object, with what is written of it", () => {
  const found = place('{"client": {"le|vel": 1}}');
  assert.deepEqual([found.path, found.wanted, found.prefix], [["client"], "name", "le"]);
  assert.equal('{"client": {"level": 1}}'.slice(found.from, found.to), '"level"');
});

test("comments say nothing of the place", () => {
  assert.deepEqual(place('{ // it\'s "so\n /* { */ "a": |').path, ["a"]);
});

test("a word that is begun before another one does not take its quote", () => {
  const found = place('{"le|"level": 1}');
  assert.equal('{"le"level": 1}'.slice(found.from, found.to), '"le');
});

test("a value is wanted behind a colon and in a list", () => {
  assert.deepEqual([place('{"a": |').path, place('{"a": |').wanted], [["a"], "value"]);
  assert.deepEqual(place('{"a": [1, {"b": 2}, "x|').path, ["a", 2]);
});

test("behind a value nothing is wanted before a comma", () => {
  assert.equal(place('{"a": 1 |').wanted, "nothing");
  assert.equal(place("|").wanted, "nothing");
});

test("offers are members that are not there yet, and listed values", () => {
  assert.deepEqual(labels('{"|'), ["client", "providers"]);
  assert.deepEqual(labels('{"client": {}, "|'), ["providers"]);
  assert.deepEqual(labels('{"client": {"level": "|'), ["off", "ends"]);
  assert.deepEqual(labels('{"client": {"on": t|'), ["true"]);
});

test("offers go through names of any kind, lists and references", () => {
  assert.deepEqual(labels('{"providers": {"openai": {"keys": [{"w|'), ["weight"]);
  assert.equal(offersAt(schema, place('{"providers": {"openai": {"keys": [{"w|'))[0]?.text, '"weight": 1');
});

test("a line is coloured whole, also a half-written one", () => {
  const line = '  "a": [1, true, "x\\"y", half';
  assert.equal(
    tokensOf(line)
      .map(({ text }) => text)
      .join(""),
    line,
  );
  assert.equal(tokensOf(line)[1]?.kind, "name");
  assert.equal(
    tokensOf('"open: 1')
      .map(({ text }) => text)
      .join(""),
    '"open: 1',
  );
});

// Putting back what was shown: the round trip of any body changes nothing, and a change changes only itself.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { restoreShown, sameJson } from "./restore-shown.ts";

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
const object = fc.dictionary(fc.string(), json) as fc.Arbitrary<JsonObject>;

describe("what is sent back as it was shown", () => {
  it("is what is stored", () => {
    fc.assert(
      fc.property(object, object, (shown, stored) => restoreShown(structuredClone(shown), shown, stored) === stored),
      { seed: 3, numRuns: 200 },
    );
  });

  it("is left out where it is not stored: defaults are not written down", () => {
    const shown = { retries: 0, timeout: 300, inner: { a: 1, b: 2 } };
    assert.deepEqual(restoreShown({ ...shown, timeout: 60 }, shown, {}), { timeout: 60 });
    assert.deepEqual(restoreShown({ retries: 0, inner: { a: 1, b: 3 } }, shown, { retries: 0 }), {
      retries: 0,
      inner: { b: 3 },
    });
  });

  it("takes lists whole", () => {
    assert.deepEqual(restoreShown({ list: ["a"] }, { list: ["a", "b"] }, { list: ["a", "b"] }), { list: ["a"] });
  });

  it("knows names like __proto__ and constructor as names", () => {
    const given = JSON.parse('{"__proto__": {"x": 1}, "constructor": 5}') as JsonObject;
    const back = restoreShown(given, { y: 1 }, {}) as JsonObject;
    assert.deepEqual(Object.keys(back), ["__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(back), Object.prototype);
  });
});

it("content is the same whatever the order of members and the prototype", () => {
  fc.assert(
    fc.property(object, (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed()) as JsonObject;
      return sameJson(value, turned) && sameJson(Object.assign(Object.create(null), value), value);
    }),
    { seed: 5, numRuns: 200 },
  );
  assert.equal(sameJson({ a: null }, {}), false);
  assert.equal(sameJson([1, 2], [2, 1]), false);
});

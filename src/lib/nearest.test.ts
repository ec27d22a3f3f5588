// Tests of the search for the name that was meant.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { editDistance, nearestName, nearestNames } from "./nearest.ts";

test("finds the name behind a swapped, missing or doubled letter", () => {
  const names = ["weight", "models", "value", "name"];
  assert.equal(nearestName("wieght", names), "weight");
  assert.equal(nearestName("weigth", names), "weight");
  assert.equal(nearestName("model", names), "models");
  assert.equal(nearestName("vallue", names), "value");
});

test("takes no notice of case, hyphens and underscores", () => {
  assert.equal(nearestName("providerConfigs", ["providers", "provider_configs"]), "provider_configs");
  assert.equal(nearestName("GPT4o", ["gpt-4", "gpt-4o"]), "gpt-4o");
});

test("suggests nothing when nothing is near", () => {
  assert.equal(nearestName("zebra", ["weight", "models"]), undefined);
  assert.equal(nearestName("", ["weight"]), undefined);
  assert.equal(nearestName("x".repeat(10_000), ["weight"]), undefined);
});

test("gives the nearest three first, ties in the order given", () => {
  assert.deepEqual(nearestNames("gpt-4o", ["gpt-4.1", "gpt-4o-mini", "gpt-4o", "claude", "gpt-4"], 3), [
    "gpt-4o",
    "gpt-4.1",
    "gpt-4",
  ]);
});

test("the distance is symmetric, zero only for equal names, and never beyond the limit plus one", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), fc.nat(6), (a, b, limit) => {
      const distance = editDistance(a, b, limit);
      assert.equal(distance, editDistance(b, a, limit));
      assert.equal(distance === 0, a === b);
      assert.ok(distance <= limit + 1);
    }),
    { seed: 1, numRuns: 300 },
  );
});

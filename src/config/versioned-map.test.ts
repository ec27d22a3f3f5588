// A map with versions answers each version as a copy made at its time would.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type MapVersion, VersionedMap } from "./versioned-map.ts";

test("every sealed version is what a copy would be, whatever comes after it", () => {
  const key = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ type: fc.constant("set" as const), key, value: fc.nat(9) }),
    fc.record({ type: fc.constant("delete" as const), key }),
    fc.record({ type: fc.constant("seal" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const map = new VersionedMap<number>();
      const plain = new Map<string, number>();
      const sealed: { version: MapVersion<number>; copy: Map<string, number> }[] = [];
      for (const one of steps) {
        if (one.type === "set") {
          map.set(one.key, one.value);
          plain.set(one.key, one.value);
        } else if (one.type === "delete") assert.equal(map.delete(one.key), plain.delete(one.key));
        else sealed.push({ version: map.seal(), copy: new Map(plain) });
        assert.equal(map.size, plain.size);
      }
      for (const { version, copy } of sealed)
        for (const name of ["a", "b", "c"]) assert.equal(version.get(name), copy.get(name));
    }),
    { seed: 8, numRuns: 300 },
  );
});

test("an unchanged map is the same version", () => {
  const map = new VersionedMap<number>();
  map.set("a", 1);
  const version = map.seal();
  assert.equal(map.seal(), version);
  map.set("a", 2);
  assert.notEqual(map.seal(), version);
  assert.deepEqual([version.get("a"), map.seal().get("a")], [1, 2]);
});

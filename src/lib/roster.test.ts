// The roster holds what a set would hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Listed, Roster } from "./roster.ts";

test("it holds exactly what was added and not removed", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20))), (steps) => {
      const items: Listed[] = Array.from({ length: 21 }, () => ({ place: -1 }));
      const roster = new Roster<Listed>();
      const model = new Set<Listed>();
      for (const [isAdd, index] of steps) {
        const item = items[index] as Listed;
        if (isAdd && !model.has(item)) {
          roster.add(item);
          model.add(item);
        } else if (!isAdd) {
          roster.remove(item);
          model.delete(item);
        }
        const seen = new Set<Listed>();
        roster.each((one) => seen.add(one));
        assert.deepEqual([seen.size, roster.size], [model.size, model.size]);
        for (const one of model) assert.ok(seen.has(one));
      }
    }),
    { seed: 3 },
  );
});

test("an item may be removed while it is visited", () => {
  const roster = new Roster<Listed>();
  for (let i = 0; i < 5; i++) roster.add({ place: -1 });
  let visits = 0;
  roster.each((item) => {
    visits++;
    roster.remove(item);
  });
  assert.deepEqual([visits, roster.size], [5, 0]);
});

// Virtual keys come out of their packets as they went in, whatever their names hold.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import type { VirtualKeyEntity } from "./entities.ts";
import {
  HASH_BYTES,
  idEnd,
  type KeyPlan,
  labelPart,
  ownersOf,
  packVirtualKeys,
  planWithIds,
  readLabel,
} from "./virtual-key-codec.ts";

const budget = fc.record({
  id: fc.string(),
  maxLimitNano: fc.constantFrom("0", "10000000000"),
  resetDuration: fc.constantFrom(null, "1d"),
});
const rateLimit = fc.option(
  fc.record({
    id: fc.string({ unit: "binary" }),
    tokenMaxLimit: fc.constantFrom(null, 5),
    tokenResetDuration: fc.constant(null),
    requestMaxLimit: fc.constantFrom(null, 7),
    requestResetDuration: fc.constantFrom(null, "1h"),
    maxParallel: fc.constantFrom(null, 3),
  }),
);
const modelLimits = fc.array(
  fc.record({ model: fc.constantFrom("a", "b"), budgets: fc.array(budget, { maxLength: 2 }), rateLimit }),
  { maxLength: 2 },
);
const scopeMembers = {
  provider: fc.constantFrom("openai", "azure"),
  weight: fc.constantFrom(null, 0, 0.5),
  allowedModels: fc.constantFrom(null, [], ["a", "b"]),
  blacklistedModels: fc.constantFrom([], ["c"]),
  keyIds: fc.constantFrom(null, ["k"]),
  budgets: fc.array(budget, { maxLength: 2 }),
  rateLimit,
};
const scope = fc.oneof(fc.record(scopeMembers), fc.record({ ...scopeMembers, modelLimits }));
const members = {
  kind: fc.constant("virtual-key" as const),
  id: fc.string({ unit: "binary" }),
  name: fc.string({ unit: "binary", maxLength: 300 }),
  valueHash: fc
    .option(fc.string(), { nil: null })
    .map((value) => (value === null ? "" : hash("sha256", value, "base64"))),
  active: fc.boolean(),
  expiresAt: fc.option(fc.integer({ min: 0 })),
  budgets: fc.array(budget, { maxLength: 2 }),
  rateLimit,
  providers: fc.option(fc.array(scope, { maxLength: 3 })),
};
const level = fc.constantFrom("off" as const, "ends" as const, "full" as const, "redacted" as const);
const entity: fc.Arbitrary<VirtualKeyEntity> = fc.oneof(
  fc.record(members),
  fc.record({ ...members, teamId: fc.string({ unit: "binary" }), onStoreDown: fc.constantFrom("serve", "refuse") }),
  fc.record({ ...members, customerId: fc.string(), unpricedModels: fc.constantFrom("allow", "deny") }),
  fc.record({ ...members, contentLevel: level }),
  fc.record({ ...members, requiredHeaders: fc.constantFrom(["x-team"], ["x-team", "x-app"]) }),
);

test("what is packed is unpacked", () => {
  fc.assert(
    fc.property(fc.array(entity, { maxLength: 5 }), (entities) => {
      const packed = packVirtualKeys(entities);
      for (const [index, expected] of entities.entries()) {
        const labels = Buffer.from(packed.labels);
        const start = index === 0 ? 0 : packed.labelEnds[index - 1]!;
        const [id, name, ...rest] = readLabel(labels, start, packed.labelEnds[index]!);
        const plan = JSON.parse(packed.plans[packed.planOf[index]!]!) as KeyPlan;
        const bytes = Buffer.from(packed.hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
        const expiresAt = packed.expiresAt[index]!;
        const flags = packed.flags[index]!;
        const { limitIds, ...owners } = ownersOf(rest, flags);
        const read = {
          kind: "virtual-key",
          id,
          name,
          valueHash: (flags & 2) === 0 ? "" : bytes.toString("base64"),
          active: (flags & 1) === 1,
          expiresAt: Number.isNaN(expiresAt) ? null : expiresAt,
          ...owners,
          ...planWithIds(plan, limitIds),
        };
        assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(expected)));
        assert.deepEqual(labels.subarray(start, idEnd(labels, start)), labelPart(expected.id));
      }
    }),
    { seed: 11, numRuns: 200 },
  );
});

test("keys with the same plan share it", () => {
  const [one] = fc.sample(entity, { numRuns: 1, seed: 3 });
  const many = Array.from({ length: 100 }, (_, index) => ({ ...one!, id: `k${index}` }));
  assert.equal(packVirtualKeys(many).plans.length, 1);
});

// Owners in snapshots: any history gives what a fresh build gives, old versions stay as they were, a change costs what it changes.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type BudgetEntity,
  type CustomerEntity,
  type Entity,
  entityId,
  type ModelLimitEntity,
  type PriceOverrideEntity,
  type ProviderLimitEntity,
  type TeamEntity,
  type VirtualKeyEntity,
} from "../core/entities.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { compileSnapshot, SnapshotBuilder } from "./compile.ts";
import { testRegistry } from "./testing.ts";

function budget(dollars: number): BudgetEntity {
  return { id: `b-${dollars}`, maxLimitNano: `${dollars}000000000`, resetDuration: "1d" };
}

function teamOf(id: string, dollars = 1): TeamEntity {
  return { kind: "team", id, name: `team ${id}`, customerId: null, budgets: [budget(dollars)], rateLimit: null };
}

function customerOf(id: string, dollars = 1): CustomerEntity {
  return { kind: "customer", id, name: `customer ${id}`, budgets: [budget(dollars)], rateLimit: null };
}

function modelOf(id: string, virtualKeyId: string | null, dollars = 1): ModelLimitEntity {
  const limits = { budgets: [budget(dollars)], rateLimit: null };
  return { kind: "model-limit", id, model: "gpt-4o", provider: null, virtualKeyId, ...limits };
}

function providerLimitOf(provider: string, dollars = 1): ProviderLimitEntity {
  return { kind: "provider-limit", provider, budgets: [budget(dollars)], rateLimit: null };
}

function overrideOf(id: string, price: number): PriceOverrideEntity {
  return {
    kind: "price-override",
    id,
    name: id,
    scope: "global",
    virtualKeyId: null,
    providerId: null,
    providerKeyId: null,
    match: "exact",
    pattern: "gpt-4o",
    requestTypes: ["chat_completion"],
    patch: { input_cost_per_token: price },
  };
}

const IDS = ["a", "b", "c"];

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}

/** Everything that a request could see, as plain data. */
function visible({ governance, priceOverrides }: Snapshot): unknown {
  return {
    teams: IDS.map((id) => governance.findTeam(id)),
    customers: IDS.map((id) => governance.findCustomer(id)),
    providers: IDS.map((id) => governance.findProviderLimit(id)),
    models: [null, ...IDS].map((id) => governance.modelLimitsOf(id).toSorted(byId)),
    overrides: priceOverrides.toSorted(byId),
  };
}

test("any sequence of changes gives what building from scratch gives, in every version that is still held", () => {
  const id = fc.constantFrom(...IDS);
  const dollars = fc.constantFrom(1, 2, 3);
  const upsert: fc.Arbitrary<Entity> = fc.oneof(
    fc.tuple(id, dollars).map(([one, size]) => teamOf(one, size)),
    fc.tuple(id, dollars).map(([one, size]) => customerOf(one, size)),
    fc.tuple(id, fc.option(id), dollars).map(([one, key, size]) => modelOf(one, key, size)),
    fc.tuple(id, dollars).map(([one, size]) => providerLimitOf(one, size)),
    fc.tuple(id, dollars).map(([one, size]) => overrideOf(one, size)),
  );
  const kinds = ["team", "customer", "model-limit", "provider-limit", "price-override"];
  const remove = fc.tuple(fc.constantFrom(...kinds), id).map(([kind, one]) => `${kind}:${one}`);
  const change = fc.record({
    upserts: fc.array(upsert, { maxLength: 4 }),
    removes: fc.array(remove, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const builder = new SnapshotBuilder(testRegistry);
      const state = new Map<string, Entity>();
      const held: { snapshot: Snapshot; expected: unknown }[] = [];
      for (const [index, { upserts, removes }] of changes.entries()) {
        for (const one of removes) state.delete(one);
        for (const entity of upserts) state.set(entityId(entity), entity);
        builder.apply(upserts, removes, index + 1);
        const scratch = compileSnapshot([...state.values()], testRegistry);
        held.push({ snapshot: builder.seal(), expected: visible(scratch) });
      }
      for (const { snapshot, expected } of held) assert.deepEqual(visible(snapshot), expected);
      assert.deepEqual(new Set(builder.entities().slice(1).map(entityId)), new Set(state.keys()));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("owners and prices are the same objects while none of them changes", () => {
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply([teamOf("a"), overrideOf("o", 1)], [], 1);
  const first = builder.seal();
  builder.apply([keyOf(1)], [], 2);
  const second = builder.seal();
  assert.equal(second.governance, first.governance);
  assert.equal(second.priceOverrides, first.priceOverrides);
  builder.apply([overrideOf("o", 2)], [], 3);
  const third = builder.seal();
  assert.equal(third.governance, first.governance);
  assert.deepEqual(
    [first, third].map(({ priceOverrides }) => priceOverrides[0]?.patch["input_cost_per_token"]),
    [1, 2],
  );
  assert.equal(compileSnapshot([], testRegistry).governance, compileSnapshot([], testRegistry).governance);
});

test("what begins anew knows no owner of before, and snapshots of before still do", () => {
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply([teamOf("a"), modelOf("m", null), overrideOf("o", 1)], [], 1);
  const before = builder.seal();
  builder.forget("all-but-virtual-keys");
  builder.apply([teamOf("b")], [], 2);
  const after = builder.seal();
  assert.deepEqual([after.governance.findTeam("a"), after.governance.findTeam("b")?.id], [undefined, "b"]);
  assert.deepEqual([after.governance.modelLimitsOf(null), after.priceOverrides], [[], []]);
  assert.equal(before.governance.findTeam("a")?.id, "a");
  assert.equal(before.priceOverrides.length, 1);
});

function keyOf(n: number): VirtualKeyEntity {
  return {
    kind: "virtual-key",
    id: `k${n}`,
    name: `key ${n}`,
    valueHash: hash("sha256", String(n), "base64"),
    active: true,
    expiresAt: null,
    providers: null,
    budgets: [{ id: `budget-${n}`, maxLimitNano: "10000000000", resetDuration: "1M" }],
    rateLimit: null,
    teamId: `t${n % 1000}`,
  };
}

test("with 100,000 keys that have budgets a changed team touches nothing else", () => {
  const [KEYS, TEAMS] = [100_000, 1000];
  const builder = new SnapshotBuilder(testRegistry);
  builder.apply(
    Array.from({ length: TEAMS }, (_, n) => teamOf(`t${n}`)),
    [],
    1,
  );
  for (let from = 0; from < KEYS; from += 500)
    builder.apply(
      Array.from({ length: 500 }, (_, n) => keyOf(from + n)),
      [],
      1,
    );
  const before = builder.seal();
  const key = before.findVirtualKey(hash("sha256", "7", "base64"));
  assert.deepEqual([key?.entity.teamId, key?.entity.budgets[0]?.id], ["t7", "budget-7"]);
  const work = { ...builder.work };
  builder.apply([teamOf("t7", 5)], [], 2);
  const after = builder.seal();
  assert.deepEqual(builder.work, work, "no key and no provider is made anew");
  assert.equal(after.findVirtualKey(hash("sha256", "7", "base64")), key, "asked for again, it is the same");
  assert.equal(before.governance.findTeam("t7")?.budgets[0]?.maxLimitNano, "1000000000");
  assert.equal(after.governance.findTeam("t7")?.budgets[0]?.maxLimitNano, "5000000000");
  assert.equal(after.governance.findTeam("t8"), before.governance.findTeam("t8"));
});

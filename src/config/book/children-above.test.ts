// Lowering a limit tells whose limits below are above it now: of some teams and keys, and in bounded time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../core/config-store.ts";
import { testBook } from "./fixtures/house.ts";

const SCOPE = { provider: "openai" };
const environment = { OPENAI_API_KEY: "sk-env-0123456789" };

function budget(dollars: number): JsonObject {
  return { max_limit: dollars, reset_duration: "1d" };
}

test("a lowered limit names some of those below that are above it now, keys of teams too, and only then", async () => {
  const { book } = await testBook({ environment });
  await book.createGovernanceItem("customer", { id: "c", name: "acme", budget: budget(100) });
  await book.createGovernanceItem("team", { id: "t", name: "blue", customer_id: "c" });
  for (let n = 1; n <= 7; n++) {
    const owner = n === 1 ? { customer_id: "c" } : { team_id: "t" };
    await book.createVirtualKey({ name: `key ${n}`, ...owner, budget: budget(n * 10), provider_configs: [SCOPE] });
  }
  await book.createVirtualKey({ name: "stranger", budget: budget(90), provider_configs: [SCOPE] });
  const put = async (kind: "customer" | "team", id: string, body: object) =>
    (await book.putGovernanceItem(kind, id, body as JsonObject)).warnings;
  const [first, ...rest] = await put("customer", "c", { budget: budget(35) });
  assert.match(first ?? "", /^virtual key "key 4": the budget \(40 dollars per 1d\) is above .*35 dollars/);
  assert.equal(rest.length, 3);
  const told = await put("team", "t", { customer_id: "c", budget: budget(5) });
  assert.equal(told.length, 6);
  assert.deepEqual([told[0]?.slice(0, 20), told.at(-1)], ['virtual key "key 2":', "and 1 more"]);
  assert.deepEqual(await put("customer", "c", { name: "other", budget: budget(35) }), [], "nothing was lowered");
  assert.deepEqual(await put("customer", "c", { budget: budget(36) }), [], "raised");
  const monthly = { max_limit: 20, reset_duration: "1M" };
  assert.equal((await put("customer", "c", { budgets: [budget(36), monthly] })).length, 5, "a limit that is new");
});

test("the first thousand keys are compared, and it is said when there are more", async () => {
  const { book, store } = await testBook({ environment });
  await book.createGovernanceItem("team", { id: "t", name: "blue", budget: budget(100) });
  const { item } = await book.createVirtualKey({
    name: "model",
    team_id: "t",
    budget: budget(50),
    provider_configs: [SCOPE],
  });
  const entry = await store.get("virtual-key", item.id);
  assert.ok(entry !== null);
  const copies = (from: number, to: number) =>
    store.write(
      Array.from({ length: to - from }, (_, n) => {
        const id = `copy-${from + n}`;
        return { type: "put", entry: { ...entry, id, name: id, lookup: "" } } as const;
      }),
    );
  await copies(1, 1000);
  const all = (await book.putGovernanceItem("team", "t", { budget: budget(40) })).warnings;
  assert.deepEqual([all.length, all.at(-1)], [6, "and 995 more"]);
  await copies(1000, 1001);
  const some = (await book.putGovernanceItem("team", "t", { budget: budget(30) })).warnings;
  assert.deepEqual(some.slice(-2), ["and 995 more", "only the first 1000 virtual keys were compared with it"]);
});

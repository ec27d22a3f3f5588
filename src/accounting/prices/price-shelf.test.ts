// Tests of the prices in force: which source wins, that a look-up gives the same object, that invented names are bounded.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PriceOverride, PriceTarget } from "../../core/price.ts";
import { catalogueBytes } from "./catalogue-write.ts";
import type { PriceTable } from "./find-price.ts";
import { PriceShelf } from "./price-shelf.ts";
import { readSheet } from "./read-sheet.ts";
import { priceOf } from "./testing.ts";

const target: PriceTarget = {
  provider: "openai",
  base: "openai",
  model: "gpt-4o",
  askedModel: "gpt-4o",
  providerKeyId: "pk-1",
  providerKeyName: "first",
  virtualKeyId: "vk-1",
  requestType: "chat_completion_stream",
};

const bundled: PriceTable = {
  get: (provider, model) => (provider === "openai" && model === "gpt-4o" ? cheap : null),
};
const cheap = priceOf({ input: 1, output: 2 });

function override(more: Partial<PriceOverride>): PriceOverride {
  return {
    id: "o-1",
    name: "contract",
    scope: "global",
    virtualKeyId: null,
    providerId: null,
    providerKeyId: null,
    match: "exact",
    pattern: "gpt-4o",
    requestTypes: ["chat_completion"],
    patch: { input_cost_per_token: 0.000005 },
    ...more,
  };
}

const sheetOf = (input: number): Uint8Array =>
  catalogueBytes(readSheet(JSON.stringify({ "openai/gpt-4o": { input_cost_per_token: input } })));

function inputOf(shelf: PriceShelf, more: Partial<PriceTarget> = {}): number | undefined {
  return shelf.priceOf({ ...target, ...more })?.periods[0]?.rates["input"];
}

test("an override goes before the sheet, and the sheet before the bundled prices", () => {
  const shelf = new PriceShelf();
  assert.equal(shelf.priceOf(target), null);
  shelf.setBundled(bundled);
  assert.equal(inputOf(shelf), 1);
  shelf.setSheet(sheetOf(0.000003));
  assert.equal(inputOf(shelf), 3_000_000);
  shelf.setOverrides([override({})]);
  assert.equal(inputOf(shelf), 5_000_000);
  shelf.setOverrides([]);
  shelf.setSheet(null);
  assert.equal(inputOf(shelf), 1);
});

test("a look-up gives the same object until a price changes", () => {
  const shelf = new PriceShelf();
  shelf.setBundled(bundled);
  const list = [override({})];
  shelf.setOverrides(list);
  const first = shelf.priceOf(target);
  shelf.setOverrides(list);
  assert.equal(shelf.priceOf({ ...target }), first);
  assert.equal(shelf.priceOf({ ...target, askedModel: "my-name" }), first);
  assert.equal(shelf.priceOf({ ...target, askedModel: "my-name" }), first);
  assert.equal(shelf.priceOf({ ...target, requestType: "embedding" }), cheap);
});

test("an override of one virtual key is for that key alone and goes before those for everybody", () => {
  const shelf = new PriceShelf();
  shelf.setBundled(bundled);
  const forKey = override({
    id: "o-2",
    scope: "virtual_key",
    virtualKeyId: "vk-1",
    patch: { input_cost_per_token: 0.000007 },
  });
  shelf.setOverrides([override({}), forKey]);
  assert.equal(inputOf(shelf), 7_000_000);
  assert.equal(inputOf(shelf, { virtualKeyId: "vk-2" }), 5_000_000);
  assert.equal(inputOf(shelf, { virtualKeyId: null }), 5_000_000);
});

test("an override with a broken patch is left out and named; the others hold", () => {
  const shelf = new PriceShelf();
  shelf.setBundled(bundled);
  const problems = shelf.setOverrides([override({ id: "o-9", name: "typo", patch: { inputcost: 1 } }), override({})]);
  assert.deepEqual(problems, ['pricing override "typo": patch.inputcost is no price of a sheet']);
  assert.equal(inputOf(shelf), 5_000_000);
});

test("what an alias says of the model behind it is asked first, and only of that alias", () => {
  const shelf = new PriceShelf();
  shelf.setBundled(bundled);
  const alias = { model: "deployment-7", askedModel: "mine" };
  assert.equal(inputOf(shelf, alias), undefined);
  assert.equal(inputOf(shelf, { ...alias, modelName: "gpt-4o" }), 1);
  assert.equal(inputOf(shelf, alias), undefined);
});

test("a broken sheet leaves the one before in force", () => {
  const shelf = new PriceShelf();
  shelf.setSheet(sheetOf(0.000003));
  assert.throws(() => shelf.setSheet(Buffer.from("no sheet")));
  assert.equal(inputOf(shelf), 3_000_000);
});

test("the same name at another adapter is another model", () => {
  const shelf = new PriceShelf();
  shelf.setBundled(bundled);
  assert.equal(inputOf(shelf, { provider: "mine", base: "vllm" }), undefined);
  assert.equal(inputOf(shelf, { provider: "mine", base: "openai" }), 1);
});

test("invented model names do not grow the shelf, and known ones keep their price", () => {
  const shelf = new PriceShelf();
  shelf.setBundled(bundled);
  for (let i = 0; i < 12_000; i += 1) assert.equal(inputOf(shelf, { model: `x${i}`, askedModel: `y${i}` }), undefined);
  assert.ok(shelf.size <= 5000);
  assert.equal(shelf.priceOf(target), cheap);
});

test("what was taken off the shelf keeps its prices when a sheet or an override comes", () => {
  const shelf = new PriceShelf();
  shelf.setSheet(sheetOf(0.000003));
  const admitted = shelf.current;
  shelf.setSheet(sheetOf(0.000004));
  shelf.setOverrides([override({ scope: "virtual_key", virtualKeyId: "vk-1" })]);
  assert.equal(admitted.priceOf(target)?.periods[0]?.rates["input"], 3_000_000);
  assert.equal(inputOf(shelf, { virtualKeyId: "vk-2" }), 4_000_000);
  assert.equal(shelf.current, shelf.current);
});

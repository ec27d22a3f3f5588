// The table of demo models: every name leads to its behaviour, no other does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { demoModels, findDemoModel } from "./models.ts";

test("every model of the table is found by its own name, and by no other model's", () => {
  assert.equal(new Set(demoModels.map((model) => model.name)).size, demoModels.length);
  for (const model of demoModels) {
    assert.equal(findDemoModel(model.name)?.model, model, model.name);
    assert.ok(model.description.length > 0);
    assert.equal(
      demoModels.filter((other) => other.pattern?.test(model.name) && other !== model).length,
      0,
      model.name,
    );
  }
});

test("numbers in a name may be others", () => {
  assert.deepEqual(findDemoModel("status-429-retry-after-17")?.parts.slice(1), ["429", "17"]);
  assert.deepEqual(findDemoModel("slow-250ms")?.parts.slice(1), ["250", "ms"]);
  assert.deepEqual(findDemoModel("chunks-5-1ms")?.parts.slice(1), ["5", "1"]);
  assert.equal(findDemoModel("fail-then-ok-7")?.model.name, "fail-then-ok-2");
});

test("what is not in the table is nobody", () => {
  for (const name of ["", "gpt-4o", "echo2", "status-999", "status-100", "slow-2", "slow-2m", "constructor", "chunks-"])
    assert.equal(findDemoModel(name), undefined, name);
});

// The switch of the demo: which requests it breaks, how, and that it mends itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BROKEN_FOR, DemoSwitch } from "./break-it.ts";
import { findDemoModel } from "./models.ts";
import type { DemoRequest } from "./options.ts";

const request = (model: string, more: Partial<DemoRequest> = {}): DemoRequest =>
  ({ operation: "chat", stream: false, model, ...more }) as DemoRequest;

test("every mode plays a behaviour that the demo has, streamed and whole", () => {
  const demo = new DemoSwitch(() => 0);
  for (const mode of ["slow", "fail", "throttle", "break"] as const)
    for (const stream of [true, false]) {
      demo.set(mode);
      const name = demo.behaviour(request("echo", { stream }));
      assert.ok(name !== null && findDemoModel(name) !== undefined, `${mode}: ${name}`);
    }
});

test("models that are named to fail, and lists of models, stay as they are", () => {
  const demo = new DemoSwitch(() => 0);
  demo.set("throttle");
  assert.equal(demo.behaviour(request("status-500")), null);
  assert.equal(demo.behaviour(request("", { operation: "models" })), null);
  assert.equal(demo.behaviour(request("echo")), "status-429-retry-after-2");
});

test("it mends itself after ten minutes, and at once when it is told to", () => {
  const state = { now: 1000 };
  const demo = new DemoSwitch(() => state.now);
  demo.set("fail");
  assert.equal(demo.until, 1000 + BROKEN_FOR);
  state.now += BROKEN_FOR;
  assert.deepEqual([demo.mode, demo.until, demo.behaviour(request("echo"))], ["ok", 0, null]);
  demo.set("fail");
  demo.set("ok");
  assert.equal(demo.mode, "ok");
});

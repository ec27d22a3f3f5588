// Asking the loop for its state: answers find their question, and silence ends in a clear error.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../core/errors.ts";
import { StateRequests } from "./state-requests.ts";

test("gives each answer to its own question", async () => {
  const ids: number[] = [];
  const requests = new StateRequests((id) => ids.push(id) > 0);
  const [first, second] = [requests.ask(), requests.ask()];
  const state = { restUntil: 9, reason: "failing", probing: false } as const;
  requests.receive(ids[1] as number, 2, [["k", state]]);
  requests.receive(ids[0] as number, 1, []);
  requests.receive(99, 3, []);
  assert.equal((await first).now, 1);
  assert.deepEqual((await second).keys.get("k"), state);
});

test("gives up when the loop does not answer, and ignores an answer that comes later", async () => {
  const ids: number[] = [];
  const requests = new StateRequests((id) => ids.push(id) > 0, 5);
  await assert.rejects(requests.ask(), (error) => error instanceof GatewayError && error.status === 503);
  requests.receive(ids[0] as number, 1, []);
});

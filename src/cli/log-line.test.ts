// Lines of `drawbridge logs`, and the frames of the stream behind them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFrame } from "./event-stream.ts";
import { logLine, type ShownRequest } from "./log-line.ts";

const request: ShownRequest = {
  id: "01a2",
  timestamp: "2026-05-01T12:04:31.000Z",
  status: "success",
  status_code: 200,
  provider: "openai",
  model: "gpt-4o",
  latency: 1234,
  cost: 0.0042,
  user_id: "ann",
  total_tokens: 840,
  attempts: [
    { provider: "azure", status: 503, outcome: "server-error" },
    { provider: "openai", status: 200, outcome: "" },
  ],
};

test("a line tells the way, the time, the tokens, the money and the user", () => {
  const line = logLine(request, false);
  assert.match(line, /\d\d:04:31 {2}✓ ok +azure 503 → openai +gpt-4o +1\.2 s +840 tok +\$0\.0042 {2}ann {2}01a2$/);
  assert.match(logLine({ ...request, cost: null }, false), /unpriced/);
  // oxlint-disable-next-line no-control-regex
  assert.match(logLine(request, true), /\u001b\[32m✓ ok/);
});

test("a failed one says with which status, and why", () => {
  const line = logLine({ ...request, status: "error", status_code: 502, error_message: "no luck" }, false);
  assert.match(line, /✗ error 502 [\s\S]*\n {10}no luck$/);
  const attempts = [{ provider: "azure", status: null, outcome: "timeout" }];
  assert.match(logLine({ ...request, status: "cancelled", attempts }, false), /– cancelled.*azure timeout/);
});

test("text of others commands no terminal", () => {
  const evil = "\u001b]0;x\u0007\u001b[31m\u202e";
  const line = logLine({ ...request, user_id: evil, model: `m\n${evil}`, status: "error", error_message: evil }, false);
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(line.replace("\n          ", ""), /[\u0000-\u001f\u202e]/);
});

test("a frame is an event, an id alone, or a comment", () => {
  assert.deepEqual(readFrame('id: 5\nevent: gap\ndata: {"a":1}'), { id: "5", type: "gap", data: { a: 1 } });
  assert.deepEqual(readFrame("retry: 1000\nid: 4"), { id: "4", type: "", data: null });
  assert.equal(readFrame(":"), null);
});

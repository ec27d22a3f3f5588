// Calls under way and last errors out of live rows.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveAttempt, LiveRequest } from "../../../../src/core/live.ts";
import { doing, keyOf } from "./doing.ts";

const attempt = (provider: string, more: Partial<LiveAttempt> = {}) =>
  ({ provider, key: "main", outcome: "", error: "", end: 5, ...more }) as LiveAttempt;
const row = (id: string, status: LiveRequest["status"], ...attempts: LiveAttempt[]) =>
  ({ id, status, timestamp: id, attempts }) as unknown as LiveRequest;

test("what runs is counted where it runs now, and the newest error of each provider is kept", () => {
  const { inFlight, errors } = doing([
    row(
      "3",
      "processing",
      attempt("azure", { outcome: "server-error", error: "503 overloaded" }),
      attempt("openai", { end: null }),
    ),
    row("2", "error", attempt("azure", { outcome: "timeout" })),
    row("1", "success", attempt("openai")),
  ]);
  assert.deepEqual(
    [...inFlight],
    [
      ["openai", 1],
      [keyOf("openai", "main"), 1],
    ],
  );
  assert.equal(errors.get("azure")?.words, "503 overloaded");
  assert.equal(errors.get(keyOf("azure", "main"))?.request, "3");
  assert.equal(errors.has("openai"), false);
});

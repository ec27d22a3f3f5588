// Tests of what a content level means for a provider's words about a failure.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptWords, providerStatus } from "./content-level.ts";
import { GatewayError } from "./errors.ts";

const QUOTED = 'invalid message "my secret plan"';

test("with content off a provider's words are not kept, for they may quote the prompt; ours are", () => {
  assert.ok(!keptWords(QUOTED, 400, "off").includes("secret plan"));
  assert.match(keptWords(QUOTED, 400, "off"), /status 400/);
  assert.equal(keptWords("connect to the provider timed out", 0, "off"), "connect to the provider timed out");
});

test("at every other level they are kept as they are", () => {
  for (const level of ["ends", "full", "redacted"] as const) assert.equal(keptWords(QUOTED, 400, level), QUOTED);
});

test("only errors of providers hold their words", () => {
  assert.equal(providerStatus(new GatewayError("upstream_rejected", QUOTED)), 400);
  assert.equal(providerStatus(new GatewayError("budget_exceeded", "Budget exceeded")), 0);
});

// Tests of the words for a broken transport: they name a remedy that helps, and nothing of the address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyTransport } from "./classify.ts";

test("an address that is not reached is told with what can be done about it, and without the address", () => {
  const detail = "169.254.169.254 is refused";
  const failure = classifyTransport({ kind: "address-refused", answered: false, stale: false, sent: false, detail });
  assert.equal(failure.kind, "transport");
  assert.match(failure.error.message, /private ones need network_config\.allow_private_network/);
  assert.match(failure.error.message, /metadata addresses are never reached/);
  assert.doesNotMatch(failure.error.message, /169/);
});

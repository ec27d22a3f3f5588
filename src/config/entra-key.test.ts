// An Entra application as the configuration gives it: what is read, what is refused, and when a value wins.
import assert from "node:assert/strict";
import { test } from "node:test";
import { secretsOfKey } from "../core/entities.ts";
import { loadText, providerIn } from "./testing.ts";

const ENDPOINT = "https://a.example";
const WHOLE = { endpoint: ENDPOINT, client_id: "c", tenant_id: "t", client_secret: "planted" };

function load(key: object, environment: Record<string, string> = {}) {
  return loadText(JSON.stringify({ providers: { azure: { keys: [{ name: "k", ...key }] } } }, null, 1), environment);
}

function keyOf(key: object, environment: Record<string, string> = {}) {
  const result = load(key, environment);
  assert.ok(result.ok);
  const found = providerIn(result.entities, "azure").keys[0];
  assert.ok(found !== undefined);
  return found;
}

test("it stands in place of a value, at the authority of the environment", () => {
  const key = keyOf({ azure_key_config: WHOLE }, { AZURE_AUTHORITY_HOST: "https://login.example/" });
  assert.equal(key.enabled, true);
  assert.deepEqual(key.entra, {
    authority: "https://login.example",
    tenantId: "t",
    clientId: "c",
    clientSecret: "planted",
    scopes: ["https://cognitiveservices.azure.com/.default"],
  });
  assert.deepEqual(secretsOfKey(key), ["planted"]);
});

test("a part of one is refused by name", () => {
  const result = load({ azure_key_config: { endpoint: ENDPOINT, client_id: "c", tenant_id: "t" } });
  assert.ok(!result.ok);
  assert.match(result.errors.map(({ message }) => message).join(), /only a part of an Entra application/);
});

test("a value wins over whatever stands beside it", () => {
  const key = keyOf({ value: "api-key", azure_key_config: { endpoint: ENDPOINT, client_id: "c" } });
  assert.equal(key.value, "api-key");
  assert.equal(key.entra, undefined);
});

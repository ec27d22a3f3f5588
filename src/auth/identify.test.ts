// Checks who a caller is taken for, carrier by carrier, and that no credential is ever told back.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Endpoint } from "../core/endpoint.ts";
import type { SettingsEntity } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import { Exchange } from "../core/exchange.ts";
import { isGatewayHeader } from "../core/header-names.ts";
import { TestReply, testRequest, testSnapshot, testVirtualKey } from "../core/testing.ts";
import { identifyCaller, identify as identifyExchange } from "./identify.ts";

const NOW = 1_700_000_000_000;
const sha = (value: string | Buffer) => createHash("sha256").update(value).digest("base64");
const KEYS = [
  testVirtualKey(sha("vk-prod-main"), { id: "prod", name: "vk-prod-main" }),
  testVirtualKey(sha("sk-bf-1234"), { id: "marked" }),
  testVirtualKey(sha("vk-off"), { id: "off", name: "vk-off", active: false }),
  testVirtualKey(sha("vk-old"), { id: "old", name: "vk-old", expiresAt: NOW }),
  testVirtualKey(sha("vk-soon"), { id: "soon", expiresAt: NOW + 1 }),
  testVirtualKey(sha("schlüssel"), { id: "umlaut" }),
];

function identify(headers: Record<string, string>, settings: Partial<SettingsEntity> = {}, keys = KEYS): string | null {
  try {
    return identifyCaller(testRequest({ headers }).headers, testSnapshot(settings, keys), NOW)?.id ?? null;
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    for (const value of Object.values(headers)) {
      const secret = value.replace(/^bearer +/i, "");
      assert.ok(secret.length < 5 || !error.message.includes(secret), "the message holds a credential");
    }
    return `${error.status} ${error.code}`;
  }
}

const ENFORCED = { enforceVirtualKeys: true };
const REQUIRED = "401 virtual_key_required";
const UNKNOWN = "401 virtual_key_not_found";

/** Headers, outcome, and the outcome with enforcement where it differs. */
const TABLE: readonly [Record<string, string>, string | null, string?][] = [
  [{}, null, REQUIRED],
  [{ "x-bf-vk": "vk-prod-main" }, "prod"],
  [{ authorization: "Bearer vk-prod-main" }, "prod"],
  [{ authorization: "bearer   vk-prod-main" }, "prod"],
  [{ authorization: "BEARER sk-bf-1234" }, "marked"],
  [{ "x-api-key": "vk-prod-main" }, "prod"],
  [{ "x-goog-api-key": "vk-prod-main" }, "prod"],
  [{ "api-key": "vk-prod-main" }, "prod"],
  // what is no credential of this kind
  [{ authorization: "Basic dmstcHJvZC1tYWlu" }, null, REQUIRED],
  [{ authorization: "vk-prod-main" }, null, REQUIRED],
  [{ authorization: "Bearer" }, null, REQUIRED],
  [{ authorization: "Bearer " }, null, REQUIRED],
  [{ "x-api-key": "" }, null, REQUIRED],
  // unknown values
  [{ "x-bf-vk": "nobody" }, UNKNOWN],
  [{ "x-bf-vk": "" }, UNKNOWN],
  [{ authorization: "Bearer sk-bf-9999" }, UNKNOWN],
  [{ authorization: "Bearer SK-BF-9999" }, UNKNOWN],
  [{ "x-api-key": "sk-bf-9999" }, UNKNOWN],
  [{ "x-goog-api-key": "Sk-Bf-9999" }, UNKNOWN],
  [{ "api-key": "sk-bf-9999" }, UNKNOWN],
  [{ authorization: "Bearer sk-proj-anything" }, null, REQUIRED],
  [{ "x-api-key": "anything" }, null, REQUIRED],
  // precedence: the first carrier that holds a known key decides
  [{ "x-bf-vk": "vk-prod-main", authorization: "Bearer sk-bf-1234" }, "prod"],
  [{ "x-bf-vk": "vk-prod-main", authorization: "Bearer sk-bf-9999" }, "prod"],
  [{ "x-bf-vk": "nobody", authorization: "Bearer vk-prod-main" }, UNKNOWN],
  [{ authorization: "Bearer sk-bf-1234", "x-api-key": "vk-prod-main" }, "marked"],
  [{ authorization: "Bearer other", "x-api-key": "vk-prod-main" }, "prod"],
  [{ authorization: "Bearer other", "x-api-key": "other", "api-key": "vk-prod-main" }, "prod"],
  [{ "x-goog-api-key": "vk-prod-main", "api-key": "sk-bf-1234" }, "prod"],
  [{ "x-api-key": "vk-off", "api-key": "vk-prod-main" }, "403 virtual_key_blocked"],
  // state of the key
  [{ "x-bf-vk": "vk-off" }, "403 virtual_key_blocked"],
  [{ authorization: "Bearer vk-off" }, "403 virtual_key_blocked"],
  [{ "x-bf-vk": "vk-old" }, "403 virtual_key_blocked"],
  [{ "x-bf-vk": "vk-soon" }, "soon"],
  // injections
  [{ "x-bf-vk": '"vk-prod-main"' }, UNKNOWN],
  [{ "x-bf-vk": "vk-prod-main\r\nx: y" }, UNKNOWN],
  [{ "x-bf-vk": "vk-prod-main\0" }, UNKNOWN],
  [{ "x-bf-vk": "' OR 1=1 --" }, UNKNOWN],
  [{ "x-bf-vk": "x".repeat(30_000) }, UNKNOWN],
  [{ "x-bf-vk": "vk-prod-main, vk-prod-main" }, UNKNOWN],
  [{ authorization: "Bearer __proto__" }, null, REQUIRED],
  // beyond ASCII: sent as latin1, and sent as UTF-8
  [{ "x-bf-vk": "schlüssel" }, "umlaut"],
  [{ "x-bf-vk": Buffer.from("schlüssel").toString("latin1") }, "umlaut"],
];

for (const [headers, expected, enforced = expected] of TABLE) {
  const name = JSON.stringify(headers).slice(0, 90);
  test(`takes ${name} for ${expected}, and for ${enforced} where a key is demanded`, () => {
    assert.equal(identify(headers), expected);
    assert.equal(identify(headers, ENFORCED), enforced);
  });
}

test("refuses a marked value also where no key exists at all", () => {
  assert.equal(identify({ authorization: "Bearer sk-bf-1" }, {}, []), UNKNOWN);
  assert.equal(identify({ authorization: "Bearer sk-1" }, {}, []), null);
  assert.equal(identify({ "x-bf-vk": "x" }, {}, []), UNKNOWN);
});

test("words a missing key as clients expect it", () => {
  const snapshot = testSnapshot(ENFORCED, KEYS);
  assert.throws(() => identifyCaller(testRequest({ headers: {} }).headers, snapshot, NOW), {
    message: "virtual key is required. Provide a virtual key via the x-bf-vk header.",
    type: "virtual_key_required",
  });
});

test("demands the required headers first, whatever their case in the configuration", () => {
  const settings = { requiredHeaders: ["X-Tenant", "x-team"] };
  assert.equal(identify({ "x-bf-vk": "nobody" }, settings), "400 missing_required_headers");
  assert.equal(identify({ "x-tenant": "a", "x-team": "" }, settings), "400 missing_required_headers");
  assert.equal(identify({ "x-tenant": "a", "x-team": "b", "x-bf-vk": "vk-prod-main" }, settings), "prod");
});

test("demands the headers of the key besides those of everybody, and names those that are missing", () => {
  const known = testVirtualKey(sha("vk-team"), { id: "team" });
  const key = { ...known, entity: { ...known.entity, requiredHeaders: ["x-team", "x-app"] } };
  const off = { ...key, active: false };
  const keys = [...KEYS, key];
  const missing = "400 missing_required_headers";
  assert.equal(identify({ "x-bf-vk": "vk-team" }, {}, keys), missing);
  assert.equal(identify({ "x-bf-vk": "vk-team", "x-team": "a", "x-app": "" }, {}, keys), missing);
  assert.equal(identify({ "x-bf-vk": "vk-team", "x-team": "a", "x-app": "b" }, {}, keys), "team");
  assert.equal(identify({ "x-bf-vk": "vk-team" }, {}, [off]), "403 virtual_key_blocked", "a dead key is told first");
  assert.equal(identify({ "x-bf-vk": "vk-prod-main" }, {}, keys), "prod", "others need none");
  const all = { requiredHeaders: ["x-tenant"] };
  assert.equal(identify({ "x-bf-vk": "vk-team", "x-team": "a", "x-app": "b" }, all, keys), missing);
  const headers = { authorization: "Bearer vk-team", "x-app": "b" };
  assert.throws(() => identifyCaller(testRequest({ headers }).headers, testSnapshot({}, keys), NOW), {
    message: "required headers are missing: x-team",
  });
});

test("knows every header that must not reach a provider", () => {
  for (const name of ["x-bf-vk", "authorization", "x-api-key", "api-key", "cookie", "x-bf-eh-foo", "x-bf-anything"])
    assert.equal(isGatewayHeader(name), true, name);
  for (const name of ["anthropic-version", "user-agent", "x-bifrost-provider"])
    assert.equal(isGatewayHeader(name), false, name);
});

/** Who a request is made as that the operator makes as the key with this id. */
function actAs(id: string | null, headers: Record<string, string> = {}, settings: Partial<SettingsEntity> = {}) {
  const request = testRequest({ headers });
  const exchange = new Exchange("e", NOW, 0, {} as Endpoint, request, new TestReply(), testSnapshot(settings, KEYS));
  exchange.actsAs = id;
  try {
    identifyExchange(exchange, NOW);
    return exchange.virtualKey?.id ?? null;
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    return `${error.status} ${error.code}`;
  }
}

test("the operator makes a request as any usable key by its id, whatever credentials it carries", () => {
  assert.equal(actAs("prod"), "prod");
  assert.equal(actAs("prod", { "x-bf-vk": "sk-bf-1234" }), "prod");
  assert.equal(actAs(null, { "x-bf-vk": "nobody" }), null);
  assert.equal(actAs("soon"), "soon");
});

test("as a key that is off, over or not there he is refused, and as nobody where every request needs a key", () => {
  assert.equal(actAs("off"), "403 virtual_key_blocked");
  assert.equal(actAs("old"), "403 virtual_key_blocked");
  assert.equal(actAs("nobody"), "401 virtual_key_not_found");
  assert.equal(actAs(null, {}, ENFORCED), REQUIRED);
  assert.equal(actAs("prod", {}, { requiredHeaders: ["X-Tenant"] }), "400 missing_required_headers");
  assert.equal(actAs("prod", { "x-tenant": "a" }, { requiredHeaders: ["X-Tenant"] }), "prod");
});

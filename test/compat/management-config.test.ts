// The configuration by API in Bifrost's shapes: each block is read, changed and taken back, and the next request shows it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask } from "../support/conversation.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { type Management, manage, provider14 } from "./management.ts";

let gateway: TestGateway;
let upstream: FaultUpstream;
let api: Management;

before(async () => {
  upstream = await startFaultUpstream();
  gateway = await startTestGateway({ environment: { BIFROST_ENV_LABEL: "staging" } });
  api = manage(gateway.url);
  await api.post("/api/providers", provider14("acme", upstream.url, "sk-acme-secret-1"));
});

after(async () => {
  await gateway?.stop();
  await upstream?.close();
});

const asked = (headers = {}) => ask(gateway.url, { model: "acme/echo", headers });

describe("GET /api/config", () => {
  test("has the members that Bifrost's pages read", async () => {
    const shown = await api.get("/api/config");
    const client = shown.client_config;
    for (const [name, value] of Object.entries({
      drop_excess_requests: false,
      enable_logging: true,
      disable_content_logging: false,
      log_retention_days: 365,
      max_request_body_size_mb: 100,
      enforce_auth_on_inference: false,
      enforce_governance_header: false,
      allow_direct_keys: false,
      enable_governance: true,
    }))
      assert.equal(client[name], value, name);
    for (const list of ["allowed_origins", "allowed_headers", "required_headers", "whitelisted_routes"])
      assert.ok(Array.isArray(client[list]), list);
    assert.equal(shown.framework_config.pricing_sync_interval, 86_400);
    assert.deepEqual(shown.auth_config, {
      admin_username: "",
      admin_password: "",
      is_enabled: false,
      disable_auth_on_inference: false,
    });
    assert.deepEqual(
      [shown.is_db_connected, shown.is_logs_connected, shown.is_cache_connected, shown.env_label],
      [true, true, false, "staging"],
    );
    assert.equal("restart_required" in shown, false);
    assert.deepEqual(await api.get("/api/config?from_db=true"), shown);
  });

  test("is taken back and changes nothing", async () => {
    const shown = await api.get("/api/config");
    assert.deepEqual(await api.put("/api/config", shown), {
      status: "success",
      message: "configuration updated successfully",
    });
    assert.deepEqual(await api.get("/api/config"), shown);
  });
});

describe("PUT /api/config", () => {
  test("a page of 1.4 closes inference by the older name, and opens it again", async () => {
    const { client_config: client } = await api.get("/api/config");
    await api.put("/api/config", { client_config: { ...client, enforce_governance_header: true } });
    assert.equal((await asked()).status, 401);
    const closed = (await api.get("/api/config")).client_config;
    assert.deepEqual([closed.enforce_auth_on_inference, closed.enforce_governance_header], [true, true]);
    await api.put("/api/config", { client_config: { ...closed, enforce_governance_header: false } });
    assert.equal((await asked()).status, 200);
  });

  test("a script of 2.x sets single members, and null takes them back", async () => {
    await api.put("/api/config", { client_config: { required_headers: ["x-team"], max_request_body_size_mb: 1 } });
    const refused = await asked();
    assert.deepEqual([refused.status, refused.json["type"]], [400, "missing_required_headers"]);
    assert.equal((await asked({ "x-team": "a" })).status, 200);
    const large = await ask(gateway.url, {
      model: "acme/echo",
      headers: { "x-team": "a" },
      fields: { messages: [{ role: "user", content: "x".repeat(2 * 1024 * 1024) }] },
    });
    assert.equal(large.status, 413);
    await api.put("/api/config", { client_config: { required_headers: null, max_request_body_size_mb: null } });
    assert.equal((await asked()).status, 200);
    assert.equal((await api.get("/api/config")).client_config.max_request_body_size_mb, 100);
  });

  test("what has no effect yet is kept and told", async () => {
    const answer = await api.put("/api/config", { client_config: { drop_excess_requests: true } });
    assert.ok(
      answer.warnings.some((warning: string) => /drop_excess_requests/.test(warning)),
      JSON.stringify(answer),
    );
    assert.equal((await api.get("/api/config")).client_config.drop_excess_requests, true);
    await api.put("/api/config", { client_config: { drop_excess_requests: null } });
  });

  test("framework members are flat", async () => {
    await api.put("/api/config", {
      framework_config: { pricing_url: "https://prices.example/sheet.json", pricing_sync_interval: 7200 },
    });
    const { framework_config: framework } = await api.get("/api/config");
    assert.deepEqual(
      [framework.pricing_url, framework.pricing_sync_interval, framework.live_models_sync_interval],
      ["https://prices.example/sheet.json", 7200, 3600],
    );
  });

  test("one refused block leaves all of them as they were", async () => {
    const shown = await api.get("/api/config");
    const answer = await api.call("PUT", "/api/config", {
      client_config: { required_headers: ["x-nobody-sends"] },
      auth_config: { is_enabled: true },
    });
    assert.equal(answer.status, 400, answer.text);
    assert.deepEqual(await api.get("/api/config"), shown);
    assert.equal((await asked()).status, 200);
  });
});

test("metadata keeps what pages put there", async () => {
  assert.deepEqual(await api.post("/api/config/metadata", { onboarding: { done: ["a"] }, theme: "dark" }), {
    success: true,
  });
  await api.post("/api/config/metadata", { theme: null });
  assert.deepEqual((await api.get("/api/config")).metadata, { onboarding: { done: ["a"] } });
});

test("the proxy of the gateway and the feature flags are taken back as they were shown", async () => {
  await api.put("/api/proxy-config", {
    enabled: false,
    type: "http",
    url: "http://127.0.0.1:3128",
    password: "proxy-secret-1",
  });
  const proxy = await api.get("/api/proxy-config");
  assert.equal(proxy.password, "<redacted>");
  await api.put("/api/proxy-config", proxy);
  assert.deepEqual(await api.get("/api/proxy-config"), proxy);
  assert.deepEqual((await api.get("/api/config")).proxy_config, proxy);
  await api.put("/api/feature-flags", { experiments: true });
  assert.deepEqual(await api.get("/api/feature-flags"), { feature_flags: { experiments: true } });
});

test("what is not there is named", async () => {
  await api.put("/api/config", { framework_config: { pricing_url: "" } });
  const sync = await api.call("POST", "/api/pricing/force-sync");
  assert.equal(sync.status, 200);
  assert.match(sync.json.message, /no price sheet is configured/);
  assert.equal((await api.call("PUT", "/api/models/catalog", {})).status, 501);
});

test("a login that is set closes the API at once, and its password is never shown", async () => {
  const own = await startTestGateway();
  try {
    const there = manage(own.url);
    await there.put("/api/config", {
      auth_config: { admin_username: "ada", admin_password: "correct-horse-battery", is_enabled: true },
    });
    assert.equal((await there.call("GET", "/api/config")).status, 401);
    const basic = { authorization: `Basic ${Buffer.from("ada:correct-horse-battery").toString("base64")}` };
    const shown = await there.call("GET", "/api/config", undefined, basic);
    assert.deepEqual(shown.json.auth_config, {
      admin_username: "ada",
      admin_password: "<redacted>",
      is_enabled: true,
      disable_auth_on_inference: false,
    });
    // sent back as it was shown, the same password opens
    assert.equal((await there.call("PUT", "/api/config", shown.json, basic)).status, 200);
    assert.equal((await there.call("GET", "/api/config", undefined, basic)).status, 200);
    for (const { text } of there.answers) assert.doesNotMatch(text, /correct-horse|argon2/);
  } finally {
    await own.stop();
  }
});

test("a request log that was off at the start asks for a restart when it is switched on", async () => {
  const own = await startTestGateway({ config: { client: { enable_logging: false } } });
  try {
    const there = manage(own.url);
    const first = await there.get("/api/config");
    assert.deepEqual([first.is_logs_connected, "restart_required" in first], [false, false]);
    await there.put("/api/config", { client_config: { enable_logging: true } });
    const then = await there.get("/api/config");
    assert.equal(then.restart_required.required, true);
    assert.match(then.restart_required.reason, /request log/);
  } finally {
    await own.stop();
  }
});

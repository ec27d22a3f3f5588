// The configuration by blocks: what is shown and kept, the three names of one switch, the login, the proxy and the flags.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testBook } from "../config/book/fixtures/house.ts";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, testHouse } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

function started() {
  const house = testHouse();
  const handler = createRouter(controlRoutes(house));
  const call = (method: string, target: string, body?: unknown) =>
    callRoute(handler, method, target, body === undefined ? {} : { body });
  const get = async () => (await call("GET", "/api/config")).json;
  const put = (body: unknown) => call("PUT", "/api/config", body);
  return { house, call, get, put };
}

describe("GET /api/config", () => {
  it("has every block with its defaults, and the truth about the stores", async () => {
    const json = await started().get();
    assert.deepEqual(Object.keys(json).toSorted(), [
      "auth_config",
      "client_config",
      "framework_config",
      "is_cache_connected",
      "is_db_connected",
      "is_logs_connected",
      "is_object_storage_connected",
      "metadata",
      "proxy_config",
    ]);
    assert.equal(json.client_config.enable_logging, true);
    assert.equal(json.client_config.log_retention_days, 365);
    assert.equal(json.client_config.drop_excess_requests, false);
    assert.deepEqual(json.client_config.allowed_origins, []);
    assert.deepEqual(json.client_config.header_filter_config, { allowlist: [], denylist: [] });
    assert.equal(json.framework_config.pricing_sync_interval, 86_400);
    assert.deepEqual(json.auth_config, {
      admin_username: "",
      admin_password: "",
      is_enabled: false,
      disable_auth_on_inference: false,
    });
    assert.deepEqual(
      [json.is_db_connected, json.is_logs_connected, json.is_cache_connected, json.is_object_storage_connected],
      [true, true, false, false],
    );
  });

  it("is taken back and changes nothing", async () => {
    const { house, get, put } = started();
    await put({
      client_config: { enforce_governance_header: true },
      framework_config: { pricing_url: "https://p.example/x" },
    });
    const { version } = house.book;
    const shown = await get();
    const answer = await put(shown);
    assert.deepEqual(
      [answer.status, answer.json],
      [200, { status: "success", message: "configuration updated successfully" }],
    );
    assert.equal(house.book.version, version);
    assert.deepEqual(await get(), shown);
  });

  it("needs a store for from_db", async () => {
    const { house, call } = started();
    assert.equal((await call("GET", "/api/config?from_db=true")).status, 200);
    house.stores = () => ({ config: null, log: null, logOffBy: null });
    assert.equal((await call("GET", "/api/config?from_db=true")).status, 503);
    assert.deepEqual([(await call("GET", "/api/config")).json.is_db_connected], [false]);
  });

  it("asks for a restart only where one is needed", async () => {
    const { house, get } = started();
    assert.equal("restart_required" in (await get()), false);
    house.stores = () => ({ config: null, log: null, logOffBy: "client.enable_logging" });
    assert.equal((await get()).restart_required.required, true);
    assert.match((await get()).restart_required.reason, /client\.enable_logging/);
  });
});

describe("PUT /api/config", () => {
  it("leaves blocks and members that are left out as they are, and null goes back to the default", async () => {
    const { house, get, put } = started();
    await put({ client_config: { max_request_body_size_mb: 5, required_headers: ["x-team"] } });
    await put({ client_config: { max_request_body_size_mb: 6 }, framework_config: null });
    assert.deepEqual(house.book.block("client")?.body, { max_request_body_size_mb: 6, required_headers: ["x-team"] });
    assert.equal(house.book.block("framework"), undefined);
    await put({ client_config: { required_headers: null } });
    assert.deepEqual((await get()).client_config.required_headers, []);
  });

  it("takes every origin when it is written out, and shows what holds while nothing is written", async () => {
    const { house, get, put } = started();
    await put({ client_config: { enforce_auth_on_inference: true } });
    assert.deepEqual((await get()).client_config.allowed_origins, ["*"]);
    await put({ client_config: { enforce_auth_on_inference: false } });
    assert.deepEqual((await get()).client_config.allowed_origins, []);
    await put({ client_config: { allowed_origins: ["*"] } });
    assert.deepEqual((await get()).client_config.allowed_origins, ["*"]);
    assert.deepEqual(house.book.block("client")?.body["allowed_origins"], ["*"]);
  });

  it("knows the switch of enforcement by all of its names", async () => {
    const { house, get, put } = started();
    const state = async () => {
      const { client_config: client } = await get();
      return [client.enforce_auth_on_inference, client.enforce_governance_header, client.enforce_scim_auth];
    };
    await put({ client_config: { enforce_governance_header: true } });
    assert.deepEqual(await state(), [true, true, true]);
    // an older page sends back what it was shown and turns the name that it knows
    const shown = (await get()).client_config;
    await put({ client_config: { ...shown, enforce_governance_header: false } });
    assert.deepEqual(await state(), [false, false, false]);
    assert.deepEqual(house.book.block("client")?.body, { enforce_auth_on_inference: false });
    assert.equal((await put({ client_config: { enforce_scim_auth: "yes" } })).status, 400);
  });

  it("keeps framework members where the file has them, flat or nested", async () => {
    const { house, put } = started();
    await put({ framework_config: { id: 1, pricing_url: "https://p.example/a.json", pricing_sync_interval: 7200 } });
    assert.deepEqual(house.book.block("framework")?.body, {
      pricing: { pricing_url: "https://p.example/a.json", pricing_sync_interval: 7200 },
    });
    await put({ framework_config: { pricing: { pricing_url: { value: "", env_var: "env.SHEET", from_env: true } } } });
    assert.deepEqual(house.book.block("framework")?.body, {
      pricing: { pricing_url: "env.SHEET", pricing_sync_interval: 7200 },
    });
  });

  it("keeps the password, never shows it, and takes no login that nobody could use", async () => {
    const { house, call, get, put } = started();
    const login = { admin_username: "ada", admin_password: "correct horse", is_enabled: true };
    assert.equal((await put({ auth_config: login })).status, 200);
    assert.deepEqual((await get()).auth_config, {
      admin_username: "ada",
      admin_password: "<redacted>",
      is_enabled: true,
      disable_auth_on_inference: false,
    });
    assert.doesNotMatch((await call("GET", "/api/config")).text, /horse/);
    await put({ auth_config: { ...(await get()).auth_config, admin_username: "grace" } });
    await put({ auth_config: { admin_password: "" } });
    assert.deepEqual(house.book.block("auth_config")?.body, { ...login, admin_username: "grace" });
    await put({ auth_config: { admin_username: { value: "", env_var: "env.ADMIN", from_env: true } } });
    assert.equal((await get()).auth_config.admin_username, "env.ADMIN");
    for (const [wrong, message] of [
      [{ is_enabled: true }, /admin_username' must be set/],
      [{ is_enabled: true, admin_username: "a" }, /admin_password' must be set/],
      [{ admin_password: "<redacted>" }, /no password yet/],
      [{ is_enabled: "yes" }, /must be true or false/],
      [{ admin_pasword: "x" }, /did you mean 'auth_config.admin_password'/],
    ] as const) {
      const answer = await started().put({ auth_config: wrong });
      assert.equal(answer.status, 400, JSON.stringify(wrong));
      assert.match(answer.json.error.message, message);
    }
  });

  it("changes all blocks or none, by one write, and names the member that is wrong", async () => {
    const held = await testBook();
    const handler = createRouter(controlRoutes({ ...testHouse(), book: held.book }));
    const put = (body: unknown) => callRoute(handler, "PUT", "/api/config", { body });
    const good = { log_retention_days: 9 };
    for (const [client, framework, param] of [
      [{ ...good, max_request_body_size_mb: "x" }, {}, "client_config.max_request_body_size_mb"],
      [good, { pricing_url: "http://10.0.0.1/prices" }, "framework_config.pricing.pricing_url"],
      [{ ...good, log_retention_dais: 1 }, {}, "client_config"],
    ] as const) {
      const auth = { admin_username: "ada", admin_password: "correct horse", is_enabled: true };
      const answer = await put({ client_config: client, framework_config: framework, auth_config: auth });
      assert.deepEqual([answer.status, answer.json.error.param], [400, param], answer.text);
      assert.ok(answer.json.error.message.startsWith(param), answer.json.error.message);
      for (const name of ["client", "framework", "auth_config"]) assert.equal(held.book.block(name), undefined, name);
    }
    assert.equal(held.published.length, 0);
    const answer = await put({ client_config: good, framework_config: { pricing_url: "https://x.example/prices" } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(held.store.revision, 1);
    assert.deepEqual(held.book.block("client")?.body, good);
  });

  it("names what it does not know, what is wrong, and what is changed elsewhere", async () => {
    for (const [body, message] of [
      [{ clientconfig: {} }, /unknown field 'clientconfig'; did you mean 'client_config'/],
      [{ client_config: [] }, /client_config must be an object/],
      [{ framework_config: { pricing_sync_interval: 5 } }, /whole seconds, 3600 or more/],
      [{ framework_config: { pricing_url: "ftp://x" } }, /must be an address/],
      [{ framework_config: { pricing_ulr: "" } }, /did you mean 'framework_config.pricing_url'/],
      [{ proxy_config: { enabled: true } }, /'proxy_config' is changed by PUT \/api\/proxy-config/],
      [{ metadata: { a: 1 } }, /POST \/api\/config\/metadata/],
    ] as const) {
      const { status, json } = await started().put(body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(json.error.message, message);
    }
  });
});

describe("POST /api/config/metadata", () => {
  it("joins members with those that are kept", async () => {
    const { call, get } = started();
    assert.deepEqual((await call("POST", "/api/config/metadata", { a: { b: 1 }, c: 2 })).json, { success: true });
    await call("POST", "/api/config/metadata", { c: null, d: [3] });
    assert.deepEqual((await get()).metadata, { a: { b: 1 }, d: [3] });
    assert.equal((await call("POST", "/api/config/metadata", { x: "y".repeat(300_000) })).status, 413);
  });
});

describe("/api/proxy-config", () => {
  const PROXY = {
    enabled: true,
    type: "http",
    url: "http://proxy:3128",
    username: "u",
    password: "pass-word-123",
    timeout: 5,
  };

  it("keeps its password, shows one word for it, and is taken back as it was shown", async () => {
    const { house, call } = started();
    assert.equal((await call("GET", "/api/proxy-config")).json.enabled, false);
    const put = await call("PUT", "/api/proxy-config", PROXY);
    assert.equal(put.status, 200);
    assert.match(put.json.warnings[0], /nothing goes through the proxy: set enable_for_inference/);
    const shown = await call("GET", "/api/proxy-config");
    assert.equal(shown.json.password, "<redacted>");
    assert.doesNotMatch(shown.text, /pass-word/);
    assert.equal((await call("PUT", "/api/proxy-config", shown.json)).status, 200);
    assert.deepEqual(house.book.block("proxy_config")?.body, PROXY);
    const { password: _left, ...rest } = shown.json;
    await call("PUT", "/api/proxy-config", { ...rest, username: "" });
    assert.equal(house.book.block("proxy_config")?.body["password"], "pass-word-123");
    await call("PUT", "/api/proxy-config", { ...rest, password: "" });
    assert.equal((await call("GET", "/api/proxy-config")).json.password, "");
  });

  it("says what is wrong", async () => {
    for (const [change, message] of [
      [{ type: "ftp" }, /'type' must be one of http, socks5, tcp/],
      [{ enabled: "yes" }, /'enabled' must be true or false/],
      [{ timeout: -1 }, /seconds from 0/],
      [{ url: "" }, /must be the address of the proxy/],
      [{ url: "http://u:p@proxy" }, /without a user name and password/],
      [{ usrname: "x" }, /did you mean 'username'/],
    ] as const) {
      const { status, json } = await started().call("PUT", "/api/proxy-config", { ...PROXY, ...change });
      assert.equal(status, 400, JSON.stringify(change));
      assert.match(json.error.message, message);
      assert.doesNotMatch(json.error.message, /pass-word/);
    }
  });
});

describe("/api/feature-flags", () => {
  it("keeps flags and says that they have no effect", async () => {
    const { call } = started();
    assert.deepEqual((await call("GET", "/api/feature-flags")).json, { feature_flags: {} });
    const put = await call("PUT", "/api/feature-flags", { new_ui: true });
    assert.deepEqual(put.json.feature_flags, { new_ui: true });
    assert.match(put.json.warnings[0], /'new_ui' is kept, but has no effect/);
    await call("PUT", "/api/feature-flags", { feature_flags: { other: false } });
    const shown = (await call("GET", "/api/feature-flags")).json;
    assert.deepEqual(shown, { feature_flags: { new_ui: true, other: false } });
    assert.equal((await call("PUT", "/api/feature-flags", shown)).status, 200);
    assert.equal((await call("PUT", "/api/feature-flags", { a: 1 })).status, 400);
    assert.equal((await call("PUT", "/api/feature-flags", { "a b": true })).status, 400);
  });
});

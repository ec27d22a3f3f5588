// Routing rules by the API and by the file at a running gateway: stored, told in the audit, locked where the file rules alone.
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { lasting, type Management, manage, type Shown } from "../compat/management.ts";
import { startTestGateway, temporaryFolder } from "../support/gateway.ts";

const ROOT = "/api/governance";
const RULES = `${ROOT}/routing-rules`;
const COMPLEXITY = `${ROOT}/complexity-analyzer-config`;
const DEMO = [{ provider: "demo", model: "demo-fast", weight: 1 }];

async function withGateway(
  appDir: string,
  config: object | null,
  work: (api: Management, warnings: string) => Promise<void>,
): Promise<void> {
  if (config !== null) writeFileSync(path.join(appDir, "config.json"), JSON.stringify(config, null, 2));
  const gateway = await startTestGateway({ appDir });
  try {
    await work(manage(gateway.url), gateway.output());
  } finally {
    await gateway.stop();
  }
}

test("rules and boundaries made by the API are there after a new start, in the audit, and can go again", async () => {
  const appDir = temporaryFolder("rules");
  let id = "";
  let shown: Shown;
  await withGateway(appDir, null, async (api) => {
    const { virtual_key: key } = await api.post(`${ROOT}/virtual-keys`, { name: "app", provider_configs: [] });
    const made = await api.post(RULES, {
      name: "to the demo",
      cel_expression: 'headers["x-tier"] == "free"',
      targets: DEMO,
      fallbacks: ["demo/demo-slow"],
      scope: "virtual_key",
      scope_id: "app",
      query: { combinator: "and", rules: [] },
    });
    id = made.rule.id;
    assert.equal(made.rule.scope_id, key.id);
    shown = await api.put(`${RULES}/${id}`, { priority: 3 });
    const wrong = await api.call("POST", RULES, { name: "bad", targets: DEMO, cel_expression: "model ==" });
    assert.equal(wrong.status, 400);
    assert.match(wrong.json.error.message, /cel_expression does not compile/);
    assert.equal((await api.call("POST", RULES, { name: "to the demo", targets: DEMO })).status, 409);
    await api.put(COMPLEXITY, { tier_boundaries: { simple_medium: 0.2 } });
    const { audit } = await api.get("/api/audit?limit=100");
    const rows = audit.filter((row: Shown) => row.entity === "routing-rule" && row.outcome === "done");
    assert.deepEqual(
      rows.map((row: Shown) => [row.method, row.entity_name]),
      [
        ["PUT", "to the demo"],
        ["POST", "to the demo"],
      ],
    );
  });
  await withGateway(appDir, null, async (api) => {
    assert.deepEqual(lasting((await api.get(`${RULES}/${id}`)).rule), lasting(shown.rule));
    assert.equal((await api.get(COMPLEXITY)).tier_boundaries.simple_medium, 0.2);
    const reset = await api.post(`${COMPLEXITY}/reset`);
    assert.equal(reset.tier_boundaries.simple_medium, 0.15);
    await api.remove(`${RULES}/${id}`);
    assert.equal((await api.get(RULES)).total_count, 0);
  });
  rmSync(appDir, { recursive: true, force: true });
});

const governance = {
  routing_rules: [
    { id: "r-1", name: "of the file", provider: "demo", model: "demo-fast" },
    { id: "r-2", name: "broken", cel_expression: "model ==", targets: DEMO },
  ],
  complexity_analyzer_config: { tier_boundaries: { simple_medium: 0.25 } },
};

test("rules of the file are shown as targets, a broken one is told, and what is changed by the API outlives a start", async () => {
  const appDir = temporaryFolder("rules-file");
  await withGateway(appDir, { governance }, async (api, output) => {
    assert.match(output, /cel_expression does not compile; the rule is skipped/);
    const list = await api.get(RULES);
    assert.equal(list.total_count, 2);
    assert.deepEqual(list.rules[0].targets, [{ ...DEMO[0], key_id: null }]);
    assert.match(list.rules[0].source.place ?? JSON.stringify(list.rules[0].source), /config\.json/);
    assert.match(list.warnings.join(), /'broken' is skipped, its expression does not compile/);
    assert.equal((await api.get(COMPLEXITY)).tier_boundaries.simple_medium, 0.25);
    await api.put(`${RULES}/r-1`, { enabled: false });
    await api.remove(`${RULES}/r-2`);
  });
  await withGateway(appDir, { governance }, async (api) => {
    const { rules } = await api.get(RULES);
    assert.deepEqual(
      rules.map(({ id, enabled }: Shown) => [id, enabled]),
      [["r-1", false]],
    );
  });
  rmSync(appDir, { recursive: true, force: true });
});

test("where the file rules alone its rules are locked, with file and line", async () => {
  const appDir = temporaryFolder("rules-locked");
  await withGateway(appDir, { governance, config_store: { enabled: false } }, async (api) => {
    assert.equal((await api.get(RULES)).total_count, 2);
    const locked = await api.call("PUT", `${RULES}/r-1`, { enabled: false });
    assert.equal(locked.status, 409);
    assert.match(locked.json.error.message, /config\.json:\d+/);
    assert.equal((await api.call("PUT", COMPLEXITY, {})).status, 409);
  });
  rmSync(appDir, { recursive: true, force: true });
});

test("content levels stand at the client block and at virtual keys", async () => {
  const appDir = temporaryFolder("levels");
  await withGateway(appDir, { client: { content_level: "full", logging_headers: ["X-Team"] } }, async (api, output) => {
    assert.doesNotMatch(output, /not supported yet/);
    const { client_config } = await api.get("/api/config");
    assert.deepEqual([client_config.content_level, client_config.log_max_size_mb], ["full", 10_240]);
    const { virtual_key: key } = await api.post(`${ROOT}/virtual-keys`, { name: "a", content_level: "off" });
    assert.equal(key.content_level, "off");
    const one = `${ROOT}/virtual-keys/${key.id}`;
    assert.equal((await api.put(one, { name: "b" })).virtual_key.content_level, "off");
    assert.equal((await api.put(one, { content_level: null })).virtual_key.content_level, null);
    const wrong = await api.call("PUT", one, { content_level: "some" });
    assert.equal(wrong.status, 400);
    assert.match(wrong.json.error.message, /content_level/);
  });
  rmSync(appDir, { recursive: true, force: true });
});

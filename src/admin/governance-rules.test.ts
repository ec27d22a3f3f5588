// Routing rules and how complexity is told, by the management API over the real book.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { governanceHouse, lasting, type Shown } from "./fixtures/governance.ts";

const RULES = "/routing-rules";
const COMPLEXITY = "/complexity-analyzer-config";
const TARGETS = [{ provider: "openai", model: "gpt-4o-mini", weight: 1 }];

describe("routing rules", () => {
  it("are made, listed, changed and removed; what GET answers can be put back", async () => {
    const at = await governanceHouse();
    const query = { combinator: "and", rules: [{ field: "model", operator: "=", value: "gpt-4o" }] };
    const made = await at.good("POST", RULES, {
      name: "cheap",
      description: "for the free tier",
      cel_expression: 'model == "gpt-4o"',
      targets: TARGETS,
      fallbacks: ["anthropic/claude"],
      scope: "global",
      scope_id: null,
      query,
      priority: 2,
    });
    assert.equal(made.message, "Routing rule created successfully");
    const { id } = made.rule;
    assert.deepEqual(lasting(made.rule), {
      id,
      name: "cheap",
      description: "for the free tier",
      enabled: true,
      chain_rule: false,
      cel_expression: 'model == "gpt-4o"',
      targets: [{ provider: "openai", model: "gpt-4o-mini", key_id: null, weight: 1 }],
      fallbacks: ["anthropic/claude"],
      scope: "global",
      scope_id: null,
      query,
      priority: 2,
      created_at: made.rule.created_at,
      source: made.rule.source,
    });
    const shown = await at.good("GET", `${RULES}/${id}`);
    const same = await at.good("PUT", `${RULES}/${id}`, shown);
    assert.deepEqual(lasting(same.rule), lasting(shown.rule));
    const changed = await at.good("PUT", `${RULES}/${id}`, { enabled: false, cel_expression: "", query: null });
    const { enabled, cel_expression, query: left, targets } = changed.rule;
    assert.deepEqual([enabled, cel_expression, left, targets.length], [false, "", null, 1]);
    assert.equal(at.held.loop.get(`routing-rule:${id}`)?.kind, "routing-rule");
    const list = await at.good("GET", `${RULES}?limit=1&search=CHE&sort_by=name&order=desc`);
    assert.deepEqual([list.count, list.total_count, list.limit, list.offset], [1, 1, 1, 0]);
    assert.equal(list.rules[0].id, id);
    await at.good("DELETE", `${RULES}/${id}`);
    assert.equal(at.held.loop.has(`routing-rule:${id}`), false);
    await at.refused("GET", `${RULES}/${id}`, undefined, 404, /there is no routing rule with the id/);
  });

  it("take the older pair of provider and model, new and in place of targets", async () => {
    const at = await governanceHouse();
    const { rule } = await at.good("POST", RULES, { name: "pair", provider: "openai", model: "gpt-4o" });
    assert.deepEqual(rule.targets, [{ provider: "openai", model: "gpt-4o", key_id: null, weight: 1 }]);
    const next = await at.good("PUT", `${RULES}/${rule.id}`, { provider: "anthropic", model: "claude" });
    assert.deepEqual(next.rule.targets, [{ provider: "anthropic", model: "claude", key_id: null, weight: 1 }]);
  });

  it("are refused by name for what is wrong", async () => {
    const at = await governanceHouse();
    await at.good("POST", RULES, { name: "taken", targets: TARGETS });
    const cases: [object, number, RegExp][] = [
      [{ targets: TARGETS }, 400, /'name' is missing/],
      [{ name: "a" }, 400, /names no target/],
      [{ name: "taken", targets: TARGETS }, 409, /routing rule with the name 'taken'/],
      [{ name: "a", targets: TARGETS, prioritty: 1 }, 400, /prioritty[^]*priority/],
      [{ name: "a", targets: TARGETS, budgets: [] }, 400, /a routing rule has no limits/],
      [{ name: "a", targets: [{ model: "m", weight: 0.4 }] }, 400, /targets: the weights must add up to 1/],
      [
        { name: "a", targets: [{ provider: "opnai", weight: 1 }] },
        404,
        /'targets\[0\]\.provider'[^]*"opnai"[^]*openai/,
      ],
      [{ name: "a", targets: [{ provider: "openai", key_id: "x", weight: 1 }] }, 404, /'targets\[0\]\.key_id'/],
      [{ name: "a", targets: TARGETS, scope: "team" }, 400, /names none/],
      [{ name: "a", targets: TARGETS, scope: "team", scope_id: "x" }, 404, /'scope_id': there is no team/],
      [{ name: "a", targets: TARGETS, scope: "virtual_key", scope_id: "x" }, 404, /there is no virtual key/],
      [{ name: "a", targets: TARGETS, cel_expression: "model ==" }, 400, /cel_expression does not compile/],
    ];
    for (const [body, status, text] of cases) await at.refused("POST", RULES, body, status, text);
  });

  it("are filtered by scope, and stay when the one they are for goes, with a warning", async () => {
    const at = await governanceHouse();
    const { team } = await at.good("POST", "/teams", { name: "blue" });
    const { virtual_key: key } = await at.good("POST", "/virtual-keys", { name: "app", provider_configs: [] });
    const make = (name: string, scope: string, scope_id: string) =>
      at.good("POST", RULES, { name, scope, scope_id, targets: TARGETS });
    const { rule } = await make("of the team", "team", "blue");
    assert.equal(rule.scope_id, team.id);
    await make("of the key", "virtual_key", "app");
    const names = async (query: string) =>
      (await at.good("GET", `${RULES}?${query}`)).rules.map(({ name }: Shown) => name);
    assert.deepEqual(await names("scope=team"), ["of the team"]);
    assert.deepEqual(await names(`scope_id=${key.id}`), ["of the key"]);
    assert.deepEqual(await names("enabled=false"), []);
    assert.equal((await names("enabled=true")).length, 2);
    assert.match((await at.good("DELETE", `/teams/${team.id}`)).warnings.join(), /'of the team' was for this team/);
    const gone = await at.good("DELETE", `/virtual-keys/${key.id}`);
    assert.match(gone.warnings.join(), /'of the key' was for this virtual key/);
    const list = await at.good("GET", RULES);
    assert.equal(list.count, 2);
    assert.equal(list.warnings.length, 2);
    // it can still be changed
    const off = await at.good("PUT", `${RULES}/${rule.id}`, { enabled: false });
    assert.equal(off.rule.scope_id, team.id);
    assert.match(off.warnings.join(), /matches nothing: there is no team/);
    const everywhere = await at.good("PUT", `${RULES}/${rule.id}`, { scope: "global" });
    assert.deepEqual([everywhere.rule.scope, everywhere.rule.scope_id], ["global", null]);
  });
});

describe("how complexity is told", () => {
  it("is shown as built in, replaced, and reset, beside other options of governance", async () => {
    const at = await governanceHouse();
    await at.held.book.putBlock("governance", {
      alerts: { webhook_url: "https://hooks.example.com/", webhook_secret: "whsec-canary-1" },
    });
    const standard = await at.good("GET", COMPLEXITY);
    assert.deepEqual(standard.tier_boundaries, { simple_medium: 0.15, medium_complex: 0.35, complex_reasoning: 0.6 });
    assert.ok(standard.keywords.code_keywords.length > 10);
    await at.good("PUT", COMPLEXITY, { ...standard, tier_boundaries: { simple_medium: 0.2 } });
    const told = at.held.loop.get("complexity:");
    assert.ok(told?.kind === "complexity" && told.medium === 0.2 && told.complex === 0.35);
    await at.refused("PUT", COMPLEXITY, { tier_boundaries: { simple_medium: 0.9 } }, 400, /not in order/);
    await at.refused("PUT", COMPLEXITY, { tier_bondaries: {} }, 400, /tier_bondaries[^]*tier_boundaries/);
    await at.good("POST", `${COMPLEXITY}/reset`);
    assert.equal(at.held.loop.has("complexity:"), false);
    await at.good("POST", `${COMPLEXITY}/reset`);
    assert.deepEqual(at.held.ledger.alerts()?.webhookSecret, "whsec-canary-1");
  });
});

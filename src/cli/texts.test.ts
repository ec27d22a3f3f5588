// Tests of what commands print: the start text, routing decisions, findings of check, and how they end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadText, testRegistry } from "../config/testing.ts";
import { jsonOf, judge, textOf } from "./check.ts";
import { decisionText } from "./decision-text.ts";
import { withoutEchoes } from "./launched.ts";
import { readSimulation } from "./read-simulation.ts";
import { startLine, startText } from "./start-text.ts";

const facts = {
  version: "0.1.0",
  addresses: ["127.0.0.1", "::1"],
  port: 8080,
  configPath: null,
  appDir: "/data",
  warnings: [],
  providers: ["demo"],
  virtualKeys: 0,
  hints: [],
};

test("the start text has 4 to 8 lines and a call that works now", () => {
  const text = startText(facts);
  const lines = text.trimEnd().split("\n");
  assert.ok(lines.length >= 4 && lines.length <= 8, text);
  assert.match(text, /curl http:\/\/localhost:8080\/v1\/chat\/completions .*"model": "demo\/echo"/);
  const full = startText({
    ...facts,
    configPath: "/data/config.json",
    providers: ["openai", "demo"],
    virtualKeys: 2,
    hints: ["a note"],
  });
  assert.ok(full.trimEnd().split("\n").length <= 8, full);
  assert.match(full, /openai, demo; 2 virtual keys/);
  assert.match(full, /openai\/MODEL/);
});

test("warnings stand below the start text, at most ten of them", () => {
  const one = startText({ ...facts, warnings: ["config.json:1:2: odd\n  1 | x"] });
  assert.match(one, / 1 warning:\n    config\.json:1:2: odd\n      1 \| x\n/);
  const many = startText({ ...facts, warnings: Array.from({ length: 12 }, (_, index) => `w${index}`) });
  assert.match(many, /12 warnings:/);
  assert.match(many, /and 2 more: drawbridge check/);
});

test("a gateway that other machines reach and nobody has a password for tells the setup link, with the token behind the #", () => {
  const wide = { ...facts, addresses: ["0.0.0.0"], setup: { token: "abc", place: "" } };
  assert.match(startText(wide), /no admin password is set/);
  assert.match(startText(wide), /\n +http:\/\/localhost:8080\/setup#token=abc\n$/);
  assert.equal((JSON.parse(startLine(wide, 5)) as { setup: string }).setup, "http://localhost:8080/setup#token=abc");
  const configured = { ...wide, setup: { token: null, place: "BIFROST_SETUP_TOKEN" } };
  assert.match(startText(configured), /\/setup with the token of BIFROST_SETUP_TOKEN\n$/);
  assert.doesNotMatch(startText(facts) + startLine(facts, 5), /setup/);
});

test("where callers need a virtual key the sample call carries one", () => {
  assert.doesNotMatch(startText(facts), /x-bf-vk/);
  const keyed = startText({ ...facts, providers: ["openai", "demo"], needsKey: true });
  assert.match(keyed, /-H "x-bf-vk: YOUR-VIRTUAL-KEY" -d '\{"model": "openai\/MODEL"/);
  assert.doesNotMatch(keyed, /demo\/echo/);
  assert.match(startText({ ...facts, providers: ["demo"], needsKey: true }), /x-bf-vk.*demo\/echo/);
});

test("addresses are told as people type them", () => {
  assert.match(startText({ ...facts, addresses: ["0.0.0.0"], port: 9 }), /running at http:\/\/localhost:9\n/);
  assert.match(startText({ ...facts, addresses: ["fd00::1"], port: 9 }), /running at http:\/\/\[fd00::1\]:9\n/);
  assert.match(startText({ ...facts, addresses: ["10.0.0.1"], port: 9 }), /running at http:\/\/10\.0\.0\.1:9\n/);
});

test("for programs the start is one line of JSON", () => {
  const line = startLine({ ...facts, warnings: ["first\nsecond"] }, 5);
  assert.equal(line.split("\n").length, 2);
  const told = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(
    [told.message, told.url, told.warnings, told.time],
    ["drawbridge is running", "http://localhost:8080", ["first"], "1970-01-01T00:00:00.005Z"],
  );
});

const DECISION = {
  decision: {
    engine: "governance",
    seed: 7,
    draw: 0.25,
    snapshot_version: 1,
    order: [
      { provider: "azure", model: "gpt-4o", key: "main", reason: "drawn" },
      { provider: "openai", model: "gpt-4o", key: "first", reason: "automatic fallback" },
    ],
    candidates: [
      { provider: "azure", model: "gpt-4o", weight: 0.8, share: 0.8, health: 1 },
      { provider: "openai", model: "gpt-4o", weight: 0.2, share: 0.2, health: 0.5 },
      {
        provider: "anthropic",
        model: "gpt-4o",
        weight: null,
        share: 0,
        health: 1,
        removed: "model not allowed by the virtual key",
      },
    ],
    rules: [],
  },
  shares: { "azure/gpt-4o": 0.8, "openai/gpt-4o": 0.2 },
};

test("a decision is printed in the order in which it would be tried", () => {
  const answer = readSimulation(200, JSON.stringify(DECISION));
  assert.ok(answer.type === "decision");
  assert.equal(
    decisionText(answer),
    `Tried in this order:
  1.  azure/gpt-4o   key main   drawn
  2.  openai/gpt-4o  key first  automatic fallback

Candidates:
  azure/gpt-4o      weight 0.8   share 80 %  healthy
  openai/gpt-4o     weight 0.2   share 20 %  health 0.5
  anthropic/gpt-4o  weight none  share 0 %   healthy     out: model not allowed by the virtual key

Decided by governance; drew 0.2500 with seed 7

Share of first tries:
  azure/gpt-4o   80 %
  openai/gpt-4o  20 %
`,
  );
});

test("a refusal and a problem are told in one line", () => {
  const refused = readSimulation(
    200,
    JSON.stringify({
      decision: { order: [], refusal: { code: "model_not_found", status: 404, message: "no provider offers it" } },
    }),
  );
  assert.ok(refused.type === "decision");
  assert.match(decisionText(refused), /^Refused with status 404 \(model_not_found\): no provider offers it\n/);
  assert.deepEqual(readSimulation(400, '{"error":{"message":"bad seed"}}'), {
    type: "problem",
    message: "bad seed (status 400)",
  });
});

test("an answer that is none of ours is not believed", () => {
  for (const body of ["", "null", "[]", "<html>", '{"decision": 5}', '{"decision": {"order": {}}}']) {
    assert.equal(readSimulation(200, body).type, "problem", body);
  }
  const odd = readSimulation(200, '{"decision":{"order":[null,{"provider":"a\\u001b[2J"}],"candidates":[5]}}');
  assert.ok(odd.type === "decision");
  assert.equal(decisionText(odd).includes("\u001b"), false);
});

function checked(text: string, strict = false): { code: number; out: string } {
  const verdict = judge(loadText(text), strict);
  return { code: verdict.code, out: textOf(verdict) };
}

test("check fails on errors and, with a code of its own, on mistakes; not on what is merely not supported yet", () => {
  assert.ok(testRegistry.all().length > 0);
  assert.equal(checked("{}").code, 0);
  assert.equal(checked('{"version": 3}').code, 1);
  assert.equal(checked('{"wieght": 3}').code, 5);
  assert.equal(checked('{"version": 3, "wieght": 3}').code, 1);
  assert.equal(checked('{"mcp": {"client_configs": [{}]}}').code, 0);
  assert.equal(checked('{"mcp": {"client_configs": [{}]}}', true).code, 5);
  const refused = checked('{"version": 3, "wieght": 1}').out;
  assert.match(refused, /error: config\.json:1:13: /);
  assert.match(refused, /1 error, 1 warning\nThe gateway does not start with this\.\n$/);
  assert.match(checked('{"wieght": 1}').out, /The gateway starts, but 1 finding should be looked at: exit code 5\.\n$/);
});

test("check tells programs the same as people", () => {
  const told = JSON.parse(jsonOf(judge(loadText('{\n  "wieght": 1,\n  "client": {"enable_loging": true}\n}'), false)));
  assert.deepEqual(
    [told.starts, told.file, told.errors, told.warnings, told.mistakes, told.providers, told.virtual_keys],
    [true, "/nowhere/config.json", 0, 2, 2, ["demo"], 0],
  );
  assert.deepEqual(told.findings[1], {
    severity: "warning",
    code: "unknown-member",
    mistake: true,
    file: "config.json",
    line: 3,
    column: 14,
    message: 'client has no member "enable_loging"; it is ignored',
    nearest: "enable_logging",
  });
  const broken = JSON.parse(jsonOf(judge(loadText("{"), false)));
  assert.deepEqual(
    [broken.starts, broken.file, broken.errors, broken.findings[0].code],
    [false, "config.json", 1, "syntax"],
  );
});

test("the same signal from the system and the launcher is one, twice from one of them is two", () => {
  let now = 0;
  const seen: string[] = [];
  const once = withoutEchoes(
    (signal) => seen.push(signal),
    () => now,
  );
  once("SIGTERM", "system");
  once("SIGTERM", "launcher");
  assert.deepEqual(seen, ["SIGTERM"]);
  once("SIGTERM", "launcher");
  once("SIGTERM", "system");
  assert.deepEqual(seen, ["SIGTERM", "SIGTERM"]);
  now = 5_000;
  once("SIGTERM", "launcher");
  once("SIGTERM", "launcher");
  assert.deepEqual(seen.length, 4);
});

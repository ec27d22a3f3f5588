// Conditions of routing rules: what they may say, what is refused with its place, and that they cannot take long.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expressionProblem,
  LONGEST_EXPRESSION,
  type Outcome,
  type RuleVariables,
  readCondition,
} from "./expression.ts";

const VARIABLES: RuleVariables = {
  model: "gpt-4o",
  provider: "openai",
  request_type: "chat_completion",
  virtual_key_id: "vk-1",
  virtual_key_name: "team key",
  team_id: "",
  team_name: "",
  customer_id: "",
  customer_name: "",
  user_id: "",
  complexity_tier: "SIMPLE",
  budget_used: 85.5,
  tokens_used: 0,
  request: 20,
  headers: Object.assign(Object.create(null) as Record<string, string>, { "x-tier": "gold", "x-n": "5" }),
  params: { temperature: 1, max_tokens: 2_000, tools: [{ type: "function" }], metadata: { region: "eu" }, user: null },
};
const run = (text: string): Outcome => readCondition(text).run(VARIABLES);

test("what people write holds", () => {
  const texts = [
    'model == "gpt-4o" && provider == "openai"',
    'headers["x-tier"] == "gold"',
    'headers["X-Tier"] in ["gold", "silver"]',
    'headers.X == "a" || model.startsWith("gpt")',
    '"X-Tier" in headers && !("x-other" in headers)',
    'has(params.metadata.region) && params.metadata.region == "eu"',
    "budget_used > 85 && budget_used + 1 > 86 && request * 2 == 40",
    "params.temperature >= 1 && params.max_tokens > 1000 && params.max_tokens % 2 == 0",
    'params.tools.exists(t, t.type == "function" && t.type.matches("^fun"))',
    "params.user == null",
    'model.matches("(?i)^GPT-4O(-mini)?$")',
    'headers[?"x-none"].orValue("none") == "none"',
    'int(headers["x-n"]) > 4 && size(headers["x-n"]) == 1',
    'complexity_tier in ["SIMPLE", "MEDIUM"]',
    'request_type == "chat_completion" ? true : false',
    'virtual_key_name.contains("team") && team_id == ""',
  ];
  for (const text of texts) assert.equal(run(text), true, text);
});

test("an absent header or parameter is told by its name, and settles nothing where the rest decides", () => {
  assert.equal(run('headers["x-none"] == "a"'), "x-none is absent");
  assert.equal(run("params.metadata.city == 'x'"), "city is absent");
  assert.equal(run('headers["x-none"] == "a" || true'), true);
  const { needed } = readCondition(
    'headers["X-A"] == "1" && params.n > 1 && (headers["x-b"] == "1" || has(headers.c)) && headers.?d.hasValue()',
  );
  assert.deepEqual([needed.headers, needed.params, needed.values], [["x-a"], ["n"], [["x-a", "1"]]]);
  assert.deepEqual(readCondition('"x" == model && (provider == "y" || true)').needed.variables, [["model", "x"]]);
  assert.deepEqual(readCondition('!(headers.a == "1" && false)').needed.headers, []);
});

test("what cannot be used is told with a caret under its place", () => {
  assert.equal(expressionProblem("  "), null);
  assert.equal(expressionProblem('model == "a"'), null);
  assert.match(expressionProblem('model = "a"')!, /Unexpected character: =\n\n> {4}1 \| model = "a"\n {15}\^$/);
  assert.match(expressionProblem('modell == "a"')!, /Unknown variable: modell\n\n.*\n +\^$/);
  assert.match(
    expressionProblem('model.matches("a(")')!,
    /matches\(\) cannot be used: a group is not closed.*\n\n.*\n {25}\^$/s,
  );
  assert.match(expressionProblem("model")!, /is a string, and must be true or false/);
  assert.match(expressionProblem("model == 5")!, /no such overload/);
  assert.match(expressionProblem('cel.bind(a, "x", a == "x")')!, /cel\.bind\(\) is not known/);
  assert.match(expressionProblem(`model == "${"a".repeat(LONGEST_EXPRESSION)}"`)!, /longer than 4096/);
  assert.match(expressionProblem(`${"(".repeat(200)}true${")".repeat(200)}`)!, /.+/);
});

test("loops within loops are refused where they could take long", () => {
  assert.equal(expressionProblem("params.tools.all(a, params.tools.all(b, true))") !== null, true);
  assert.match(expressionProblem("params.tools.all(a, params.tools.all(b, true))")!, /loops within loops multiply/);
  assert.equal(expressionProblem("[1, 2, 3].all(a, [1, 2].exists(b, a != b))"), null);
  assert.equal(expressionProblem('params.tools.exists(t, t.name.matches("^a"))'), null);
});

const asked = (pattern: string): Outcome =>
  readCondition('model.matches(headers["x-tier"])').run({ ...VARIABLES, headers: { "x-tier": pattern } });

test("patterns that come with a request are bounded too", () => {
  assert.equal(asked("^gpt"), true);
  assert.match(String(asked("(")), /not closed/);
  assert.match(String(asked("a".repeat(1_000))), /longer than/);
});

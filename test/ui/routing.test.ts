// The page Routing in a real browser: the simulator, and a rule made in the builder that routes real requests.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import type { Browser } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
const RULES = "/api/governance/routing-rules";

let browser: Browser;
let gateway: TestGateway;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  browser = await startBrowser();
  gateway = await startTestGateway({ environment: { OPENAI_API_KEY: "sk-proj-0" } });
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

async function rules(): Promise<
  { id: string; name: string; priority: number; query: unknown; cel_expression: string }[]
> {
  const answer = await fetch(`${gateway.url}${RULES}`);
  return ((await answer.json()) as { rules: Awaited<ReturnType<typeof rules>> }).rules;
}

beforeEach(removeRules);

async function addRule(name: string, more: object = {}): Promise<void> {
  const { status } = await post(`${gateway.url}${RULES}`, {
    name,
    cel_expression: 'model == "never"',
    targets: [{ provider: "demo", model: "echo" }],
    ...more,
  });
  assert.equal(status, 200);
}

async function removeRules(): Promise<void> {
  for (const { id } of await rules()) await fetch(`${gateway.url}${RULES}/${id}`, { method: "DELETE" });
}

test("a decision is simulated in three clicks: plan, shares of the draws, rules and why", async () => {
  await addRule("split", {
    cel_expression: 'model == "gpt-4o"',
    targets: [
      { provider: "demo", model: "echo", weight: 0.7 },
      { provider: "openai", weight: 0.3 },
    ],
    fallbacks: ["demo/length"],
  });
  await addRule("other", { priority: 5, cel_expression: '"x-none" in headers' });
  const opened = await openPage(browser, `${gateway.url}/routing`);
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  let clicks = 0;
  const simulator = page.getByTestId("simulator");
  await simulator.getByLabel("Model", { exact: true }).click();
  clicks++;
  await page.getByRole("combobox", { name: "Search Model" }).fill("gpt-4o");
  await page.getByRole("option", { name: "Use “gpt-4o”" }).click();
  clicks++;
  await simulator.getByRole("button", { name: "Simulate" }).click();
  clicks++;
  await page.getByText("The rule “split” sends it here.").waitFor();
  assert.ok(clicks <= 3);
  await page.getByTestId("draws").getByText("of 70 % by weight").waitFor();
  await page.getByText("decided by the routing rule “split”").waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});

test("an address brings the question along: assumptions, text, headers, the same as a command line", async () => {
  await addRule("gold", { cel_expression: 'headers["x-tier"] == "gold"' });
  const query = new URLSearchParams({ model: "openai/gpt-4o", headers: "x-tier: silver", down: "openai", from: "abc" });
  const opened = await openPage(browser, `${gateway.url}/routing?${query}`, { theme: "dark", width: 360, height: 800 });
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  await page.getByText("assumed down").waitFor();
  await page.getByTestId("verdicts").getByText("gold: did not match").waitFor();
  await page.getByRole("link", { name: "Open the request" }).waitFor();
  await page.getByText("The same in a terminal").click();
  await page.getByText(/drawbridge route openai\/gpt-4o -header 'x-tier: silver' -down openai/).waitFor();
  assert.equal(await sidewaysScroll(page), 0);
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});

test("a rule made in the builder is tried as a draft, saved, and routes a real request", async () => {
  const opened = await openPage(browser, `${gateway.url}/routing`, { expected: /400/ });
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  await page.getByTestId("rules").getByRole("button", { name: "Add a rule" }).first().click();
  const form = page.getByRole("dialog", { name: "New routing rule" });
  await form.getByLabel("Name", { exact: true }).fill("cheap");
  await form.getByRole("button", { name: "Add a condition" }).click();
  await form.getByLabel("Value", { exact: true }).fill("gpt-4o");
  const text = form.getByLabel("The same as text (CEL)");
  assert.equal(await text.inputValue(), 'model == "gpt-4o"');

  await text.fill('model == "gpt-4o" &&');
  await form.getByRole("region", { name: "Where the expression is wrong" }).getByText("^").waitFor();
  await text.fill('model == "gpt-4o" || model == "gpt-5"');
  await form.getByRole("region", { name: "Where the expression is wrong" }).waitFor({ state: "detached" });
  assert.equal(await form.getByLabel("Value", { exact: true }).count(), 2, "the builder follows the text");

  const targets = form.getByRole("region", { name: "Targets" });
  await targets.getByLabel("Model", { exact: true }).click();
  await page.getByRole("combobox", { name: "Search Model" }).fill("demo/echo");
  await page.getByRole("option", { name: "demo/echo", exact: true }).click();
  assert.deepEqual(await rules(), [], "nothing is saved yet");
  const trial = form.getByRole("region", { name: "Try the draft" });
  await trial.getByLabel("Model", { exact: true }).click();
  await page.getByRole("combobox", { name: "Search Model" }).fill("gpt-4o");
  await page.getByRole("option", { name: "Use “gpt-4o”" }).click();
  await trial.getByText("The rule “cheap” sends it here.").waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByTestId("rule").getByText("cheap").waitFor();

  const [saved] = await rules();
  assert.equal(saved?.cel_expression, 'model == "gpt-4o" || model == "gpt-5"');
  assert.ok(saved?.query !== null && typeof saved?.query === "object", "the tree is kept");
  const messages = [{ role: "user", content: "hello" }];
  const { status } = await post(`${gateway.url}/v1/chat/completions`, { model: "openai/gpt-4o", messages });
  assert.equal(status, 200);
  const [row] = await gateway.logs(1);
  assert.equal(row?.provider, "demo");
  assert.equal(row?.["routing_rule_name"], "cheap");
  await opened.close();
});

test("rules are moved by the keyboard, and a delete can be undone", async () => {
  for (const [priority, name] of ["first", "second", "third"].entries()) await addRule(name, { priority });
  const opened = await openPage(browser, `${gateway.url}/routing`);
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  const grip = page.getByRole("button", { name: /^Move third/ });
  await grip.focus();
  await page.keyboard.press("ArrowUp");
  await page.getByRole("button", { name: "Move third: place 2 of 3, arrow keys move it" }).waitFor();
  assert.deepEqual(
    (await rules()).toSorted((a, b) => a.priority - b.priority).map(({ name }) => name),
    ["first", "third", "second"],
  );
  await page.getByRole("button", { name: "Delete first" }).click();
  await page.getByRole("button", { name: /^Move first/ }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: /^Move first/ }).waitFor();
  assert.equal((await rules()).length, 3);
  await opened.close();
});

test("complexity: a text is tried on values that nobody has saved", async () => {
  const opened = await openPage(browser, `${gateway.url}/routing`);
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  await page.getByText("Thresholds, word lists, and a text to try them on").click();
  await page.getByLabel("Try a text").fill("hello there");
  await page.getByText("SIMPLE", { exact: true }).waitFor();
  await page.getByLabel("Words of code").fill("hello, there, friend");
  await page.getByLabel("Try a text").fill("hello there friend");
  await page.getByText("MEDIUM", { exact: true }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});

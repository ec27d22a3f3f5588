// The page Keys in a real browser: a key with its preview, deleting and taking back, errors at their field.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, picture, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
/** Where pictures go when somebody wants to look at them. */
const shots = process.env["UI_SHOTS"];
const CONFIG = {
  providers: {
    openai: { keys: [{ name: "main", value: "sk-of-the-test-1", models: ["*"], weight: 1 }] },
    anthropic: { keys: [{ name: "main", value: "sk-of-the-test-2", models: ["*"], weight: 1 }] },
  },
};

let browser: Browser;
let gateway: TestGateway;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  browser = await startBrowser();
  gateway = await startTestGateway({ config: CONFIG });
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const api = async (method: string, target: string, body?: unknown) => {
  const answer = await fetch(`${gateway.url}/api/governance/${target}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, never>;
};

const look = async (page: Page, name: string) => {
  if (shots !== undefined) await picture(page, shots, name);
};

test("without a key the page says what one is for and leads to the form", async () => {
  const opened = await openPage(browser, `${gateway.url}/keys`);
  const { page } = opened;
  await page.getByText("No virtual key yet").waitFor();
  await look(page, "empty");
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});

test("a key is made in five clicks at most, and where its requests go is seen before", async () => {
  const opened = await openPage(browser, `${gateway.url}/keys`);
  const { page } = opened;
  let clicks = 0;
  const click = async (name: string, role: "link" | "button" | "checkbox") => {
    clicks++;
    await page.getByRole(role, { name, exact: true }).first().click();
  };
  await click("New key", "link");
  await page.getByRole("heading", { level: 1, name: "New virtual key" }).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("checkout");
  await click("openai", "checkbox");
  await click("anthropic", "checkbox");
  const share = page.getByLabel("Share of openai in percent");
  await share.fill("80");
  await share.press("Tab");
  await page.getByLabel("Another model").fill("gpt-4o");
  const route = page.getByTestId("model-route").filter({ hasText: "gpt-4o" }).first();
  await route.getByText("openai 100").waitFor();
  await route.getByText("anthropic: ").waitFor();
  await page.getByLabel("the configuration").getByText('"weight": 0.8').waitFor();
  await look(page, "form");
  assert.deepEqual(await axeFindings(page), []);
  await click("Create key", "button");
  await page.getByRole("heading", { level: 1, name: "checkout is ready" }).waitFor();
  assert.ok(clicks <= 5, `${clicks} clicks`);
  const secret = await page.getByLabel("the secret", { exact: true }).innerText();
  assert.match(secret, /^sk-bf-/);
  await look(page, "secret");
  const { virtual_keys: keys } = await api("GET", "virtual-keys");
  const [key] = keys as unknown as {
    name: string;
    value: string;
    provider_configs: { provider: string; weight: number }[];
  }[];
  assert.deepEqual(
    key?.provider_configs.map(({ provider, weight }) => [provider, weight]),
    [
      ["openai", 0.8],
      ["anthropic", 0.2],
    ],
  );
  await page.goto(`${gateway.url}/keys`);
  await page.getByRole("table", { name: "Virtual keys" }).getByText("checkout").waitFor();
  assert.ok(!(await page.content()).includes(secret), "it was shown once");
  await opened.close();
});

test("what the gateway refuses stands at its field, and nothing typed is lost", async () => {
  const opened = await openPage(browser, `${gateway.url}/keys/new?user=ada&budget=-5`, { expected: /400|409/ });
  const { page } = opened;
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "ada");
  await page.getByRole("button", { name: "Create key" }).click();
  const budget = page.getByLabel("Budget", { exact: true });
  await page.waitForFunction(() => document.querySelector('[aria-invalid="true"]') !== null);
  assert.equal(await budget.getAttribute("aria-invalid"), "true");
  await page
    .getByText(/max_limit is out of range/)
    .first()
    .waitFor();
  await budget.fill("5");
  await page.getByLabel("Name", { exact: true }).fill("checkout");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText(/virtual key with this name already/).waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true");
  assert.equal(await budget.inputValue(), "5");
  await look(page, "refused");
  assert.equal((await api("GET", "virtual-keys"))["total_count"], 1);
  await opened.close();
});

test("a deleted key comes back by Undo, and is gone when nobody takes it back", async () => {
  const { virtual_key: made } = await api("POST", "virtual-keys", {
    name: "short-lived",
    budget: { max_limit: 10, reset_duration: "1d" },
  });
  const { id } = made as unknown as { id: string };
  const opened = await openPage(browser, `${gateway.url}/keys/${id}`, { expected: /404/ });
  const { page } = opened;
  const table = page.getByRole("table", { name: "Virtual keys" });
  const pane = page.getByTestId("detail-pane");
  await pane.getByText("Settled").waitFor();
  await look(page, "detail");
  assert.deepEqual(await axeFindings(page), []);
  await pane.getByRole("button", { name: "Delete" }).click();
  await table.getByText("short-lived").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await table.getByText("short-lived").waitFor();
  assert.equal((await api("GET", `virtual-keys/${id}`))["virtual_key"] === undefined, false);
  await table.getByText("short-lived").click();
  await pane.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.waitForFunction(
    async (target) => (await fetch(target)).status === 404,
    `${gateway.url}/api/governance/virtual-keys/${id}`,
  );
  await opened.close();
});

test("a whole edit keeps what was not touched", async () => {
  const budgets = [{ max_limit: 10, reset_duration: "1M", calendar_aligned: true }];
  const { virtual_key: made } = await api("POST", "virtual-keys", {
    name: "edited",
    budgets,
    rate_limit: { request_max_limit: 5, request_reset_duration: "1m" },
    provider_configs: [
      { provider: "openai", weight: 0, allowed_models: ["gpt-4o"], budgets: [{ max_limit: 3, reset_duration: "1d" }] },
    ],
    required_headers: ["x-team"],
  });
  const key = made as unknown as { id: string; budgets: { id: string }[]; provider_configs: object[] };
  const opened = await openPage(browser, `${gateway.url}/keys?limit=${key.budgets[0]?.id}`);
  const { page } = opened;
  await page.getByRole("heading", { level: 1, name: "Edit edited" }).waitFor();
  await page.getByText("openai has weight 0: never chosen first, still a fallback.").waitFor();
  await page.getByLabel("Budget", { exact: true }).last().fill("20");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page
    .getByTestId("detail-pane")
    .getByText(/of \$20/)
    .first()
    .waitFor();
  const { virtual_key: after } = await api("GET", `virtual-keys/${key.id}`);
  const now = after as unknown as typeof key & {
    rate_limit: { request_max_limit: number };
    required_headers: string[];
  };
  assert.equal(now.budgets[0]?.id, key.budgets[0]?.id);
  assert.equal(now.rate_limit.request_max_limit, 5);
  assert.deepEqual(now.required_headers, ["x-team"]);
  assert.deepEqual(now.provider_configs, key.provider_configs);
  await opened.close();
});

test("teams, customers and limits are made in their tabs; dark and on a phone nothing is wrong", async () => {
  const dark = await openPage(browser, `${gateway.url}/keys?tab=customers`, { theme: "dark" });
  await dark.page.getByRole("button", { name: "Make a customer" }).click();
  await dark.page.getByLabel("Name", { exact: true }).fill("Acme");
  await dark.page.getByRole("button", { name: "Create customer" }).click();
  await dark.page.getByRole("table", { name: "Customers" }).getByText("Acme").waitFor();
  await dark.page.getByTestId("detail-pane").getByRole("tab", { name: "Members" }).click();
  await dark.page.getByText("0 teams").waitFor();
  await look(dark.page, "customers-dark");
  assert.deepEqual(await axeFindings(dark.page), []);
  await dark.page.goto(`${gateway.url}/keys?tab=limits&open=new`);
  await dark.page.getByLabel("Model", { exact: true }).fill("gpt-4o");
  await dark.page.getByLabel("Requests", { exact: true }).fill("100");
  await dark.page.getByRole("button", { name: "Create limit" }).click();
  await dark.page.getByRole("table", { name: "Limits for everybody" }).getByText("gpt-4o").waitFor();
  await dark.close();
  const phone = await openPage(browser, gateway.url, { width: 360, height: 740, theme: "dark" });
  for (const [name, target] of Object.entries({
    list: "/keys",
    form: "/keys/new",
    teams: "/keys?tab=teams",
    limits: "/keys?tab=limits",
  })) {
    await phone.page.goto(gateway.url + target);
    await phone.page.locator("main h1").waitFor();
    await phone.page.locator("main .empty, main .vtable, main form").first().waitFor();
    assert.equal(await sidewaysScroll(phone.page), 0, target);
    await look(phone.page, `phone-${name}`);
  }
  await phone.close();
});

// The page Usage in a real browser: the row of a spender, budgets, unknown prices, times, CSV, phone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
const SEARCH = "sk-bf-usage-search";
const CHAT = "sk-bf-usage-chat";

let browser: Browser;
let upstream: FaultUpstream;
let gateway: TestGateway;

async function ask(model: string, key: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const body = { model, messages: [{ role: "user", content: "word ".repeat(50) }] };
  const answer = await post(`${gateway.url}/v1/chat/completions`, body, { "x-bf-vk": key, ...headers });
  assert.equal(answer.status, 200, answer.text);
}

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  browser = await startBrowser();
  upstream = await startFaultUpstream();
  const provider_configs = [{ provider: "openai", weight: 1 }];
  gateway = await startTestGateway({
    config: {
      providers: {
        openai: { keys: [{ name: "main", value: "sk-usage", weight: 1 }], network_config: { base_url: upstream.url } },
      },
      governance: {
        teams: [{ id: "team-red", name: "Red team" }],
        virtual_keys: [
          {
            id: "vk-search",
            name: "search",
            value: SEARCH,
            team_id: "team-red",
            provider_configs,
            budget: { max_limit: 10, reset_duration: "1d" },
          },
          { id: "vk-chat", name: "chat", value: CHAT, provider_configs },
        ],
      },
    },
  });
  for (let count = 0; count < 6; count++)
    await ask("openai/gpt-4o", SEARCH, { "x-bf-dim-user": "ann", "x-bf-dim-feature": count % 2 ? "chat" : "=cmd" });
  for (let count = 0; count < 2; count++) await ask("openai/gpt-4o-mini", CHAT);
  await ask("openai/never-priced", CHAT);
  await gateway.logs(9);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  await upstream?.close();
});

test("the top spender's row opens with one click: models, hours, costliest requests, budget; Esc brings the focus back", async () => {
  const opened = await openPage(browser, `${gateway.url}/usage`);
  const { page } = opened;
  const table = page.getByRole("table", { name: "Usage by virtual key" });
  const first = table.getByRole("row").nth(1);
  await first.getByRole("button", { name: "search" }).click();
  const pane = page.getByTestId("detail-pane");
  await pane.getByRole("heading", { name: "Virtual key search" }).waitFor();
  await pane.getByRole("table", { name: "Models" }).getByText("gpt-4o", { exact: true }).waitFor();
  await pane.getByRole("heading", { name: /Hours of the day/ }).waitFor();
  await pane.locator(".usage-costliest li").nth(5).waitFor();
  assert.equal(await pane.locator(".usage-costliest li").count(), 6);
  await pane.getByRole("meter", { name: "Budget every 1d" }).waitFor();
  const budget = await pane.getByRole("link", { name: "Set budget" }).getAttribute("href");
  assert.match(budget ?? "", /^\/keys\/vk-search\/edit\?budget=\d/);
  const requests = await pane.getByRole("link", { name: "Show requests" }).getAttribute("href");
  assert.equal(requests, "/requests?virtual_key_ids=vk-search&period=24h");
  assert.equal(new URL(page.url()).searchParams.get("open"), "vk-search");
  assert.deepEqual(await axeFindings(page), []);
  await page.keyboard.press("Escape");
  await pane.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "search");
  await opened.close();
});

test("what has no price is a figure of its own and never $0", async () => {
  const opened = await openPage(browser, `${gateway.url}/usage?by=model`);
  const { page } = opened;
  const row = page.getByRole("row").filter({ hasText: "never-priced" });
  await row.getByText("unknown price").waitFor();
  const link = page.getByRole("link", { name: "1 request" });
  assert.match((await link.getAttribute("href")) ?? "", /missing_cost_only=true/);
  await page.getByRole("link", { name: "set a price" }).waitFor();
  await opened.close();
});

test("group, measure and comparison stand in the address; a tag is a group too", async () => {
  const opened = await openPage(browser, `${gateway.url}/usage?period=1h`);
  const { page } = opened;
  await page.getByRole("button", { name: /^Group by/ }).click();
  await page.getByRole("option", { name: "By tag feature" }).click();
  await page.getByRole("button", { name: "Requests", exact: true }).click();
  await page.getByRole("switch", { name: "Compare with before" }).click();
  await page.getByRole("table", { name: "Usage by tag feature" }).getByText("new").first().waitFor();
  await page.getByText("before, all").waitFor();
  const { searchParams } = new URL(page.url());
  assert.deepEqual(Object.fromEntries(searchParams), {
    period: "1h",
    by: "tag:feature",
    measure: "requests",
    compare: "1",
  });
  await page.goBack();
  await page.getByRole("switch", { name: "Compare with before", checked: false }).waitFor();
  await opened.close();
});

test("a part of the chart that is dragged over becomes the range", async () => {
  const opened = await openPage(browser, `${gateway.url}/usage?period=1h`);
  const { page } = opened;
  const plot = page.locator(".u-over");
  await plot.waitFor();
  const box = await plot.boundingBox();
  assert.ok(box !== null);
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.getByRole("button", { name: "Remove this time range" }).waitFor();
  assert.ok(new URL(page.url()).searchParams.has("start_time"));
  await opened.close();
});

test("the ranking comes as CSV in which no cell is a formula", async () => {
  const opened = await openPage(browser, `${gateway.url}/usage?by=tag:feature`);
  const { page } = opened;
  await page.getByRole("table", { name: "Usage by tag feature" }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download CSV" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "usage-by-tag-feature.csv");
  const text = readFileSync(await download.path(), "utf8");
  assert.match(text, /^id,name,requests/);
  assert.match(text, /^'=cmd,'=cmd,3,/m);
  await opened.close();
});

test("at 360 px rows are cards, details cover the page, and nothing moves sideways", async () => {
  const opened = await openPage(browser, `${gateway.url}/usage?compare=1`, { width: 360, height: 740, theme: "dark" });
  const { page } = opened;
  await page.getByRole("button", { name: "search" }).waitFor();
  assert.equal(await sidewaysScroll(page), 0);
  assert.deepEqual(await axeFindings(page), []);
  await page.getByRole("button", { name: "search" }).click();
  await page.getByTestId("detail-pane").getByRole("link", { name: "Set budget" }).waitFor();
  assert.equal(await sidewaysScroll(page), 0);
  assert.deepEqual(await axeFindings(page), []);
  await opened.close();
});

test("a time without requests says so and offers more", async () => {
  const opened = await openPage(
    browser,
    `${gateway.url}/usage?start_time=2020-01-01T00:00:00Z&end_time=2020-01-02T00:00:00Z`,
  );
  await opened.page.getByText("No requests in this time").waitFor();
  await opened.page.getByRole("link", { name: "Show all times" }).click();
  await opened.page.getByRole("button", { name: "search" }).waitFor();
  await opened.close();
});

test("what cannot be read is told with its reason, and tried again", async () => {
  const opened = await openPage(browser, `${gateway.url}/keys`, { expected: /503/ });
  const { page } = opened;
  const body = JSON.stringify({
    error: { code: "control_plane_unavailable", message: "the request log cannot be read" },
  });
  await page.route("**/api/logs/stats?*", (route) => route.fulfill({ status: 503, body }));
  await page.getByRole("link", { name: "Usage" }).first().click();
  await page.getByRole("alert").getByText("The request log cannot be read").waitFor();
  await page.unroute("**/api/logs/stats?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("button", { name: "search" }).waitFor();
  await opened.close();
});

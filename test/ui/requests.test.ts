// The page Requests in a real browser: a failover as it happens, a budget stop explained, contents of any size, nothing drawn as HTML.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { type RequestsHouse, startRequestsHouse } from "../support/requests-house.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
const CANARY = '<img src="x" onerror="window.canary=1"><b>bold</b>';

let browser: Browser;
let house: RequestsHouse;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  browser = await startBrowser();
  house = await startRequestsHouse();
});

after(async () => {
  await browser?.close();
  await house?.close();
});

/** Whose request it was is the one thing that each test chooses. */
const rowOf = (page: Page, user: string) => page.getByRole("row").filter({ hasText: user });
async function open(target: string, options = {}) {
  const opened = await openPage(browser, house.gateway.url + target, options);
  opened.page.setDefaultTimeout(10_000);
  return opened;
}

/** The page's own rules forbid what is written as text: a function goes by the browser's tools. */
async function untilRows(page: Page, count: number): Promise<void> {
  await page.waitForFunction((wanted) => document.querySelectorAll(".vrow").length === wanted, count);
}

/** Of the newest request of a user. */
async function idOf(user: string): Promise<string> {
  const [row] = await house.gateway.logs(1, `user_ids=${user}`);
  return row?.id ?? "";
}

test("an empty log says what will be here, and what to do", async () => {
  const opened = await open("/requests");
  await opened.page.getByText("No request yet").waitFor();
  assert.equal(await opened.page.getByRole("link", { name: "Send one" }).count(), 1);
  await opened.close();
});

test("journey C: a failover is one row from its arrival on, with a chip for each try, and one click opens its route", async () => {
  const opened = await open("/requests");
  const { page } = opened;
  await page.getByText("live", { exact: true }).waitFor();
  Object.assign(house.plays, { azure: "status-503", openai: "slow-1500ms" });
  const answer = house.chat("team", { user: "carla" });
  const row = rowOf(page, "carla");
  await row.getByText("running").waitFor();
  await row.getByText("azure-east 503").waitFor();
  await row.getByText("openai-eu").waitFor();
  assert.equal(await row.getByText("running").count(), 1, "it is still under way");
  assert.equal((await answer).status, 200);
  await row.getByText("200", { exact: true }).waitFor();
  assert.equal(await row.count(), 1, "one request is one row");
  await row.getByText(/^\d+(\.\d)? s$/).waitFor();
  Object.assign(house.plays, { azure: null, openai: null });

  await row.click();
  const detail = page.getByTestId("detail-pane");
  await detail
    .getByText(/503 server error · on to openai-eu/)
    .first()
    .waitFor();
  await detail.getByText("try 2", { exact: false }).first().waitFor();
  assert.match(page.url(), /\/requests\/[0-9a-f-]{36}/, "it has an address of its own");
  await detail.getByRole("tab", { name: "Why" }).waitFor();
  await detail.getByText("Drawn by the weights of the virtual key.").waitFor();
  await page.keyboard.press("Escape");
  await detail.waitFor({ state: "detached" });
  await opened.close();
});

test("a running request is told live in its detail, and becomes its record when it ends", async () => {
  const opened = await open("/requests");
  const { page } = opened;
  await page.getByText("live", { exact: true }).waitFor();
  house.plays.azure = "slow-2s";
  const answer = house.chat("team", { user: "rita" });
  const row = rowOf(page, "rita");
  await row.getByText("running").waitFor();
  await row.click();
  const detail = page.getByTestId("detail-pane");
  await detail.getByText("It is under way", { exact: false }).waitFor();
  await answer;
  await detail.getByRole("tab", { name: "Cost" }).waitFor();
  house.plays.azure = null;
  await opened.close();
});

test("journey F: a stop by a budget names it, says when it resets, and two clicks lead to the limit", async () => {
  await house.chat("capped", { user: "frank" });
  for (let tries = 0; tries < 40 && (await house.chat("capped", { user: "frank" })).status !== 402; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const opened = await open("/requests?user_ids=frank&status=error");
  const { page } = opened;
  const row = rowOf(page, "402 failed").first();
  await row.click();
  const stop = page.getByRole("region", { name: "Why it was stopped" });
  await stop.getByText("Virtual key capped: budget").waitFor();
  await stop.getByText(/resets in .* \(\d{4}-/).waitFor();
  await stop.getByText(/^Now /).waitFor();
  await stop.getByRole("link", { name: "Raise" }).click();
  await page.waitForURL(/\/keys\?limit=b-capped|\/keys\?limit=/);
  await opened.close();
});

test("under the pointer no row moves: new ones wait behind a pill", async () => {
  for (let count = 0; count < 3; count++) await house.chat("team", { user: "petra" });
  await house.gateway.logs(3, "user_ids=petra");
  const opened = await open("/requests?user_ids=petra");
  const { page } = opened;
  await page.getByText("live", { exact: true }).waitFor();
  const rows = page.locator(".vrow");
  await untilRows(page, 3);
  await rows.first().hover();
  await house.chat("team", { user: "petra" });
  await house.chat("team", { user: "petra" });
  const pill = page.getByRole("button", { name: "2 new" });
  await pill.waitFor();
  assert.equal(await rows.count(), 3);
  await pill.click();
  await untilRows(page, 5);
  await opened.close();
});

test("filters stand in the address, keys go through the rows, and a row that does not fit stays away", async () => {
  await house.chat("team", { user: "kai" });
  await house.chat("team", { user: "lena" });
  await house.gateway.logs(1, "user_ids=lena");
  const opened = await open("/requests");
  const { page } = opened;
  await rowOf(page, "kai").waitFor();
  await page.getByRole("button", { name: /Add a filter/ }).click();
  await page.getByRole("option", { name: /^User/ }).click();
  await page.getByRole("dialog").getByText("kai").click();
  await page.getByRole("dialog").getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/user_ids=kai/);
  await rowOf(page, "lena").waitFor({ state: "detached" });
  // while the list is read anew there is no row that a key could take
  await rowOf(page, "kai").waitFor();
  await page.locator("main h1").focus();
  await page.keyboard.press("j");
  await page.locator('.vrow[data-chosen="true"]').waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/requests\/[0-9a-f-]{36}\?user_ids=kai/);
  await page.getByTestId("detail-pane").getByText("chat completion").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Remove the filter User: kai" }).click();
  await rowOf(page, "lena").waitFor();
  await opened.close();
});

test("what is in a prompt or an answer stays text", async () => {
  await house.chat("whole", { user: "hanna", messages: [{ role: "user", content: CANARY }] });
  const id = await idOf("hanna");
  const opened = await open(`/requests/${id}?tab=messages`);
  const { page } = opened;
  const detail = page.getByTestId("detail-pane");
  await detail.getByText(CANARY, { exact: true }).first().waitFor();
  await detail.getByRole("tab", { name: "Raw" }).click();
  await detail.getByRole("button", { name: "Unfold" }).first().click();
  await detail.getByText("onerror", { exact: false }).first().waitFor();
  assert.equal(await page.locator("main img, main b").count(), 0);
  assert.equal(await page.evaluate("window.canary"), undefined);
  await opened.close();
});

test("5 MB of content, 2,000 messages and 50 tries open and scroll", async () => {
  const long = "All work and no play makes Jack a dull boy. ".repeat(115_000);
  await house.chat("whole", { user: "big", messages: [{ role: "user", content: long }] });
  const many = Array.from({ length: 2000 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: `message ${index + 1}`,
  }));
  await house.chat("whole", { user: "many", messages: many });
  house.plays.azure = "status-500";
  await house.chat("whole", { user: "tries", model: "stubborn/gpt-4o-mini" });
  house.plays.azure = null;
  const [big, talk, tries] = await Promise.all(["big", "many", "tries"].map(idOf));

  const opened = await open(`/requests/${big}?tab=messages`);
  const { page } = opened;
  const detail = page.getByTestId("detail-pane");
  await detail.getByRole("button", { name: /Show all of it/ }).click();
  await detail.getByRole("region", { name: "text" }).evaluate((box) => box.scrollTo(0, 1e9));
  await detail.getByRole("tab", { name: "Raw" }).click();
  await detail.getByRole("button", { name: "Unfold" }).first().click();
  await detail.getByRole("button", { name: "show all of it" }).waitFor();

  await page.goto(`${house.gateway.url}/requests/${talk}?tab=messages`);
  await detail.getByText("message 2000", { exact: true }).waitFor();
  assert.ok((await page.locator(".requests-message").count()) < 40);
  await detail.getByRole("button", { name: "Show 100 more" }).click();
  await detail.getByText("message 1890", { exact: true }).waitFor();

  await page.goto(`${house.gateway.url}/requests/${tries}`);
  await detail.getByText("try 50", { exact: false }).first().waitFor();
  assert.equal(await page.locator(".tl-lane.attempt").count(), 50);
  await opened.close();
});

test("the export tells how far it is and hands over a file of the filtered rows", async () => {
  const opened = await open("/requests?user_ids=petra");
  const { page } = opened;
  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog");
  const waiting = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export", exact: true }).click();
  assert.match((await waiting).suggestedFilename(), /^drawbridge-requests-.*\.csv$/);
  await dialog.getByText(/Saved 5 rows/).waitFor();
  await opened.close();
});

test("chosen rows are deleted when that is confirmed", async () => {
  await house.chat("team", { user: "gone" });
  await house.gateway.logs(1, "user_ids=gone");
  const opened = await open("/requests?user_ids=gone");
  const { page } = opened;
  await page.getByRole("button", { name: "Select" }).click();
  await page.getByRole("checkbox").click();
  await page.getByRole("button", { name: "Delete 1" }).click();
  await page.getByRole("button", { name: "Delete 1 request" }).click();
  await page.getByText("No request fits these filters").waitFor();
  await opened.close();
});

for (const theme of ["light", "dark"] as const)
  test(`list and detail are for everybody, on wide and narrow screens (${theme})`, async () => {
    const id = await idOf("carla");
    for (const width of [1440, 360]) {
      const { page, close } = await open("/requests", { theme, width });
      for (const target of width === 360
        ? ["", `/${id}`, `/${id}?tab=cost`]
        : ["", `/${id}?tab=messages`, `/${id}?tab=raw`]) {
        if (target !== "") await page.goto(`${house.gateway.url}/requests${target}`);
        await page.locator(".vrow").first().waitFor();
        if (target !== "") await page.getByRole("tab", { name: "Why" }).waitFor();
        assert.deepEqual(await axeFindings(page), [], `${target} at ${width}`);
        assert.equal(await sidewaysScroll(page), 0, `${target} at ${width}`);
      }
      await close();
    }
  });

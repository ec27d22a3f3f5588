// Settings and the raw configuration in a real browser: a change and its origin, journey G, the editor, and what is refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
const SECRET = "sk-proj-canary-4711-never-shown";
const REFUSED = /status of (?:400|409)/;

const config = (more: object) =>
  JSON.stringify(
    {
      ...more,
      client: { log_retention_days: 30 },
      providers: { openai: { keys: [{ name: "main", value: SECRET, weight: 1 }] } },
    },
    null,
    2,
  );

let browser: Browser;
let open: TestGateway;
let locked: TestGateway;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  [browser, open, locked] = await Promise.all([
    startBrowser(),
    startTestGateway({ config: config({}) }),
    startTestGateway({ config: config({ config_store: { enabled: false } }) }),
  ]);
});

after(async () => {
  await browser?.close();
  await Promise.all([open?.stop(), locked?.stop()]);
});

const setting = (page: Page, name: string) => page.locator(`[data-path="${name}"]`);

test("a setting is changed, tells where it is from, and goes back to its default", async () => {
  const opened = await openPage(browser, `${open.url}/settings`, { expected: REFUSED });
  const { page } = opened;
  const days = setting(page, "client.log_retention_days");
  await days.getByText("config.json:3").waitFor();
  const field = days.getByRole("textbox", { name: "Log retention days" });
  await field.fill("0");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await days.getByText("out of range").waitFor();
  assert.equal(await field.inputValue(), "0", "what was typed stays");
  await field.fill("31");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await days.getByText("saved here").waitFor();
  const answer = (await (await fetch(`${open.url}/api/config`)).json()) as {
    client_config: { log_retention_days: number };
  };
  assert.equal(answer.client_config.log_retention_days, 31);
  await days.getByRole("button", { name: "Use the default" }).click();
  assert.equal(await field.inputValue(), "365");
  await page.getByRole("button", { name: "Discard" }).click();
  assert.equal(await field.inputValue(), "31");
  await page.getByTestId("section-audit").getByRole("button").first().click();
  await page.getByRole("dialog").getByText("PATCH /api/settings").waitFor();
  await page.keyboard.press("Escape");
  await opened.close();
});

test("the search finds settings by path and by words, and stands in the address", async () => {
  const opened = await openPage(browser, `${open.url}/settings?q=content_level`);
  const { page } = opened;
  await setting(page, "client.content_level").waitFor();
  assert.equal(await page.locator(".setting").count(), 1);
  await page.getByRole("searchbox", { name: "Search settings" }).fill("nothing like it");
  await page.getByText("No setting fits").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await setting(page, "server.allowed_hosts").waitFor();
  await opened.close();
});

test("journey G: with the file alone everything is read, locks name file and line, and a change comes as text to paste", async () => {
  const opened = await openPage(browser, `${locked.url}/settings`);
  const { page } = opened;
  const days = setting(page, "client.log_retention_days");
  await days.getByText("config.json:6").waitFor();
  await page.getByText("The file alone says what is configured").waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await page.getByRole("alert").count(), 0, "never a red box");
  await days.getByRole("button", { name: "Change Log retention days" }).click();
  await days.getByRole("textbox").fill("7");
  const patch = (await days.getByRole("region", { name: "Text for config.json" }).innerText()).trim();
  assert.deepEqual(JSON.parse(patch), { client: { log_retention_days: 7 } });
  assert.equal(await page.getByRole("button", { name: "Save", exact: true }).count(), 0);
  await page.goto(`${locked.url}/settings/raw`);
  await page.getByText("It can be read here and not saved").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  await opened.close();
});

test("the raw configuration is completed, checked, shown as changes of entries, and saved; secrets never come", async () => {
  const opened = await openPage(browser, `${open.url}/settings/raw`, { expected: REFUSED });
  const { page } = opened;
  const area = page.getByRole("textbox", { name: "Text of the configuration" });
  await area.waitFor();
  await page.waitForLoadState("networkidle");
  const text = await area.inputValue();
  assert.ok(!text.includes(SECRET));
  assert.ok(!(await page.content()).includes(SECRET));
  await area.focus();
  await area.evaluate((box: HTMLTextAreaElement) => {
    const at = box.value.indexOf('"log_retention_days"');
    box.setSelectionRange(at, at);
  });
  await page.keyboard.type('"content_le');
  await page.getByRole("option", { name: "content_level" }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.type(", ");
  assert.match(await area.inputValue(), /"content_level": "ends", "log_retention_days"/);
  await area.fill((await area.inputValue()).replace('"ends"', '"everything"'));
  await page.getByRole("list", { name: "What was found in the text" }).getByRole("button").first().waitFor();
  await page.getByText("has errors", { exact: true }).waitFor();
  await area.fill((await area.inputValue()).replace('"everything"', '"off"'));
  await page.getByText("valid, changes 1 entry").waitFor();
  await page.getByRole("button", { name: "Review and save" }).click();
  const dialog = page.getByRole("dialog", { name: "What this changes" });
  await dialog.getByText("changed", { exact: true }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved and in force.").waitFor();
  const written = readFileSync(path.join(open.appDir, "config.json"), "utf8");
  assert.match(written, /"content_level": "off"/);
  assert.ok(written.includes(SECRET), "a mask that was left alone keeps its secret");
  await opened.close();
});

test("a configuration that somebody else changed meanwhile is not written over", async () => {
  const opened = await openPage(browser, `${open.url}/settings/raw`, { expected: REFUSED });
  const { page } = opened;
  const area = page.getByRole("textbox", { name: "Text of the configuration" });
  const text = await area.inputValue();
  const changed = text.replace('"client": {', '"client": { "max_request_body_size_mb": 50,');
  assert.notEqual(changed, text);
  await area.fill(changed);
  const raw = (await (await fetch(`${open.url}/api/config/raw`)).json()) as { text: string; etag: string };
  const other = raw.text.replace('"client": {', '"client": { "max_request_body_size_mb": 60,');
  const put = await fetch(`${open.url}/api/config/raw`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: other, etag: raw.etag }),
  });
  assert.equal(put.status, 200);
  await page.getByRole("button", { name: "Review and save" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("was changed by somebody else meanwhile").waitFor();
  await page.getByRole("button", { name: "Copy mine and load the present one" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.match(await area.inputValue(), /"max_request_body_size_mb": 60/);
  await opened.close();
});

test("a login is set here without losing the page", async () => {
  const opened = await openPage(browser, `${open.url}/settings`);
  const { page } = opened;
  const security = page.getByTestId("section-security");
  await security.getByRole("textbox", { name: "User name" }).fill("ada");
  await security.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await security.getByRole("button", { name: "Set the login" }).click();
  await security.getByRole("button", { name: "Sign out everywhere" }).waitFor();
  assert.equal((await fetch(`${open.url}/api/settings`)).status, 401);
  await security.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await page.waitForURL("**/login**");
  await opened.close();
});

for (const theme of ["light", "dark"] as const)
  test(`nothing is wrong for those who cannot see or point well, and nothing moves sideways (${theme})`, async () => {
    const opened = await openPage(browser, `${locked.url}/settings`, { theme, width: 360, height: 740 });
    const { page } = opened;
    for (const target of ["/settings", "/settings/raw"]) {
      await page.goto(locked.url + target);
      await page.waitForLoadState("networkidle");
      assert.deepEqual(await axeFindings(page), [], target);
      assert.equal(await sidewaysScroll(page), 0, target);
    }
    await opened.close();
  });

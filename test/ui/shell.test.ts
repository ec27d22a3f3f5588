// The frame of the UI in a real browser: every page, both themes, keyboard, phone, no foreign origin, sizes.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { budgetFindings } from "../../scripts/ui/budget.ts";
import type { UiManifest } from "../../scripts/ui/manifest.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { readyUi, UI_FOLDER } from "../support/ui-build.ts";

const PAGES = {
  "/": "Home",
  "/requests": "Requests",
  "/usage": "Usage",
  "/playground": "Playground",
  "/routing": "Routing",
  "/providers": "Providers",
  "/keys": "Keys",
  "/settings": "Settings",
  "/nothing-here": "No such page",
} as const;
/** Served by the UI; others answer by themselves. */
const OWN = Object.entries(PAGES).filter(([page]) => page !== "/nothing-here");

let browser: Browser;
let gateway: TestGateway;

before(async () => {
  await readyUi();
  browser = await startBrowser();
  gateway = await startTestGateway();
  for (let count = 0; count < 3; count++)
    await post(`${gateway.url}/v1/chat/completions`, {
      model: "demo/echo",
      messages: [{ role: "user", content: "hello" }],
    });
  await gateway.logs(3);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

for (const theme of ["light", "dark"] as const)
  test(`every page has its title and its heading, asks nobody else, and axe finds nothing (${theme})`, async () => {
    const opened = await openPage(browser, gateway.url, { theme });
    const { page } = opened;
    const findings: string[] = [];
    for (const [target, title] of OWN) {
      await page.goto(gateway.url + target);
      await page.locator("main h1").waitFor();
      await page.waitForFunction((words) => document.title.includes(words), title);
      findings.push(...(await axeFindings(page)).map((finding) => `${target}: ${finding}`));
    }
    assert.deepEqual(findings, []);
    await opened.close();
  });

test("no page can be moved sideways at 360 px, and the menu is at the bottom", async () => {
  const opened = await openPage(browser, gateway.url, { width: 360, height: 740 });
  for (const [target] of OWN) {
    await opened.page.goto(gateway.url + target);
    await opened.page.locator("main h1").waitFor();
    assert.equal(await sidewaysScroll(opened.page), 0, target);
  }
  await opened.page.getByRole("button", { name: "More" }).click();
  await opened.page.getByRole("dialog").getByRole("link", { name: "Keys" }).click();
  await opened.page.getByRole("heading", { level: 1, name: "Keys" }).waitFor();
  assert.equal(await opened.page.getByRole("dialog").count(), 0);
  await opened.close();
});

test("the keyboard goes everywhere: skip link, letters, command menu, help", async () => {
  const opened = await openPage(browser, gateway.url);
  const { page } = opened;
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.getByRole("heading", { level: 1, name: "Requests" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /find a page/i }).fill("rout");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Routing" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/routing");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Requests" }).waitFor();
  await opened.close();
});

test("the command menu finds providers, and a request by its id", async () => {
  const opened = await openPage(browser, gateway.url);
  const { page } = opened;
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await page.keyboard.press("Control+k");
  assert.deepEqual(await axeFindings(page), []);
  const input = page.getByRole("combobox", { name: /find a page/i });
  await input.fill("dem");
  await page.getByRole("option", { name: /^demo/ }).waitFor();
  const [row] = await gateway.logs(1);
  await input.fill(row?.id ?? "");
  await page.getByRole("option", { name: /^Request/ }).click();
  await page.waitForURL(`**/requests/${row?.id}`);
  await opened.close();
});

test("the theme that was chosen is there before the first paint, and stays", async () => {
  const opened = await openPage(browser, gateway.url, { theme: "light" });
  const { page } = opened;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  const light = await ground();
  await page.getByRole("button", { name: /^System theme/ }).click();
  await page.getByRole("button", { name: /^Light theme/ }).click();
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset["theme"]), "dark");
  assert.equal(await ground(), dark);
  await opened.close();
});

test("a gateway that goes away is told, and its return is seen by itself", async () => {
  const own = await startTestGateway();
  const opened = await openPage(browser, own.url, { expected: /ERR_|Failed to load/ });
  const { page } = opened;
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await own.stop();
  await page.getByTestId("connection-banner").waitFor({ timeout: 20_000 });
  const again = await startTestGateway({ port: own.port });
  await page.getByTestId("connection-banner").waitFor({ state: "detached", timeout: 20_000 });
  await opened.close();
  await again.stop();
});

test("files are compressed, unchangeable and few; the shell is asked about, and its one script is named in the policy", async () => {
  const shell = await fetch(`${gateway.url}/requests`, { headers: { accept: "text/html" } });
  const html = await shell.text();
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/);
  const inline = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text = ""]) => text);
  assert.equal(inline.length, 1);
  const hash = createHash("sha256")
    .update(inline[0] ?? "")
    .digest("base64");
  const policy = shell.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.ok(policy.includes(`script-src 'self' 'sha256-${hash}';`), policy);
  const etag = shell.headers.get("etag") ?? "";
  const again = await fetch(`${gateway.url}/requests`, { headers: { accept: "text/html", "if-none-match": etag } });
  assert.equal(again.status, 304);
  const [script = ""] = /\/assets\/(?:main|chunk)-\w+\.js/.exec(html) ?? [];
  const file = await fetch(gateway.url + script, { headers: { "accept-encoding": "br" } });
  assert.equal(file.headers.get("content-encoding"), "br");
  assert.match(file.headers.get("cache-control") ?? "", /immutable/);
  const plain = await fetch(gateway.url + script, { headers: { "accept-encoding": "identity" } });
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.equal(await plain.text(), await file.text());
});

test("every page keeps within its size, and the folder within its own", () => {
  const manifest = JSON.parse(readFileSync(path.join(UI_FOLDER, "manifest.json"), "utf8")) as UiManifest;
  assert.deepEqual(budgetFindings(manifest), []);
});

test("-no-ui leaves the API and the plain page", async () => {
  const own = await startTestGateway({ flags: ["-no-ui"] });
  const page = await fetch(`${own.url}/requests`, { headers: { accept: "text/html" } });
  assert.equal(page.status, 404);
  assert.match(await page.text(), /switched off/);
  const plain = await fetch(`${own.url}/`, { headers: { accept: "text/html" } });
  assert.match(await plain.text(), /What runs/);
  assert.ok(existsSync(UI_FOLDER));
  await own.stop();
});

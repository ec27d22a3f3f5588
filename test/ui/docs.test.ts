// The documentation inside the gateway in a real browser: reached from the menu, both themes, phone, search, its reference of the API.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";
import { axeFindings, openPage, sidewaysScroll, startBrowser } from "../support/browser.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");
const built = path.join(root, "dist/ui");
const PAGES = ["/docs", "/docs/configuration", "/docs/api"];

let browser: Browser;
let gateway: TestGateway;

before(async () => {
  if (!isFresh(root, built)) await buildUi(root, built, { development: false });
  assert.ok(existsSync(path.join(root, "dist/docs")), "npm run ui:build writes the documentation");
  browser = await startBrowser();
  gateway = await startTestGateway();
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

test("the menu leads to the documentation, and it leads back", async () => {
  const opened = await openPage(browser, `${gateway.url}/settings`);
  const { page } = opened;
  await page.getByRole("link", { name: "Documentation" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Documentation" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/docs");
  await page.getByRole("link", { name: "Configuration", exact: true }).first().click();
  await page.getByRole("heading", { level: 1, name: "Configuration" }).waitFor();
  await page.getByRole("link", { name: "Drawbridge" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await opened.close();
});

/** The long pages once: what differs between the themes is on the short ones too. */
const LOOKED_AT = { light: ["/docs", "/docs/configuration"], dark: ["/docs/costs", "/docs/api"] } as const;

for (const theme of ["light", "dark"] as const)
  test(`nothing is wrong for those who cannot see or point well (${theme})`, async () => {
    const opened = await openPage(browser, gateway.url, { theme });
    for (const target of LOOKED_AT[theme]) {
      await opened.page.goto(gateway.url + target);
      assert.deepEqual(await axeFindings(opened.page), [], target);
    }
    await opened.close();
  });

test("no page can be moved sideways at 360 px", async () => {
  const opened = await openPage(browser, gateway.url, { width: 360, height: 740 });
  for (const target of PAGES) {
    await opened.page.goto(gateway.url + target);
    assert.equal(await sidewaysScroll(opened.page), 0, target);
  }
  await opened.close();
});

test("each page has its Markdown, and programs find the lists", async () => {
  for (const target of ["/docs/configuration.md", "/llms.txt", "/openapi.json", "/config.schema.json"]) {
    const answer = await fetch(gateway.url + target);
    assert.equal(answer.status, 200, target);
    assert.ok((await answer.text()).length > 500, target);
  }
});

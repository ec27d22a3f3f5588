// One stream of events for all tabs: who reads it, what the others see, and what happens when it breaks off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openPage, startBrowser } from "../support/browser.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { ensureUi } from "../support/ui-build.ts";

let browser: Browser;
let gateway: TestGateway;

before(async () => {
  await ensureUi();
  browser = await startBrowser();
  gateway = await startTestGateway();
  await say("first");
  await gateway.logs(1);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

function say(text: string) {
  return post(`${gateway.url}/v1/chat/completions`, {
    model: `demo/echo`,
    messages: [{ role: "user", content: text }],
  });
}

/** Tells the streams that are opened from now on. */
function streams(context: BrowserContext): string[] {
  const seen: string[] = [];
  context.on("request", (request) => {
    if (request.url().includes("/api/events")) seen.push(request.url());
  });
  return seen;
}

async function untilLive(page: Page): Promise<void> {
  await page.getByText("live", { exact: true }).first().waitFor();
}

test("tabs share one stream, and when its reader closes another goes on", async () => {
  const opened = await openPage(browser, "about:blank");
  const seen = streams(opened.context);
  const [one, two] = [opened.page, await opened.context.newPage()];
  await one.goto(gateway.url);
  await untilLive(one);
  await two.goto(gateway.url);
  await untilLive(two);
  assert.equal(seen.length, 1);
  const rows = (page: Page) => page.getByRole("row").count();
  const before = await rows(two);
  await say("second");
  for (const page of [one, two])
    await page.waitForFunction((count) => document.querySelectorAll("[role=row]").length > count, before);
  await one.close();
  await two.waitForTimeout(300);
  const after = await rows(two);
  await say("third");
  await two.waitForFunction((count) => document.querySelectorAll("[role=row]").length > count, after);
  assert.equal(seen.length, 2);
  // where the first reader stood
  assert.match(seen[1] ?? "", /since=\d+/);
  await opened.close();
});

test("a stream that breaks off is told and opened again", async () => {
  const own = await startTestGateway({});
  await post(`${own.url}/v1/chat/completions`, { model: "demo/echo", messages: [{ role: "user", content: "x" }] });
  await own.logs(1);
  const opened = await openPage(browser, own.url, { expected: /ERR_|Failed to load/ });
  await untilLive(opened.page);
  await own.stop();
  await opened.page.getByText("reconnecting").first().waitFor();
  const again = await startTestGateway({ port: own.port });
  await untilLive(opened.page);
  await opened.close();
  await again.stop();
});

// One stream of events for all tabs: who reads it, what the others see, and what happens when it breaks off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openPage, startBrowser } from "../support/browser.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { readyUi } from "../support/ui-build.ts";

let browser: Browser;
let gateway: TestGateway;

before(async () => {
  await readyUi();
  browser = await startBrowser();
  gateway = await startTestGateway();
  await say("demo/echo");
  await gateway.logs(1);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

function say(model: string) {
  return post(`${gateway.url}/v1/chat/completions`, { model, messages: [{ role: "user", content: "hello" }] });
}

async function waitUntil(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !isSo(); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(isSo());
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
  await one.goto(`${gateway.url}/requests`);
  await untilLive(one);
  await two.goto(`${gateway.url}/requests`);
  await untilLive(two);
  assert.equal(seen.length, 1);
  await say("demo/status-503");
  for (const page of [one, two]) await page.getByText("demo/status-503").first().waitFor();
  await one.close();
  // the lock goes to the other tab, which opens a stream of its own
  await waitUntil(() => seen.length === 2);
  await say("demo/status-500");
  await two.getByText("demo/status-500").first().waitFor();
  assert.equal(seen.length, 2);
  // where the first reader stood
  assert.match(seen[1] ?? "", /since=\d+/);
  await opened.close();
});

test("a stream that breaks off is told and opened again", async () => {
  const own = await startTestGateway({});
  await post(`${own.url}/v1/chat/completions`, { model: "demo/echo", messages: [{ role: "user", content: "x" }] });
  await own.logs(1);
  const opened = await openPage(browser, `${own.url}/requests`, { expected: /ERR_|Failed to load/ });
  await untilLive(opened.page);
  await own.stop();
  await opened.page.getByText("reconnecting").first().waitFor();
  const again = await startTestGateway({ port: own.port });
  await untilLive(opened.page);
  await opened.close();
  await again.stop();
});

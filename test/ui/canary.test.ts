// A planted provider key and, with content off, a planted prompt are nowhere: not in files, logs, metrics, exports or pages.
import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openPage, startBrowser } from "../support/browser.ts";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { post, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { readyUi } from "../support/ui-build.ts";

const KEY = "sk-canary-key-4f1c9a7e2b";
const PROMPT = "canary-prompt-83d0e5";
const PAGES = ["/", "/requests", "/usage", "/playground", "/routing", "/providers", "/keys", "/settings"];
const ROUTES = [
  "/metrics",
  "/api/logs?limit=100",
  "/api/logs/export?format=jsonl",
  "/api/providers",
  "/api/config",
  "/api/ui/state",
];

let browser: Browser;
let upstream: FaultUpstream;
let gateway: TestGateway;

before(async () => {
  await readyUi();
  browser = await startBrowser();
  upstream = await startFaultUpstream();
  gateway = await startTestGateway({
    environment: { CANARY_KEY: KEY },
    flags: ["-log-level", "debug"],
    config: {
      client: { disable_content_logging: true },
      providers: {
        openai: { keys: [{ name: "main", value: "env.CANARY_KEY" }], network_config: { base_url: upstream.url } },
      },
    },
  });
  for (const model of ["echo", "status-401", "status-500"])
    await post(`${gateway.url}/v1/chat/completions`, {
      model: `openai/${model}`,
      messages: [{ role: "user", content: PROMPT }],
    });
  await gateway.logs(3);
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  await upstream?.close();
});

function assertClean(text: string, where: string): void {
  for (const secret of [KEY, PROMPT]) assert.ok(!text.includes(secret), `${where} holds ${secret}`);
}

test("the upstream did get both", () => {
  assert.equal(upstream.requests[0]?.key, KEY);
  assert.ok(upstream.requests[0]?.body.includes(PROMPT));
});

test("no file of the gateway and none of its lines holds them", () => {
  assertClean(gateway.output(), "the output");
  const files = globSync("**/*", { cwd: gateway.appDir }).map((name) => path.join(gateway.appDir, name));
  const read = files.filter((file) => statSync(file).isFile());
  assert.ok(read.length > 1);
  for (const file of read) assertClean(readFileSync(file, "latin1"), file);
});

test("no metric, row, export or setting holds them", async () => {
  for (const route of ROUTES) assertClean(await (await fetch(gateway.url + route)).text(), route);
});

test("no page holds them, and no answer that a page asked for", async () => {
  const opened = await openPage(browser, "about:blank", { expected: /Failed to load/ });
  const answers: Promise<void>[] = [];
  opened.page.on("response", (response) => {
    if (!response.url().includes("/api/") || response.url().includes("/api/events")) return;
    answers.push(
      response.text().then(
        (text) => assertClean(text, response.url()),
        (error: unknown) => {
          if (error instanceof assert.AssertionError) throw error;
        },
      ),
    );
  });
  for (const target of PAGES) {
    await opened.page.goto(gateway.url + target);
    await opened.page.locator("main h1").waitFor();
    await opened.page.waitForTimeout(400);
    assertClean(await opened.page.content(), target);
  }
  await Promise.all(answers);
  await opened.close();
});

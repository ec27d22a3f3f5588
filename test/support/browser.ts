// A real Chromium for tests of the UI: cut off from everything but this machine, and attentive to errors of the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumPath } from "./chromium-path.ts";

/** One for a test file: `before(async () => { browser = await startBrowser() })`. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  assert.ok(executablePath !== undefined, "the tests of the UI need Chromium: apt-get install chromium");
  return await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none"],
  });
}

export interface OpenOptions {
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** Errors in the console that belong to the test: a call that is meant to fail. */
  readonly expected?: RegExp;
}

/** A page of its own with an empty store, and what was seen in it. */
export interface TestPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** URLs of other machines that were asked for; all of them were refused. */
  readonly foreign: readonly string[];
  /** Errors that the page threw or that stand in its console. */
  readonly problems: readonly string[];
  /** Throws when anything foreign was asked for or any error was told; closes the page. */
  close(): Promise<void>;
}

/** Opens `url`; times and pictures are the same each time: no motion, one zone, one language. */
export async function openPage(browser: Browser, url: string, options: OpenOptions = {}): Promise<TestPage> {
  const { theme = "light", width = 1440, height = 900, expected } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-US",
    timezoneId: "UTC",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const foreign: string[] = [];
  const problems: string[] = [];
  await context.route(
    (asked) => !isLocal(asked),
    (route) => {
      foreign.push(route.request().url());
      return route.abort();
    },
  );
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && expected?.test(message.text()) !== true) problems.push(message.text());
  });
  await page.goto(url);
  return {
    page,
    context,
    foreign,
    problems,
    async close() {
      await context.close();
      assert.deepEqual(foreign, [], "nothing is asked of other machines");
      assert.deepEqual(problems, [], "the page tells no error");
    },
  };
}

function isLocal(url: URL): boolean {
  return /^(localhost|127\.|\[::1\])/.test(url.hostname) || !url.protocol.startsWith("http");
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[];
  }[];
}

/** What is wrong for people who cannot see or point well, by WCAG 2.2 AA; empty = nothing. */
export async function axeFindings(page: Page): Promise<string[]> {
  // as a tool of the test, not as a script of the page, whose policy would refuse it
  await page.evaluate(axeSource);
  const found = (await page.evaluate(
    'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
  )) as AxeResult;
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = "" }) =>
        `${id} at ${JSON.stringify(target)}: ${failureSummary.replaceAll("\n", " ")}`,
    ),
  );
}

/** How far the page can be moved sideways, px: 0 is right. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return await page.evaluate(
    "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)",
  );
}

/** A picture for a person to look at; `folder` is created when needed. */
export async function picture(page: Page, folder: string, name: string): Promise<string> {
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}

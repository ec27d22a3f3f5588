// Prints the gates of the UI: sizes as built, then times in a real browser, each the median of interleaved runs with its spread.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { budgetFindings, budgetLines } from "../scripts/ui/budget.ts";
import type { UiManifest } from "../scripts/ui/manifest.ts";
import { startBrowser } from "../test/support/browser.ts";
import { post } from "../test/support/gateway.ts";
import { startSeededHouse } from "../test/support/seed.ts";
import { readyUi, UI_FOLDER } from "../test/support/ui-build.ts";

const RUNS = Number(process.env["RUNS"] ?? 5);
const SECONDS = Number(process.env["SECONDS"] ?? 60);

interface Times {
  readonly paint: number;
  readonly usable: number;
}

/** One fresh visit of the requests page; throttled: a processor 4 times slower, 1.6 Mbit/s, 150 ms. */
async function visit(browser: Browser, url: string, isThrottled: boolean): Promise<Times> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  if (isThrottled) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 150,
      downloadThroughput: 200_000,
      uploadThroughput: 94_000,
    });
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  }
  const began = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.getByRole("row").nth(3).waitFor();
  const usable = performance.now() - began;
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1);
  await context.close();
  return { paint, usable };
}

function tell(name: string, values: readonly number[], limit: number): void {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  const spread = `${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)}`;
  console.log(`${median <= limit ? "ok  " : "OVER"} ${name}: ${median.toFixed(0)} ms (${spread}), at most ${limit}`);
}

/** Rows that appear while 100 requests a second go through: how late each is, and how often the page stood still. */
async function liveRows(browser: Browser, base: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${base}/requests`);
  await page.getByRole("row").nth(3).waitFor();
  await page.waitForTimeout(1000);
  await page.evaluate(() => {
    const kept = window as unknown as { seen: Map<string, number>; long: number[] };
    kept.seen = new Map();
    kept.long = [];
    new PerformanceObserver((list) => kept.long.push(...list.getEntries().map((entry) => entry.duration))).observe({
      type: "longtask",
    });
    new MutationObserver(() => {
      for (const cell of document.querySelectorAll("[role=row]")) {
        const found = /bench-\d+/.exec(cell.textContent ?? "")?.[0];
        if (found !== undefined && !kept.seen.has(found)) kept.seen.set(found, Date.now());
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const sent = new Map<string, number>();
  const total = 100 * SECONDS;
  const began = performance.now();
  const pending: Promise<unknown>[] = [];
  for (let number = 0; number < total; number++) {
    const due = began + number * 10;
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    const model = `bench-${number}`;
    sent.set(model, Date.now());
    pending.push(
      post(`${base}/v1/chat/completions`, { model: `openai/${model}`, messages: [{ role: "user", content: "x" }] }),
    );
  }
  await Promise.all(pending);
  await page.waitForTimeout(500);
  const { seen, long } = await page.evaluate(() => {
    const kept = window as unknown as { seen: Map<string, number>; long: number[] };
    return { seen: [...kept.seen], long: kept.long };
  });
  const late = seen.map(([model, at]) => at - (sent.get(model) ?? at)).toSorted((a, b) => a - b);
  const p95 = late[Math.floor(late.length * 0.95)] ?? Number.NaN;
  console.log(
    `${p95 <= 100 ? "ok  " : "OVER"} live row delay at 100 req/s, p95 of ${late.length} rows drawn: ${p95} ms, at most 100`,
  );
  const stalls = long.filter((ms) => ms > 50);
  const longest = Math.max(0, ...long).toFixed(0);
  console.log(
    `${stalls.length === 0 ? "ok  " : "OVER"} long tasks over ${SECONDS} s: ${stalls.length} above 50 ms, longest ${longest} ms`,
  );
  await context.close();
}

await readyUi();
const manifest = JSON.parse(readFileSync(path.join(UI_FOLDER, "manifest.json"), "utf8")) as UiManifest;
for (const line of budgetLines(manifest)) console.log(line);
for (const finding of budgetFindings(manifest)) console.log(`OVER ${finding}`);
const browser = await startBrowser();
const house = await startSeededHouse();
try {
  const url = `${house.gateway.url}/requests`;
  const near: Times[] = [];
  const far: Times[] = [];
  await visit(browser, url, false);
  for (let run = 0; run < RUNS; run++) {
    near.push(await visit(browser, url, false));
    far.push(await visit(browser, url, true));
  }
  const of = (times: readonly Times[], member: keyof Times) => times.map((one) => one[member]);
  tell("first paint, loopback", of(near, "paint"), 100);
  tell("usable, loopback", of(near, "usable"), 300);
  tell("first paint, throttled", of(far, "paint"), 1000);
  tell("usable, throttled", of(far, "usable"), 2000);
  await liveRows(browser, house.gateway.url);
} finally {
  await browser.close();
  await house.close();
}

// The gates of the UI that are counts and sizes: what pages weigh and ask for, room on a phone, shifts, rows held.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { budgetFindings } from "../../scripts/ui/budget.ts";
import type { UiManifest } from "../../scripts/ui/manifest.ts";
import { axeFindings, openPage, sidewaysScroll } from "../support/browser.ts";
import { post } from "../support/gateway.ts";
import { UI_FOLDER } from "../support/ui-build.ts";
import { uiStage } from "../support/ui-stage.ts";
import { baseOf, openViews, STATES, VIEW_NAMES, VIEWS } from "../support/ui-views.ts";

const stage = uiStage();

test("no page weighs more than it may", () => {
  const manifest = JSON.parse(readFileSync(path.join(UI_FOLDER, "manifest.json"), "utf8")) as UiManifest;
  assert.deepEqual(budgetFindings(manifest), []);
});

test("the page of requests makes at most eight requests, none of them to anybody else", async () => {
  const opened = await openPage(stage.browser, "about:blank");
  const asked: string[] = [];
  opened.page.on("request", (request) => asked.push(request.url()));
  await opened.page.goto(`${stage.full}/requests`);
  await opened.page.getByRole("row").nth(5).waitFor();
  await opened.page.waitForTimeout(500);
  assert.ok(asked.length <= 8, `${asked.length} requests:\n${asked.join("\n")}`);
  await opened.close();
});

test("at 360 px no page goes sideways in any state, and axe finds nothing", async () => {
  const tab = await openViews(stage.browser, { width: 360, height: 740 });
  const findings: string[] = [];
  for (const state of STATES)
    for (const view of VIEW_NAMES) {
      await tab.show(baseOf(state, stage), view, state);
      const aside = await sidewaysScroll(tab.page);
      if (aside > 0) findings.push(`${view}, ${state}: ${aside} px sideways`);
      if (state === "full") findings.push(...(await axeFindings(tab.page)).map((finding) => `${view}: ${finding}`));
    }
  await tab.opened.close();
  assert.deepEqual(findings, []);
});

test("at 200 % no page goes sideways", async () => {
  const tab = await openViews(stage.browser, { width: 720, height: 450 });
  const findings: string[] = [];
  for (const view of VIEW_NAMES) {
    await tab.show(stage.full, view, "full");
    const aside = await sidewaysScroll(tab.page);
    if (aside > 0) findings.push(`${view}: ${aside} px`);
  }
  await tab.opened.close();
  assert.deepEqual(findings, []);
});

test("nothing jumps while a page comes up: layout shift of at most 0.02", async () => {
  const findings: string[] = [];
  for (const view of VIEW_NAMES) {
    const opened = await openPage(stage.browser, "about:blank");
    await opened.page.addInitScript(() => {
      const kept = window as unknown as { shifts: number };
      kept.shifts = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
          if (!entry.hadRecentInput) kept.shifts += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await opened.page.goto(stage.full + VIEWS[view]);
    await opened.page.locator("main h1, main h2").first().waitFor();
    await opened.page.waitForTimeout(800);
    const shifts = await opened.page.evaluate(() => (window as unknown as { shifts: number }).shifts);
    if (shifts > 0.02) findings.push(`${view}: ${shifts.toFixed(3)}`);
    await opened.close();
  }
  assert.deepEqual(findings, []);
});

test("live rows do not make the page grow", async () => {
  const opened = await openPage(stage.browser, `${stage.empty}/requests`);
  const say = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        post(`${stage.empty}/v1/chat/completions`, {
          model: "demo/echo",
          messages: [{ role: "user", content: "x" }],
        }),
      ),
    );
  await say(60);
  await opened.page.getByRole("row").nth(10).waitFor();
  await opened.page.waitForTimeout(500);
  const elements = () => opened.page.evaluate(() => document.querySelectorAll("*").length);
  const before = await elements();
  for (let round = 0; round < 4; round++) await say(50);
  await opened.page.waitForTimeout(800);
  const grown = (await elements()) - before;
  assert.ok(grown < before / 2, `${before} elements became ${before + grown}`);
  await opened.close();
});

// Looks with axe at every page in a state, in both themes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { axeFindings, startBrowser } from "./browser.ts";
import { type SeededHouse, startSeededHouse } from "./seed.ts";
import { readyUi } from "./ui-build.ts";
import { baseOf, openViews, VIEW_NAMES, type ViewState } from "./ui-views.ts";

const THEMES = ["light", "dark"] as const;

/** A test for each state. The theme changes under the open page, as it does when the system changes it. */
export function testWithAxe(states: readonly ViewState[]): void {
  let browser: Browser;
  let full: SeededHouse;
  let empty: SeededHouse;

  before(async () => {
    await readyUi();
    [browser, full, empty] = await Promise.all([startBrowser(), startSeededHouse(), startSeededHouse({ empty: true })]);
  });

  after(async () => {
    await browser?.close();
    await Promise.all([full?.close(), empty?.close()]);
  });

  for (const state of states)
    test(`axe finds nothing on any page that is ${state}, light or dark`, async () => {
      const tab = await openViews(browser, { theme: "light" });
      const findings: string[] = [];
      for (const view of VIEW_NAMES) {
        await tab.show(baseOf(state, { full: full.gateway.url, empty: empty.gateway.url }), view, state);
        for (const theme of THEMES) {
          await tab.page.emulateMedia({ colorScheme: theme });
          const shown = await tab.page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
          assert.match(shown, new RegExp(theme), "the page follows");
          findings.push(...(await axeFindings(tab.page)).map((finding) => `${view}, ${theme}: ${finding}`));
        }
        await tab.page.emulateMedia({ colorScheme: "light" });
      }
      await tab.opened.close();
      assert.deepEqual(findings, []);
    });
}

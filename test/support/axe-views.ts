// Looks with axe at every page in a state, in both themes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { axeFindings } from "./browser.ts";
import { uiStage } from "./ui-stage.ts";
import { baseOf, openViews, VIEW_NAMES, type ViewState } from "./ui-views.ts";

const THEMES = ["light", "dark"] as const;

/** A test for each state. The theme changes under the open page, as it does when the system changes it. */
export function testWithAxe(states: readonly ViewState[]): void {
  const stage = uiStage();

  for (const state of states)
    test(`axe finds nothing on any page that is ${state}, light or dark`, async () => {
      const tab = await openViews(stage.browser, { theme: "light" });
      const findings: string[] = [];
      for (const view of VIEW_NAMES) {
        await tab.show(baseOf(state, stage), view, state);
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

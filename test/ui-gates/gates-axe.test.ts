// Nothing that axe finds on any page, in any state, in both themes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { axeFindings, startBrowser } from "../support/browser.ts";
import { type SeededHouse, startSeededHouse } from "../support/seed.ts";
import { readyUi } from "../support/ui-build.ts";
import { baseOf, openViews, STATES, VIEW_NAMES } from "../support/ui-views.ts";

let browser: Browser;
let house: SeededHouse;
let bare: SeededHouse;

before(async () => {
  await readyUi();
  [browser, house, bare] = await Promise.all([startBrowser(), startSeededHouse(), startSeededHouse({ empty: true })]);
});

after(async () => {
  await browser?.close();
  await Promise.all([house?.close(), bare?.close()]);
});

const houses = () => ({ full: house.gateway.url, empty: bare.gateway.url });

for (const theme of ["light", "dark"] as const)
  for (const state of STATES)
    test(`axe finds nothing on any page that is ${state} (${theme})`, async () => {
      const tab = await openViews(browser, { theme });
      const findings: string[] = [];
      for (const view of VIEW_NAMES) {
        await tab.show(baseOf(state, houses()), view, state);
        findings.push(...(await axeFindings(tab.page)).map((finding) => `${view}: ${finding}`));
      }
      await tab.opened.close();
      assert.deepEqual(findings, []);
    });

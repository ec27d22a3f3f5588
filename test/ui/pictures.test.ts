// The UI looks as it looked: two dozen pictures of a seeded house, compared at the browser version that drew them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { startBrowser } from "../support/browser.ts";
import {
  differenceOf,
  PICTURE_LIST,
  pictureName,
  recordedVersion,
  TOLERANCE,
  takePicture,
} from "../support/pictures.ts";
import { type SeededHouse, startSeededHouse } from "../support/seed.ts";
import { readyUi } from "../support/ui-build.ts";

let browser: Browser;
let house: SeededHouse | undefined;

before(async () => {
  browser = await startBrowser();
  if (recordedVersion() !== browser.version()) return;
  await readyUi();
  house = await startSeededHouse();
});

after(async () => {
  await browser?.close();
  await house?.close();
});

for (const of of PICTURE_LIST)
  test(`${of.view} looks as it did, ${of.width} px, ${of.theme}`, async (context) => {
    if (house === undefined) {
      const drawn = recordedVersion() ?? "no browser yet";
      context.skip(`${pictureName(of)}: drawn by Chromium ${drawn}, this is ${browser.version()}`);
      return;
    }
    const apart = differenceOf(of, await takePicture(browser, house.gateway.url, of));
    assert.ok(
      apart <= TOLERANCE,
      `${(apart * 100).toFixed(2)} % of its points differ; if that is meant: npm run ui:pictures -- --update`,
    );
  });

// A browser with the two houses that the gates look at: one full of seeded data, one with nothing in it.
import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import { startBrowser } from "./browser.ts";
import { type SeededHouse, startSeededHouse } from "./seed.ts";
import { readyUi } from "./ui-build.ts";

export interface UiStage {
  browser: Browser;
  /** Addresses of the gateways. */
  full: string;
  empty: string;
}

/** Filled before the first test of the file runs, taken down behind the last. */
export function uiStage(): UiStage {
  const stage = {} as UiStage;
  const houses: SeededHouse[] = [];
  before(async () => {
    await readyUi();
    stage.browser = await startBrowser();
    for (const place of ["full", "empty"] as const) {
      const house = await startSeededHouse(place === "empty" ? { empty: true } : {});
      houses.push(house);
      stage[place] = house.gateway.url;
    }
  });
  after(async () => {
    await stage.browser?.close();
    await Promise.all(houses.map((house) => house.close()));
  });
  return stage;
}

// What management pages may ask of the prices in force, put together from the feed and the view of them.
import { bundledPrices } from "./bundled.ts";
import { patchProblem } from "./overrides.ts";
import type { PriceFeed } from "./price-feed.ts";
import type { PriceView } from "./price-view.ts";

/** One for the control plane. */
export function shownPrices(feed: PriceFeed, view: PriceView) {
  return {
    sheet: () => feed.status,
    bundled: async () => {
      const { date, version, sources } = await bundledPrices();
      return { date, version, sources };
    },
    sync: () => feed.sync(),
    lookup: () => view.lookup(),
    patchProblem,
  };
}

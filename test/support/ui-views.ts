// Every page of the UI in each of its states, brought about in a browser: for the gates, the contact sheets and the pictures.
import type { Browser, Page, Route } from "playwright-core";
import { openPage, type TestPage } from "./browser.ts";
import { SEED_NOW, standStill } from "./seed.ts";

/** The pages, and of those with inner places the ones that look different. */
export const VIEWS = {
  home: "/",
  requests: "/requests",
  request: "/requests/01kseed00000000000001989",
  usage: "/usage",
  playground: "/playground",
  routing: "/routing",
  providers: "/providers",
  keys: "/keys",
  key: "/keys/vk-lab-01",
  settings: "/settings",
} as const;
export type ViewName = keyof typeof VIEWS;
export const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];

export const STATES = ["empty", "loading", "error", "partial", "full"] as const;
export type ViewState = (typeof STATES)[number];

/** What the frame itself needs: it stays, whatever becomes of the page. */
const OF_THE_FRAME = /^\/api\/(ui\/state|events|session)/;
/** What a page shows beside its main list. */
const BESIDE =
  /histogram|ranking|stats|dashboard|forecast|budget-events|catalogue|catalog|complexity|customers|filterdata|health|origins/;

const REFUSED = JSON.stringify({
  error: {
    message: "The log cannot be read: the disk is full. Make room and ask again.",
    type: "overloaded_error",
    code: "store_unavailable",
  },
});

async function act(state: ViewState, route: Route): Promise<void> {
  const { pathname } = new URL(route.request().url());
  if (OF_THE_FRAME.test(pathname)) return await route.fallback();
  if (state === "loading") return;
  if (state === "error" || BESIDE.test(pathname))
    return await route.fulfill({ status: 503, contentType: "application/json", body: REFUSED });
  await route.fallback();
}

/** Answers that a page waits for, until none has come or gone for a while. */
async function untilQuiet(page: Page, state: ViewState): Promise<void> {
  await page.locator("main h1, main h2").first().waitFor();
  if (state === "loading") return await page.waitForTimeout(450);
  let last = performance.now();
  const seen = (): void => {
    last = performance.now();
  };
  page.on("response", seen);
  const began = performance.now();
  while (performance.now() - last < 250 && performance.now() - began < 5000) await page.waitForTimeout(50);
  // skeletons are only drawn while something is awaited
  await page
    .waitForFunction(() => document.querySelector("main .skeleton") === null, undefined, { timeout: 5000 })
    .catch(() => {});
  await page.evaluate(() => document.fonts.ready.then(() => true));
  page.off("response", seen);
}

export interface ViewOptions {
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
}

/** A browser tab in which views are opened one after another. */
export interface ViewTab {
  readonly opened: TestPage;
  readonly page: Page;
  /** Opens a view of the gateway at `base` and waits until it stands. */
  show(base: string, view: ViewName, state: ViewState): Promise<void>;
}

/** Errors of the network are what the states are made of. */
export async function openViews(browser: Browser, options: ViewOptions = {}): Promise<ViewTab> {
  const opened = await openPage(browser, "about:blank", { ...options, expected: /Failed to load resource|ERR_/ });
  const { page } = opened;
  await standStill(page);
  let state: ViewState = "full";
  await page.route(/\/api\//, (route) =>
    state === "full" || state === "empty" ? route.fallback() : act(state, route),
  );
  return {
    opened,
    page,
    async show(base, view, wanted) {
      // a page that still waits for the last state's answers is left before the next begins
      await page.goto("about:blank");
      state = wanted;
      await page.goto(base + VIEWS[view]);
      await untilQuiet(page, wanted);
    },
  };
}

/** Where the house of a state lies. */
export function baseOf(state: ViewState, houses: { readonly full: string; readonly empty: string }): string {
  return state === "empty" ? houses.empty : houses.full;
}

/** The moment of all pictures, Unix ms. */
export const VIEW_TIME = SEED_NOW;

// The pictures that the UI is compared with: which they are, how they are taken, and how far two of them are apart.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import pixelmatch from "pixelmatch";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import { openViews, type ViewName } from "./ui-views.ts";

/** Where the pictures lie, and beside them the version of the browser that drew them. */
export const PICTURES = path.resolve(import.meta.dirname, "../ui/pictures");
const VERSION = path.join(PICTURES, "chromium.txt");
/** Of all points of a picture. */
export const TOLERANCE = 0.005;

export interface PictureOf {
  readonly view: ViewName;
  readonly theme: "light" | "dark";
  readonly width: number;
}

const SHOWN: readonly ViewName[] = ["home", "requests", "usage", "routing", "providers", "keys"];

/** Twenty-four: six pages in both themes, wide and as a phone. */
export const PICTURE_LIST: readonly PictureOf[] = SHOWN.flatMap((view) =>
  (["light", "dark"] as const).flatMap((theme) => [1440, 360].map((width) => ({ view, theme, width }))),
);

export function pictureName({ view, theme, width }: PictureOf): string {
  return `${view}-${width}-${theme}`;
}

function fileOf(of: PictureOf): string {
  return path.join(PICTURES, `${pictureName(of)}.png`);
}

/** The version of the browser that drew the pictures; null: there are none. */
export function recordedVersion(): string | null {
  return existsSync(VERSION) ? readFileSync(VERSION, "utf8").trim() : null;
}

/** ms between two looks, and looks at most. */
const PAUSE = 400;
const LOOKS = 12;

/** The page once two looks show the same: charts and the last answers come when they come. */
async function settled(page: Page): Promise<PNG> {
  let last = await page.screenshot({ animations: "disabled", caret: "hide" });
  for (let look = 1; look < LOOKS; look++) {
    await page.waitForTimeout(PAUSE);
    const next = await page.screenshot({ animations: "disabled", caret: "hide" });
    if (next.equals(last)) return PNG.sync.read(next);
    last = next;
  }
  return PNG.sync.read(last);
}

/** What the page looks like in the seeded house. */
export async function takePicture(browser: Browser, base: string, of: PictureOf): Promise<PNG> {
  const tab = await openViews(browser, { theme: of.theme, width: of.width, height: of.width === 360 ? 740 : 900 });
  try {
    await tab.show(base, of.view, "full");
    await tab.page.mouse.move(0, 0);
    return await settled(tab.page);
  } finally {
    await tab.opened.context.close();
  }
}

/** Part of the points that differ from the kept picture; 1 where there is none, or one of another size. */
export function differenceOf(of: PictureOf, taken: PNG): number {
  if (!existsSync(fileOf(of))) return 1;
  const kept = PNG.sync.read(readFileSync(fileOf(of)));
  const { width, height } = taken;
  if (kept.width !== width || kept.height !== height) return 1;
  return pixelmatch(kept.data, taken.data, undefined, width, height, { threshold: 0.1 }) / (width * height);
}

/** The new truth. */
export function keepPicture(of: PictureOf, taken: PNG): void {
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(fileOf(of), PNG.sync.write(taken, { deflateLevel: 9, colorType: 2 }));
}

/** Once all pictures are kept. */
export function keepVersion(version: string): void {
  writeFileSync(VERSION, `${version}\n`);
}

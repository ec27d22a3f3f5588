// Draws every page in each state, width and theme into contact sheets: `npm run ui:shots [-- VIEW…]`, then look at them.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PNG } from "pngjs";
import { startBrowser } from "../test/support/browser.ts";
import { startSeededHouse } from "../test/support/seed.ts";
import { readyUi } from "../test/support/ui-build.ts";
import { baseOf, openViews, STATES, VIEW_NAMES, type ViewName } from "../test/support/ui-views.ts";

const SIZES = [
  [360, 740],
  [720, 900],
  [1440, 900],
] as const;
const GAP = 12;

/** Pictures side by side. */
function montage(pictures: readonly PNG[]): PNG {
  const width = pictures.reduce((sum, one) => sum + one.width + GAP, GAP);
  const height = Math.max(...pictures.map((one) => one.height)) + 2 * GAP;
  const sheet = new PNG({ width, height });
  sheet.data.fill(0x80);
  let x = GAP;
  for (const one of pictures) {
    PNG.bitblt(one, sheet, 0, 0, one.width, one.height, x, GAP);
    x += one.width + GAP;
  }
  return sheet;
}

const asked = process.argv.slice(2).filter((word): word is ViewName => (VIEW_NAMES as string[]).includes(word));
const views = asked.length > 0 ? asked : VIEW_NAMES;
const folder = mkdtempSync(path.join(tmpdir(), "drawbridge-shots-"));
await readyUi();
const browser = await startBrowser();
const [house, bare] = await Promise.all([startSeededHouse(), startSeededHouse({ empty: true })]);
try {
  for (const theme of ["light", "dark"] as const)
    for (const [width, height] of SIZES) {
      const tab = await openViews(browser, { theme, width, height });
      for (const view of views) {
        const row: PNG[] = [];
        for (const state of STATES) {
          await tab.show(baseOf(state, { full: house.gateway.url, empty: bare.gateway.url }), view, state);
          row.push(PNG.sync.read(await tab.page.screenshot()));
        }
        const file = path.join(folder, `${view}-${width}-${theme}.png`);
        writeFileSync(file, PNG.sync.write(montage(row)));
        console.log(`${file} (${STATES.join(", ")})`);
      }
      await tab.opened.context.close();
    }
} finally {
  await browser.close();
  await Promise.all([house.close(), bare.close()]);
}
console.log(`contact sheets in ${folder}`);

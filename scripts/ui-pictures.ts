// Compares the UI with its kept pictures, or with --update draws them anew: `npm run ui:pictures -- --update`.
import { startBrowser } from "../test/support/browser.ts";
import {
  differenceOf,
  keepPicture,
  keepVersion,
  PICTURE_LIST,
  pictureName,
  TOLERANCE,
  takePicture,
} from "../test/support/pictures.ts";
import { startSeededHouse } from "../test/support/seed.ts";
import { readyUi } from "../test/support/ui-build.ts";

const isUpdate = process.argv.includes("--update");
await readyUi();
const browser = await startBrowser();
const house = await startSeededHouse();
try {
  for (const of of PICTURE_LIST) {
    const taken = await takePicture(browser, house.gateway.url, of);
    const apart = differenceOf(of, taken);
    // what differs by less than the tolerance stays as it is: the history of the repository need not grow
    if (isUpdate && apart > TOLERANCE) keepPicture(of, taken);
    if (!isUpdate && apart > TOLERANCE) process.exitCode = 1;
    console.log(
      `${apart <= TOLERANCE ? "same " : isUpdate ? "kept " : "OTHER"} ${pictureName(of)}: ${(apart * 100).toFixed(2)} %`,
    );
  }
  if (isUpdate) keepVersion(browser.version());
} finally {
  await browser.close();
  await house.close();
}

// The built UI that tests look at: built anew where its sources are younger.
import path from "node:path";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** The folder of the built UI. */
export const UI_FOLDER = path.join(root, "dist/ui");

/** Before a gateway is started for a browser. */
export async function readyUi(): Promise<void> {
  if (!isFresh(root, UI_FOLDER)) await buildUi(root, UI_FOLDER, { development: false });
}

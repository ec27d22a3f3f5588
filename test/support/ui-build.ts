// The web UI as the tests need it: built from the sources as they are now.
import path from "node:path";
import { buildUi } from "../../scripts/ui/build.ts";
import { isFresh } from "../../scripts/ui/freshness.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Where the gateway of a checkout reads it. */
export const uiFolder = path.join(root, "dist/ui");

/** Builds it when it is missing or older than its sources. With UI_STAND_INS=1 a page that does not build takes no other with it. */
export async function ensureUi(): Promise<void> {
  if (!isFresh(root, uiFolder)) await buildUi(root, uiFolder, { development: false });
}

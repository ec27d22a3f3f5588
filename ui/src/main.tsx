// The start of the UI in the browser.
import { render } from "preact";
import { startKeys } from "./lib/keys.ts";
import { place, startRouter } from "./lib/router.ts";
import { loadPage } from "./shell/load-page.ts";
import { findPage } from "./shell/pages.ts";
import { Shell } from "./shell/shell.tsx";

const found = findPage(place.peek().path);
const first = found === null ? null : loadPage(found.page);
startRouter((path) => findPage(path) !== null);
startKeys();
const app = document.getElementById("app");
if (app !== null) {
  // the frame that was seen while this came
  app.replaceChildren();
  render(<Shell />, app);
  // the page is on its way already: the shell draws it as soon as it is here
  void first;
}

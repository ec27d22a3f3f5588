// The addresses of the web UI: one shell, unchangeable files, and the plain page where there is no UI.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { callRoute, testHouse } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";
import { uiFiles } from "./ui-files.ts";
import { uiRoutes } from "./ui-routes.ts";

const folder = mkdtempSync(path.join(tmpdir(), "ui-files-"));
mkdirSync(path.join(folder, "assets"));
writeFileSync(path.join(folder, "index.html"), "<!doctype html><title>shell</title>");
writeFileSync(path.join(folder, "assets/main-1.js"), "start()");
writeFileSync(path.join(folder, "assets/main-1.js.br"), "smaller");
writeFileSync(path.join(folder, "manifest.json"), JSON.stringify({ pages: { requests: ["assets/page-2.js"] } }));
after(() => rmSync(folder, { recursive: true }));

const html = { accept: "text/html,*/*", "accept-encoding": "gzip, br" };

function routes(places: readonly string[] = [folder], house = testHouse()) {
  const router = createRouter(uiRoutes(house, uiFiles(places)));
  return (target: string, headers: Record<string, string> = html) => callRoute(router, "GET", target, { headers });
}

test("all pages and what is below them begin with the shell, which names the script of the page", async () => {
  const ask = routes();
  for (const target of ["/", "/requests", "/requests/abc", "/settings/a/b/c"]) {
    const { status, text, headers } = await ask(target);
    assert.equal(status, 200);
    assert.match(text, /shell/);
    assert.match(headers["content-security-policy"] ?? "", /default-src 'self'/);
  }
  assert.equal((await ask("/requests/abc")).headers["link"], "</assets/page-2.js>; rel=modulepreload");
});

test("a shell that the browser has is not sent again", async () => {
  const ask = routes();
  const { headers } = await ask("/usage");
  assert.equal((await ask("/usage", { ...html, "if-none-match": headers["etag"] ?? "" })).status, 304);
});

test("files never change, and come in brotli to who takes it", async () => {
  const ask = routes();
  const small = await ask("/assets/main-1.js");
  assert.deepEqual([small.headers["content-encoding"], small.text], ["br", "smaller"]);
  assert.match(small.headers["cache-control"] ?? "", /immutable/);
  for (const encoding of ["identity", "gzip", "br;q=0", ""])
    assert.equal((await ask("/assets/main-1.js", { "accept-encoding": encoding })).text, "start()", encoding);
  assert.equal((await ask("/assets/other.js")).status, 404);
  assert.equal((await ask("/assets/..%2Findex.html")).status, 404);
});

test("who asks for no page, and who has no UI, gets the plain page", async () => {
  assert.match((await routes()("/", { accept: "*/*" })).text, /What runs/);
  assert.match((await routes()("/ui/plain")).text, /What runs/);
  const { text } = await routes([path.join(folder, "nowhere")])("/requests");
  assert.match(text, /What runs/);
  assert.match(text, /npm run ui:build/);
});

test("a UI that is switched off is not there, and says so", async () => {
  const house = testHouse();
  const facts = house.facts();
  const off = { ...house, facts: () => ({ ...facts, ui: false }) };
  const ask = routes([folder], off as typeof house);
  for (const target of ["/requests", "/assets/main-1.js"]) {
    const { status, text } = await ask(target);
    assert.equal(status, 404);
    assert.match(text, /switched off/);
  }
  assert.match((await ask("/")).text, /What runs/);
});

test("another build is seen without a new start", async () => {
  const own = mkdtempSync(path.join(tmpdir(), "ui-files-"));
  mkdirSync(path.join(own, "assets"));
  const ask = routes([own]);
  assert.match((await ask("/")).text, /What runs/);
  writeFileSync(path.join(own, "index.html"), "second");
  writeFileSync(path.join(own, "manifest.json"), JSON.stringify({ pages: {} }));
  assert.equal((await ask("/")).text, "second");
  rmSync(own, { recursive: true });
});

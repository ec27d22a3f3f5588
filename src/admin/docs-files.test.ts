// Tests of serving the documentation.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { docsRoutes } from "./docs-files.ts";
import { callRoute } from "./fixtures/house.ts";
import { createRouter } from "./router.ts";

const folder = mkdtempSync(path.join(tmpdir(), "docs-"));
writeFileSync(path.join(folder, "0"), brotliCompressSync("<h1>Docs</h1>"));
writeFileSync(path.join(folder, "1.md"), brotliCompressSync("# Running"));
const manifest = {
  "/docs": { file: "0", etag: "e0", compressed: true },
  "/docs/running.md": { file: "1.md", etag: "e1", compressed: true },
};
writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(manifest));
const router = createRouter(docsRoutes([folder]));

test("a page is given as it is, or compressed to whoever takes that", async () => {
  const plain = await callRoute(router, "GET", "/docs");
  assert.equal(plain.status, 200);
  assert.equal(plain.text, "<h1>Docs</h1>");
  const markdown = await callRoute(router, "GET", "/docs/running.md");
  assert.equal(markdown.text, "# Running");
  const compressed = await router({
    ...request("/docs"),
    headers: new Map([["accept-encoding", "gzip, br"]]),
  } as never);
  assert.ok(compressed.headers.some(([name, value]) => name === "content-encoding" && value === "br"));
});

test("whoever has the page already is told so", async () => {
  const answer = await router({ ...request("/docs"), headers: new Map([["if-none-match", '"e0"']]) } as never);
  assert.equal(answer.status, 304);
});

test("an unknown page is told with the nearest one, a missing build with the remedy", async () => {
  const unknown = await callRoute(router, "GET", "/docs/runing.md");
  assert.equal(unknown.status, 404);
  assert.match(unknown.text, /did you mean \/docs\/running\.md/);
  const missing = await callRoute(createRouter(docsRoutes([path.join(folder, "nowhere")])), "GET", "/docs");
  assert.equal(missing.status, 404);
  assert.match(missing.text, /npm run ui:build/);
});

function request(address: string): object {
  return {
    method: "GET",
    path: address,
    query: "",
    peer: { address: "127.0.0.1", loopback: true, secure: false },
    body: new Uint8Array(),
  };
}

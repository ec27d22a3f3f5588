// Tests of the documentation as it is built: every route is described, links lead somewhere, markup of texts stays text.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { generatedPages } from "./generated-pages.ts";
import { LOOP_ROUTES, openApi, routeNames } from "./openapi.ts";
import { OPERATIONS } from "./operations.ts";
import { docPages } from "./pages.ts";
import { linkResolver, renderMarkdown } from "./render.ts";

const root = path.resolve(import.meta.dirname, "../..");
const pages = docPages(root, generatedPages());
/** For those who work on the gateway: no pages of its documentation. */
const ELSEWHERE = new Set([
  "CONTRIBUTING.md",
  "ui/README.md",
  "../ui/README.md",
  "../scripts/prices/differences.generated.md",
]);
const names = new Set(pages.map(({ name }) => name));

test("every route that the gateway answers is described, and nothing else is", () => {
  const routes = [...LOOP_ROUTES, ...routeNames()].toSorted();
  assert.deepEqual(Object.keys(OPERATIONS).toSorted(), routes);
  assert.ok(routes.length > 100);
});

test("the description of the API refers only to shapes that it has, and names each operation once", () => {
  const text = JSON.stringify(openApi("1.2.3"));
  const { components, paths } = JSON.parse(text) as {
    components: { schemas: object };
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = ""]) => ref);
  assert.ok(refs.length > 20);
  for (const ref of refs) assert.ok(Object.hasOwn(components.schemas, ref.replace("#/components/schemas/", "")), ref);
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  assert.equal(new Set(ids).size, ids.length);
});

test("links between pages lead to pages and headings that are there", () => {
  const anchors = new Map(
    pages.map(({ name, markdown }) => [
      name,
      new Set(renderMarkdown(markdown, () => null).headings.map(({ id }) => id)),
    ]),
  );
  const broken: string[] = [];
  for (const { name, markdown } of pages) {
    const resolve = linkResolver(name, names);
    renderMarkdown(markdown, (href) => {
      const target = resolve(href);
      const [page = "", anchor] = (target ?? "").replace("/docs/", "").split("#");
      const own = page === "" ? name : page;
      const isInside = target !== null && !target.startsWith("http");
      if (isInside && anchor !== undefined && !anchors.get(own)?.has(anchor)) broken.push(`${name}: ${href}`);
      if (target === null && /\.md(#|$)/.test(href) && !ELSEWHERE.has(href)) broken.push(`${name}: ${href}`);
      return target;
    });
  }
  assert.deepEqual(broken, []);
});

test("markup within a text is shown, not obeyed", () => {
  const { html } = renderMarkdown("a <img src=x onerror=alert(1)> b\n\n<script>alert(1)</script>\n\n`<b>`", () => null);
  assert.ok(!/<(img|script|b)[ >]/.test(html), html);
  assert.match(html, /&lt;script&gt;/);
});

test("headings of the same words get anchors of their own", () => {
  const { headings } = renderMarkdown("# A `b` c\n\n## Limits\n\n## Limits\n", () => null);
  assert.deepEqual(
    headings.map(({ id }) => id),
    ["a-b-c", "limits", "limits-1"],
  );
});

test("each page has a title, a group and a first sentence", () => {
  assert.ok(names.has("running") && names.has("errors") && names.has("metrics") && names.has("readme"));
  for (const { name, title, summary, group } of pages) assert.ok(title !== "" && summary !== "" && group !== "", name);
});

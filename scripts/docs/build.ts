// Builds the documentation that the gateway serves: pages, their Markdown, the index for programs, the API's description and the schema.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync } from "node:zlib";
import { schemaText } from "../build-schema.ts";
import { apiPage } from "./api-page.ts";
import { generatedPages } from "./generated-pages.ts";
import { openApi } from "./openapi.ts";
import { type DocPage, docPages } from "./pages.ts";
import { escapeHtml, type Heading, linkResolver, renderMarkdown } from "./render.ts";
import { type DocAssets, frame } from "./template.ts";

/** Address → text. */
type Files = Map<string, string | Uint8Array>;

/** Writes into `out` what stands at each address, and `manifest.json` with all addresses. False: there is no bundler here. */
export async function buildDocs(root: string, out: string): Promise<boolean> {
  const files: Files = new Map();
  const assets = await bundle(root, files);
  if (assets === null) return false;
  const pages = docPages(root, generatedPages());
  addPages(files, pages, assets);
  addForPrograms(files, pages);
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
  const description = openApi(version);
  files.set("/openapi.json", `${JSON.stringify(description, null, 1)}\n`);
  files.set("/config.schema.json", schemaText());
  const api = apiPage(description);
  const options = { title: "API", address: "/docs/api", pages, headings: api.headings, assets, markdown: null };
  files.set("/docs/api", frame(api.html, options));
  write(out, files);
  return true;
}

async function bundle(root: string, files: Files): Promise<DocAssets | null> {
  const esbuild = await import("esbuild").catch(() => null);
  if (esbuild === null) return null;
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { theme: "ui/src/theme-first.ts", docs: "ui/src/docs/docs.css", search: "ui/src/docs/browser.ts" },
    outdir: "/out",
    bundle: true,
    format: "iife",
    loader: { ".woff2": "file" },
    entryNames: "docs/assets/[name]-[hash]",
    assetNames: "docs/assets/[name]-[hash]",
    publicPath: "/",
    minify: true,
    write: false,
    legalComments: "none",
    logLevel: "warning",
  });
  for (const { path: file, contents } of outputFiles) files.set(slashed(file), contents);
  const find = (start: string): string =>
    [...files.keys()].find((name) => name.startsWith(`/docs/assets/${start}-`)) ?? "";
  return { style: find("docs"), theme: find("theme"), script: find("search") };
}

function slashed(file: string): string {
  return `/${path.relative("/out", file).replaceAll(path.sep, "/")}`;
}

function addPages(files: Files, pages: readonly DocPage[], assets: DocAssets): void {
  const names = new Set(pages.map(({ name }) => name));
  const found: { title: string; address: string; page: string }[] = [];
  for (const page of pages) {
    const address = `/docs/${page.name}`;
    const { html, headings } = renderMarkdown(page.markdown, linkResolver(page.name, names));
    files.set(address, frame(html, { title: page.title, address, pages, headings, assets, markdown: `${address}.md` }));
    files.set(`${address}.md`, page.markdown);
    found.push(...searchEntries(page, address, headings));
  }
  found.push({ title: "API", address: "/docs/api", page: "API" });
  files.set("/docs/search.json", JSON.stringify(found));
  const options = { title: "Documentation", address: "/docs", pages, headings: [], assets, markdown: null };
  files.set("/docs", frame(startPage(pages), options));
}

function searchEntries(page: DocPage, address: string, headings: readonly Heading[]) {
  return headings.map(({ level, id, text }) => ({
    title: text,
    address: level === 1 ? address : `${address}#${id}`,
    page: page.title,
  }));
}

function startPage(pages: readonly DocPage[]): string {
  const groups = [...new Set(pages.map(({ group }) => group))];
  const lists = groups.map((group) => {
    const own = pages.filter((page) => page.group === group);
    const items = own.map(
      ({ name, title, summary }) =>
        `<li><a href="/docs/${name}">${escapeHtml(title)}</a><br><span class="soft">${escapeHtml(summary)}</span></li>`,
    );
    return `<h2>${group}</h2>\n<ul>${items.join("")}</ul>`;
  });
  return `<h1>Documentation</h1>
<p>Of this version of the gateway, served by itself. For programs: <a href="/llms.txt">llms.txt</a>,
<a href="/openapi.json">openapi.json</a>, <a href="/config.schema.json">config.schema.json</a>; each page is there as
Markdown under its address with <code>.md</code>. Every route stands in the <a href="/docs/api">reference of the API</a>.</p>
${lists.join("\n")}`;
}

/** A list of the pages, and all their texts. */
function addForPrograms(files: Files, pages: readonly DocPage[]): void {
  const groups = [...new Set(pages.map(({ group }) => group))];
  const lists = groups.map((group) => {
    const own = pages.filter((page) => page.group === group);
    return `## ${group}\n\n${own.map(({ name, title, summary }) => `- [${title}](/docs/${name}.md): ${summary}`).join("\n")}`;
  });
  const head = `# Drawbridge

> An LLM gateway: one OpenAI-compatible URL in front of every model, with routing, failover, budgets and a record of every
> decision.

- [openapi.json](/openapi.json): every route of this gateway
- [config.schema.json](/config.schema.json): the schema of config.json`;
  files.set("/llms.txt", `${head}\n\n${lists.join("\n\n")}\n`);
  files.set("/llms-full.txt", `${head}\n\n${pages.map(({ markdown }) => markdown.trim()).join("\n\n---\n\n")}\n`);
}

/** Files are numbered: an address may be the beginning of another. */
function write(out: string, files: Files): void {
  const stage = `${out}.new-${process.pid}`;
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  const manifest: Record<string, { file: string; etag: string; compressed: boolean }> = {};
  for (const [index, [address, content]] of [...files].entries()) {
    const bytes = Buffer.from(content as Uint8Array);
    const file = `${index}${path.extname(address)}`;
    const compressed = !address.endsWith(".woff2");
    writeFileSync(path.join(stage, file), compressed ? brotliCompressSync(bytes) : bytes);
    manifest[address] = { file, etag: createHash("sha256").update(bytes).digest("base64url").slice(0, 22), compressed };
  }
  writeFileSync(path.join(stage, "manifest.json"), JSON.stringify(manifest));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(path.dirname(out), { recursive: true });
  renameSync(stage, out);
}

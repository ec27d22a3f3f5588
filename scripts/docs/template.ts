// The frame around every page of the documentation: head, list of pages, contents, and what stands in the middle.
import type { DocPage } from "./pages.ts";
import { escapeHtml, type Heading } from "./render.ts";

/** Where the built style and scripts are found. */
export interface DocAssets {
  readonly style: string;
  readonly theme: string;
  readonly script: string;
}

export interface FrameOptions {
  readonly title: string;
  /** The address of this page, `/docs/running`. */
  readonly address: string;
  readonly pages: readonly DocPage[];
  readonly headings: readonly Heading[];
  readonly assets: DocAssets;
  /** Address of the same page as Markdown; null: there is none. */
  readonly markdown: string | null;
}

/** A whole HTML page; `body` is HTML already. Nothing in it is inline, as the policy of the gateway's pages wants it. */
export function frame(body: string, options: FrameOptions): string {
  const { title, address, pages, headings, assets, markdown } = options;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Drawbridge</title>
<link rel="icon" href="/favicon.ico" type="image/svg+xml">
<script src="${assets.theme}"></script>
<link rel="stylesheet" href="${assets.style}">
<script type="module" src="${assets.script}"></script>
${markdown === null ? "" : `<link rel="alternate" type="text/markdown" href="${markdown}">`}
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="top"><a class="home" href="/">Drawbridge</a><a href="/docs">Documentation</a><a href="/docs/api">API</a><span class="grow"></span>${
    markdown === null ? "" : `<a class="soft" href="${markdown}">Markdown</a>`
  }</header>
<div class="columns">
<nav class="pages" aria-label="Pages">
<label class="search"><span class="hidden">Search the documentation</span><input type="search" placeholder="Search" autocomplete="off" data-search></label>
<ul class="found" data-found hidden></ul>
${pageList(pages, address)}
</nav>
<main id="content" tabindex="-1">
${body}
</main>
${contents(headings)}
</div>
</body>
</html>
`;
}

function pageList(pages: readonly DocPage[], address: string): string {
  const groups = [...new Set(pages.map((page) => page.group))];
  const item = ({ name, title }: DocPage): string => {
    const here = `/docs/${name}` === address ? ' aria-current="page"' : "";
    return `<li><a href="/docs/${name}"${here}>${escapeHtml(title)}</a></li>`;
  };
  return groups
    .map((group) => {
      const own = pages.filter((page) => page.group === group);
      const isOpen = group !== "Decisions" || own.some(({ name }) => `/docs/${name}` === address);
      return `<details${isOpen ? " open" : ""}><summary>${group}</summary><ul>${own.map(item).join("")}</ul></details>`;
    })
    .join("\n");
}

function contents(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level === 2 || level === 3);
  if (shown.length < 3) return '<aside class="contents"></aside>';
  const items = shown.map(
    ({ level, id, text }) => `<li class="l${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `<aside class="contents"><nav aria-label="On this page"><p>On this page</p><ul>${items.join("")}</ul></nav></aside>`;
}

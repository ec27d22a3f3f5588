// Turns a page's Markdown into HTML: no markup of the text's own, links between pages, an anchor at every heading.
import { Marked, type Tokens } from "marked";

export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

export interface RenderedText {
  readonly html: string;
  readonly headings: readonly Heading[];
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that stands in HTML as text. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter] as string);
}

/** As GitHub makes them, so that links to `page.md#heading` hold in both places. */
export function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}

/** `resolve` gives a link of the text its address; null: it leads to nothing that is here, and only its words stay. */
export function renderMarkdown(markdown: string, resolve: (href: string) => string | null): RenderedText {
  const headings: Heading[] = [];
  const seen = new Map<string, number>();
  const tables = new Map<string, number>();
  /** Each its own, by the heading that it stands under. */
  const nameOfTable = (): string => {
    const name = `Table: ${headings.at(-1)?.text ?? "start"}`;
    const nth = (tables.get(name) ?? 0) + 1;
    tables.set(name, nth);
    return nth === 1 ? name : `${name}, ${nth}`;
  };
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      html: ({ text }: Tokens.HTML | Tokens.Tag) => (text.startsWith("<!--") ? "" : escapeHtml(text)),
      image: ({ text }: Tokens.Image) => escapeHtml(text),
      heading({ tokens, depth }: Tokens.Heading): string {
        const inner = this.parser.parseInline(tokens);
        const text = tokens
          .map((token) => ("text" in token ? String(token.text) : token.raw))
          .join("")
          .replaceAll("`", "");
        const anchor = anchorOf(text);
        const nth = seen.get(anchor) ?? 0;
        seen.set(anchor, nth + 1);
        const id = nth === 0 ? anchor : `${anchor}-${nth}`;
        headings.push({ level: depth, id, text });
        return `<h${depth} id="${id}">${inner}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        const inner = this.parser.parseInline(tokens);
        const target = resolve(href);
        return target === null ? inner : `<a href="${escapeHtml(target)}">${inner}</a>`;
      },
      code: ({ text, lang }: Tokens.Code) =>
        `<pre tabindex="0"${lang === undefined || lang === "" ? "" : ` data-lang="${escapeHtml(lang)}"`}><code>${escapeHtml(text)}</code></pre>\n`,
      table({ header, rows }: Tokens.Table): string {
        const cells = (row: readonly Tokens.TableCell[], tag: string): string =>
          row
            .map(
              (cell) => `<${tag}${tag === "th" ? ' scope="col"' : ""}>${this.parser.parseInline(cell.tokens)}</${tag}>`,
            )
            .join("");
        const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
        return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(nameOfTable())}"><table><thead><tr>${cells(header, "th")}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { html, headings };
}

/** Gives links their addresses below /docs. `names`: the pages that there are. */
export function linkResolver(page: string, names: ReadonlySet<string>): (href: string) => string | null {
  const folder =
    page === "examples" ? "../examples/" : page === "readme" ? "../" : page.includes("/") ? "decisions/" : "";
  return (href) => {
    if (/^https?:\/\//.test(href) || href.startsWith("#")) return href;
    const [file = "", anchor] = href.split("#");
    const { pathname } = new URL(`${folder}${file}`, "http://docs/root/docs/");
    const name = nameOf(pathname);
    if (name === null || !names.has(name)) return null;
    return `/docs/${name}${anchor === undefined ? "" : `#${anchor}`}`;
  };
}

/** The page that a file of the checkout is. */
function nameOf(pathname: string): string | null {
  if (pathname === "/root/README.md") return "readme";
  if (pathname === "/root/examples/README.md" || pathname === "/root/examples/") return "examples";
  return /^\/root\/docs\/(.+)\.md$/.exec(pathname)?.[1] ?? null;
}

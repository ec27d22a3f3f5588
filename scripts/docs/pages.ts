// Which pages the documentation has, in which order, and what each says of itself in one sentence.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export interface DocPage {
  /** Its address below /docs: `running`, `decisions/2026-11-23-bare-models`. */
  readonly name: string;
  readonly title: string;
  /** The first sentence of its text, as plain words. */
  readonly summary: string;
  readonly group: string;
  readonly markdown: string;
}

interface Group {
  readonly title: string;
  readonly names: readonly string[];
}

/** In reading order; what is named in none of them stands in the last. */
const GROUPS: readonly Group[] = [
  { title: "Start", names: ["readme", "running", "examples", "compared-with-bifrost"] },
  {
    title: "Guides",
    names: [
      "failing-over",
      "routing-rules",
      "costs",
      "prices",
      "recorded-content",
      "live",
      "security",
      "secrets",
      "money",
    ],
  },
  { title: "Concepts", names: ["life-of-a-request", "admission", "performance"] },
  { title: "Reference", names: ["configuration", "management-api", "logs", "errors", "metrics"] },
];
const REST = "More";
const DECISIONS = "Decisions";

/** Every page of the checkout at `root`, with the generated ones in `made`. */
export function docPages(root: string, made: ReadonlyMap<string, string>): DocPage[] {
  const texts = new Map<string, string>(made);
  texts.set("readme", readFileSync(path.join(root, "README.md"), "utf8"));
  texts.set("examples", readFileSync(path.join(root, "examples/README.md"), "utf8"));
  for (const name of markdownIn(path.join(root, "docs"))) texts.set(name, read(root, name));
  for (const name of markdownIn(path.join(root, "docs/decisions")))
    texts.set(`decisions/${name}`, read(root, `decisions/${name}`));
  const named = GROUPS.flatMap(({ title, names }) =>
    names.filter((name) => texts.has(name)).map((name) => [title, name] as const),
  );
  const known = new Set(named.map(([, name]) => name));
  const others = [...texts.keys()].filter((name) => !known.has(name)).toSorted();
  const rest = others.map((name) => [name.startsWith("decisions/") ? DECISIONS : REST, name] as const);
  const ordered = [
    ...named,
    ...rest.filter(([group]) => group === REST),
    ...rest.filter(([group]) => group === DECISIONS),
  ];
  return ordered.map(([group, name]) => pageOf(group, name, texts.get(name) as string));
}

function markdownIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -3));
}

function read(root: string, name: string): string {
  return readFileSync(path.join(root, "docs", `${name}.md`), "utf8");
}

function pageOf(group: string, name: string, markdown: string): DocPage {
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? name;
  return { name, title: plain(title), summary: summaryOf(markdown), group, markdown };
}

/** The first paragraph's first sentence. */
function summaryOf(markdown: string): string {
  const paragraph = markdown
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .find((part) => /^[A-Za-z*`"[]/.test(part) && !part.startsWith("```"));
  const text = plain((paragraph ?? "").replaceAll("\n", " "));
  return /^.*?[.:!?](?= |$)/.exec(text)?.[0] ?? text;
}

function plain(text: string): string {
  return text
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*`]/g, "")
    .trim();
}

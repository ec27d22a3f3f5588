// The look of the built-in page, and the headers under which a browser may show it.
import { createHash } from "node:crypto";

export const STYLE = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6675; --line: #d9dee5; --card: #ffffff; --ground: #f4f6f8; --mark: #1f6f5c; --bad: #a8321f; --code: #eef1f4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #2c3642; --card: #171d25; --ground: #0f141a; --mark: #5cc8a8; --bad: #f0836c; --code: #10161d } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
header { display: flex; align-items: center; gap: .9rem }
header svg { width: 2.5rem; height: 2.5rem; color: var(--mark); flex: none }
h1 { font-size: 1.6rem; margin: 0; line-height: 1.2 }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .7rem }
p { margin: .4rem 0 }
a { color: var(--mark) }
.soft { color: var(--soft) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; overflow-x: auto }
.card + .card { margin-top: .8rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.2rem; margin: 0 }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .88rem }
th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
tr:last-child td { border-bottom: 0 }
code, pre { font: .88rem/1.5 ui-monospace, monospace }
pre { margin: 0; white-space: pre; overflow-x: auto; background: var(--code); border-radius: .4rem; padding: .8rem .9rem }
summary { cursor: pointer; font-weight: 600 }
details[open] summary { margin-bottom: .7rem }
nav { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem }
.good { color: var(--mark) }
.bad { color: var(--bad) }
ul { margin: 0; padding-left: 1.1rem }
li { overflow-wrap: anywhere; white-space: pre-wrap }
`;

/** A bridge with its leaf raised, as an icon without colours of its own. */
export const MARK = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M3 26h7M22 26h7M6 26V9M26 26V9M10 24l9-12M6 9l13 3M3 9h6M23 9h6"/></svg>`;

/** The same as a file. */
export const ICON = MARK.replaceAll("currentColor", "#1f6f5c");

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Nothing from elsewhere, no script at all, and only the style of this file. */
export const PAGE_HEADERS: readonly (readonly [string, string])[] = [
  ["content-type", "text/html; charset=utf-8"],
  ["cache-control", "no-store"],
  [
    "content-security-policy",
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  ],
];

// The small pages for whoever may not see the others yet: log in, or set the first admin password by the setup link.
import { createHash } from "node:crypto";
import type { Caller } from "../core/login.ts";
import type { PlaneAnswer } from "../lib/channel/bridge-responder.ts";
import { type Html, html } from "./html.ts";
import { MARK, STYLE } from "./page-style.ts";

const FORM_STYLE = `${STYLE}
form { display: grid; gap: .9rem; max-width: 24rem }
label { display: grid; gap: .25rem }
input, button { font: inherit; padding: .5rem .6rem; border-radius: .4rem; border: 1px solid var(--line); background: var(--ground); color: var(--ink) }
button { background: var(--mark); border-color: var(--mark); color: var(--card); cursor: pointer; font-weight: 600 }
[role=alert] { color: var(--bad); min-height: 1.5em; margin: 0 }
`;

/** Sends the form as JSON. The token of a setup link stands behind the #, which browsers send to nobody. */
const SCRIPT = `
const form = document.querySelector("form"), told = document.querySelector("[role=alert]");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token && form?.elements.setup_token) {
  form.elements.setup_token.value = token;
  history.replaceState(null, "", location.pathname);
}
// back to where the reader was: never to another site
const asked = new URLSearchParams(location.search).get("return") ?? "";
const here = ["/login", "/setup"].includes(location.pathname) ? "/" : location.pathname + location.search;
const isOurs = asked.startsWith("/") && new URL(asked, location.href).origin === location.origin;
const next = isOurs ? asked : here;
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  told.textContent = "";
  const { setup_token, again, ...body } = Object.fromEntries(new FormData(form));
  if (again !== undefined && again !== body.password) {
    told.textContent = "The two passwords differ.";
    return;
  }
  const headers = { "content-type": "application/json" };
  if (setup_token) headers["x-bifrost-setup-token"] = setup_token.trim();
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", headers, body: JSON.stringify(body) });
    if (answer.ok) location.assign(next);
    else told.textContent = (await answer.json()).error.message;
  } catch {
    told.textContent = "The gateway does not answer.";
  }
});
`;

const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64");
const HEADERS: readonly (readonly [string, string])[] = [
  ["content-type", "text/html; charset=utf-8"],
  ["cache-control", "no-store"],
  [
    "content-security-policy",
    `default-src 'none'; style-src 'sha256-${hashOf(FORM_STYLE)}'; script-src 'sha256-${hashOf(SCRIPT)}'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  ],
];

/** What is shown at a page's address to a caller who may not see it. */
export function closedPage(caller: Caller): PlaneAnswer {
  switch (caller) {
    case "stranger":
      return loginPage();
    case "unset":
      return setupPage();
    default:
      return answer(
        "Only from its own machine",
        html`<p>No admin password is set, so the pages of this gateway are shown on its own machine alone: open http://localhost there, or come through an SSH tunnel.</p>
<p>Calls for models are not affected.</p>`,
      );
  }
}

function loginPage(): PlaneAnswer {
  return answer(
    "Log in",
    html`<form action="/api/session/login">
<label>User name <input name="username" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
<p role="alert"></p>
</form>`,
  );
}

/** Sets the first admin password; the setup link of the start text leads here. */
export function setupPage(): PlaneAnswer {
  return answer(
    "Set the admin password",
    html`<p>Until then the management API answers this machine's own callers and the setup token alone.</p>
<form action="/api/session/setup">
<label>Setup token, from the gateway's start text <input name="setup_token" type="password" autocomplete="off"></label>
<label>User name <input name="username" autocomplete="username" value="admin" required></label>
<label>New password, at least 8 characters <input name="password" type="password" autocomplete="new-password" minlength="8" required></label>
<label>The same again <input name="again" type="password" autocomplete="new-password" minlength="8" required></label>
<button>Set it and log in</button>
<p role="alert"></p>
</form>`,
  );
}

function answer(title: string, content: Html): PlaneAnswer {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drawbridge: ${title}</title>
<link rel="icon" href="/favicon.ico" type="image/svg+xml">
<style>${{ html: FORM_STYLE }}</style>
</head>
<body>
<main>
<header>${{ html: MARK }}<div><h1>Drawbridge</h1><p class="soft">${title}</p></div></header>
<h2>${title}</h2>
<div class="card">${content}</div>
</main>
<script>${{ html: SCRIPT }}</script>
</body>
</html>
`;
  return { status: 200, headers: HEADERS, body: page.html };
}

// The plain page for whoever opens the gateway in a browser: what runs, which providers, how to call it.
import type { StateView } from "../core/decision.ts";
import type { Provider, ProviderKey } from "../core/snapshot.ts";
import type { PlaneAnswer, PlaneRequest } from "../lib/channel/bridge-responder.ts";
import type { AdminHouse, KnownConfiguration, StoreFacts } from "./house.ts";
import { type Html, html } from "./html.ts";
import type { LimitList } from "./limits.ts";
import { exampleModel, snippets } from "./page-snippets.ts";
import { ICON, MARK, PAGE_HEADERS, STYLE } from "./page-style.ts";
import type { Route } from "./router.ts";

/** The page that needs no script and no build. `hint`: a sentence above it. */
export async function plainPage(request: PlaneRequest, house: AdminHouse, hint: string | null): Promise<PlaneAnswer> {
  const known = configurationOf(house);
  const view = known === null ? null : await house.state().catch(() => null);
  const keys = known === null ? null : await keyFacts(known);
  return { status: 200, headers: PAGE_HEADERS, body: page(request, house, { known, view, keys, hint }).html };
}

export function iconRoutes(): Route[] {
  return [
    {
      method: "GET",
      path: "/favicon.ico",
      demands: "open",
      handle: () => ({
        status: 200,
        headers: [
          ["content-type", "image/svg+xml"],
          ["cache-control", "max-age=86400"],
        ],
        body: ICON,
      }),
    },
  ];
}

function configurationOf(house: AdminHouse): KnownConfiguration | null {
  try {
    return house.configuration();
  } catch {
    return null;
  }
}

/** What is known of the virtual keys; null when the store cannot be asked now. */
interface KeyFacts {
  readonly count: number;
  readonly limits: LimitList;
}

async function keyFacts(known: KnownConfiguration): Promise<KeyFacts | null> {
  try {
    return { count: await known.virtualKeyCount(), limits: await known.limits() };
  } catch {
    return null;
  }
}

interface PageFacts {
  readonly known: KnownConfiguration | null;
  readonly view: StateView | null;
  readonly keys: KeyFacts | null;
  readonly hint: string | null;
}

function page(request: PlaneRequest, house: AdminHouse, { known, view, keys, hint }: PageFacts): Html {
  const facts = house.facts();
  const snapshot = known?.snapshot ?? null;
  const needsKey = snapshot?.settings.enforceVirtualKeys === true;
  const calls = snippets(baseOf(request, facts.host, facts.port), exampleModel(snapshot), needsKey);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drawbridge</title>
<link rel="icon" href="/favicon.ico" type="image/svg+xml">
<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
<header>${{ html: MARK }}<div><h1>Drawbridge</h1><p class="soft">The gateway is running. One URL in front of every model.</p></div></header>
${hint === null ? html`` : html`<p class="card">${hint}</p>`}
<h2>What runs</h2>
<div class="card"><dl>
<dt>Version</dt><dd>${facts.version}</dd>
<dt>Configuration</dt><dd>${configurationName(facts.configPath, request.peer.loopback)}</dd>
<dt>Virtual keys</dt><dd>${keys?.count ?? "not known"}${needsKey ? ", every call needs one" : ""}</dd>
<dt>Stores</dt><dd>${storeState(house.stores(), request.peer.loopback)}</dd>
<dt>Running since</dt><dd>${new Date(facts.startedAt).toISOString().slice(0, 19).replace("T", " ")} UTC</dd>
</dl></div>
<h2>Providers</h2>
<div class="card">${providerTable(snapshot === null ? [] : [...snapshot.providers.values()], view)}</div>
${limitTable(keys?.limits, request.peer.loopback)}
${warningList(known?.warnings ?? [], request.peer.loopback)}
<h2>Call it</h2>
${calls.map((call, index) => html`<details class="card"${{ html: index === 0 ? " open" : "" }}><summary>${call.title}</summary><pre><code>${call.text}</code></pre></details>`)}
<h2>Look inside</h2>
<div class="card"><nav><a href="/api/logs">Requests</a><a href="/metrics">Metrics</a><a href="/health">Health</a><a href="/v1/models">Models</a><a href="/api/version">Version</a></nav></div>
</main>
</body>
</html>
`;
}

/** The address as the reader reached it, or the one the gateway listens on. */
function baseOf(request: PlaneRequest, host: string, port: number): string {
  const named = request.headers.get("host") ?? "";
  const own = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const reached = /^[A-Za-z0-9.[\]:_-]{1,255}$/.test(named) ? named : own;
  return `${request.peer.secure ? "https" : "http"}://${reached}`;
}

/** What ails the stores, in the system's words: these hold paths, which are for those at this machine. */
function storeState({ config, log }: StoreFacts, isLocal: boolean): Html {
  const troubled = [
    { name: "configuration", health: config },
    { name: "request log", health: log },
  ].filter(({ health }) => health?.ok === false);
  if (troubled.length === 0) return html`<span class="good">written</span>`;
  const lines = troubled.map(
    ({ name, health }) =>
      html`<span class="bad">The ${name} cannot be written${isLocal ? `: ${health?.reason ?? ""}` : ""}.</span> `,
  );
  return html`${lines}Calls are served on, and writing goes on by itself.`;
}

function providerTable(providers: readonly Provider[], view: StateView | null): Html {
  if (providers.length === 0)
    return html`<p>None yet. Name providers in <code>config.json</code>, or set a variable such as <code>OPENAI_API_KEY</code>, and start again.</p>`;
  const rows = providers.map(
    (provider) =>
      html`<tr><td>${provider.name}</td><td class="soft">${provider.adapter.label}</td><td>${provider.entity.keyless ? "none needed" : provider.keys.length}</td><td>${stateOf(provider, view)}</td><td class="soft">${provider.entity.source}</td></tr>
`,
  );
  return html`<table><thead><tr><th>Name</th><th>Kind</th><th>Keys</th><th>State</th><th>From</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

function stateOf(provider: Provider, view: StateView | null): Html {
  const keys = provider.keys.filter((key) => key.enabled);
  if (keys.length === 0) return html`<span class="bad">no key is switched on</span>`;
  if (view === null) return html`<span class="soft">not known now</span>`;
  const troubled = keys.filter((key) => isTroubled(key, view));
  if (troubled.length === 0) return html`<span class="good">ready</span>`;
  const reasons = [...new Set(troubled.map((key) => view.keys.get(key.id)?.reason ?? ""))].join(", ");
  return html`<span class="bad">${troubled.length} of ${keys.length} keys: ${reasons}</span>`;
}

function isTroubled(key: ProviderKey, view: StateView): boolean {
  return (view.keys.get(key.id)?.reason ?? "") !== "";
}

/** Names of virtual keys may be their secrets: they are for those at this machine. */
function limitTable(limits: LimitList | undefined, isLocal: boolean): Html {
  if (limits === undefined || limits.lines.length === 0 || !isLocal) return html``;
  const rows = limits.lines.map(
    (line) => html`<tr><td>${line.owner}</td><td>${line.limit}</td></tr>
`,
  );
  const more = limits.more > 0 ? html`<p class="soft">and ${limits.more} more</p>` : html``;
  return html`<h2>Limits</h2>
<div class="card"><table><thead><tr><th>Virtual key</th><th>Limit</th></tr></thead><tbody>
${rows}</tbody></table>${more}</div>`;
}

/** Findings quote the file: they are for those at this machine. */
function warningList(warnings: readonly string[], isLocal: boolean): Html {
  if (warnings.length === 0 || !isLocal) return html``;
  return html`<h2>Findings in the configuration</h2>
<div class="card"><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}

/** Paths of this machine are for those at it. */
function configurationName(path: string | null, isLocal: boolean): string {
  if (path === null) return "no file: providers come from environment variables";
  return isLocal ? path : "a file on the gateway's machine";
}

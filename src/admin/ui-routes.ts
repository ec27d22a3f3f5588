// Answers the addresses of the web UI: one shell for all pages, and the files that it loads.
import { GatewayError } from "../core/errors.ts";
import type { Caller } from "../core/login.ts";
import { errorAnswer, type PlaneAnswer, type PlaneRequest } from "../lib/channel/bridge-responder.ts";
import type { AdminHouse } from "./house.ts";
import { closedPage, setupPage } from "./login-page.ts";
import { plainPage } from "./page.ts";
import type { Route } from "./router.ts";
import { type UiFile, type UiFiles, uiFiles } from "./ui-files.ts";

/** The pages besides `/`; each has addresses below it. server/routes.ts hands the same over. */
const PAGES = ["requests", "usage", "playground", "routing", "providers", "keys", "settings", "_parts"] as const;
/** So many segments may stand behind a page's own. */
const DEEPEST = 3;

/** Everything from here and nothing from elsewhere; pictures may stand in the text itself. */
const shellPolicy = (inline: readonly string[]): string =>
  `default-src 'self'; script-src 'self'${inline.map((hash) => ` '${hash}'`).join("")}; connect-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

export function uiRoutes(house: AdminHouse, files: UiFiles = uiFiles()): Route[] {
  const isOn = (): boolean => house.facts().ui;
  const page = (path: string, handle: Route["handle"]): Route => ({
    method: "GET",
    path,
    demands: "page",
    closed: (request: PlaneRequest, caller: Caller) =>
      (hasShell(request) && wayIn(request, caller)) || closedPage(caller),
    handle,
  });
  /** Pages for who is not in yet hold nothing of the gateway: everybody may load them. */
  const hasShell = (request: PlaneRequest): boolean => isOn() && wantsPage(request) && files.shell() !== null;
  const shell = (request: PlaneRequest): PlaneAnswer | Promise<PlaneAnswer> => {
    if (!isOn()) return switchedOff();
    const file = files.shell();
    return file === null
      ? plainPage(request, house, NOT_BUILT)
      : shellAnswer(request, file, { scripts: files.scripts(pageOf(request.path)), inline: files.inlineScripts() });
  };
  return [
    page("/", (request) => (isOn() && wantsPage(request) ? shell(request) : plainPage(request, house, null))),
    page("/ui/plain", (request) => plainPage(request, house, null)),
    ...PAGES.flatMap((name) => depths(`/${name}`).map((path) => page(path, shell))),
    open("/login", (request) =>
      house.login.mode === "login" && !hasShell(request) ? closedPage("stranger") : shell(request),
    ),
    open("/setup", (request) => {
      if (house.login.mode === "login") return (hasShell(request) && sendTo("/login")) || closedPage("stranger");
      return hasShell(request) ? shell(request) : setupPage();
    }),
    open("/assets/{file}", (request, { file = "" }) =>
      isOn() ? assetAnswer(request, files.asset(file)) : switchedOff(),
    ),
  ];
}

const open = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, demands: "open", handle });

const NOT_BUILT =
  "The web interface is not built here. In a checkout run npm run ui:build, or start with npm start, which does so.";

/** The path and the ones below it: `/keys`, `/keys/{a}`, … */
function depths(path: string): string[] {
  return Array.from({ length: DEEPEST + 1 }, (_, depth) => path + ["/{a}", "/{b}", "/{c}"].slice(0, depth).join(""));
}

/** Browsers name the type; curl and scripts take anything, and are better served with a page that needs no script. */
function wantsPage(request: PlaneRequest): boolean {
  return (request.headers.get("accept") ?? "").includes("text/html");
}

/** Where the one who may not see this page can become somebody who may; null: nowhere. */
function wayIn({ path, query }: PlaneRequest, caller: Caller): PlaneAnswer | null {
  if (caller === "unset") return sendTo("/setup");
  if (caller !== "stranger") return null;
  const asked = query.size === 0 ? path : `${path}?${query}`;
  return sendTo(asked === "/" ? "/login" : `/login?return=${encodeURIComponent(asked)}`);
}

/** A browser keeps what stands behind the # of the address that it asked for. */
function sendTo(location: string): PlaneAnswer {
  return {
    status: 303,
    headers: [
      ["location", location],
      ["cache-control", "no-store"],
    ],
    body: "",
  };
}

function switchedOff(): PlaneAnswer {
  return errorAnswer(
    new GatewayError(
      "not_found",
      "the web interface is switched off (-no-ui); the plain page is at / and the API at /api",
    ),
  );
}

/** The first segment names the page. */
function pageOf(path: string): string {
  return path.split("/", 2)[1] || "home";
}

interface ShellScripts {
  readonly scripts: readonly string[];
  readonly inline: readonly string[];
}

function shellAnswer(request: PlaneRequest, file: UiFile, { scripts, inline }: ShellScripts): PlaneAnswer {
  const headers: [string, string][] = [
    // the script of the page comes with the start, not after it
    ...scripts.map((script): [string, string] => ["link", `<${script}>; rel=modulepreload`]),
    ["content-security-policy", shellPolicy(inline)],
    ["cache-control", "no-cache"],
    ["vary", "accept-encoding, accept"],
    ["etag", file.etag],
  ];
  if (request.headers.get("if-none-match")?.includes(file.etag) === true) return { status: 304, headers, body: "" };
  return fileAnswer(request, file, headers);
}

/** Names change with the content, so a file never does. */
function assetAnswer(request: PlaneRequest, file: UiFile | null): PlaneAnswer {
  if (file === null)
    return errorAnswer(new GatewayError("not_found", "no such file of the web interface; load the page anew"));
  return fileAnswer(request, file, [
    ["cache-control", "public, max-age=31536000, immutable"],
    ["vary", "accept-encoding"],
  ]);
}

function fileAnswer(request: PlaneRequest, file: UiFile, headers: readonly (readonly [string, string])[]): PlaneAnswer {
  const type = ["content-type", file.type] as const;
  const isBrotli =
    file.brotli !== null &&
    /(^|[,\s])br(?!\s*;\s*q=0(\.0*)?\s*(,|$))\s*([,;]|$)/.test(request.headers.get("accept-encoding") ?? "");
  if (!isBrotli || file.brotli === null) return { status: 200, headers: [type, ...headers], body: file.bytes };
  return { status: 200, headers: [type, ["content-encoding", "br"], ...headers], body: file.brotli };
}

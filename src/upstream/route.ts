// Works out the way to an origin: host, port, and the proxy that stands in between, if any.
import type { OriginSettings, ProxySettings } from "../core/http.ts";
import { isDirect } from "./no-proxy.ts";

/** The environment of the process, or what a test puts in its place. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy to go through. */
export interface ProxyHop {
  readonly host: string;
  readonly port: number;
  /** TLS to the proxy itself. */
  readonly secure: boolean;
  /** Value of Proxy-Authorization, or null. */
  readonly authorization: string | null;
}

/** The way to one origin. */
export interface Route {
  readonly demo: boolean;
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the Host header: without the default port. */
  readonly authority: string;
  readonly proxy: ProxyHop | null;
}

/** The settings name no way; the message is for the process log. */
export class RouteError extends Error {
  readonly kind: "connect" | "proxy";
  constructor(kind: "connect" | "proxy", message: string) {
    super(message);
    this.name = "RouteError";
    this.kind = kind;
  }
}

const DEMO: Route = { demo: true, secure: false, host: "demo", port: 0, authority: "demo", proxy: null };

/** The route of these settings. Throws a RouteError when they make none. */
export function routeOf(settings: OriginSettings, environment: Environment): Route {
  if (settings.url === "demo:") return DEMO;
  const url = parseUrl(settings.url);
  if (url === null) throw new RouteError("connect", `not an http or https address: ${settings.url}`);
  const secure = url.protocol === "https:";
  const host = bareHost(url);
  const port = portOf(url);
  const proxy = proxyOf(settings.proxy, secure, host, port, environment);
  return { demo: false, secure, host, port, authority: url.host, proxy };
}

/** Host and port as CONNECT names them. */
export function tunnelTarget(route: Route): string {
  return route.host.includes(":") ? `[${route.host}]:${route.port}` : `${route.host}:${route.port}`;
}

function proxyOf(
  proxy: ProxySettings,
  secure: boolean,
  host: string,
  port: number,
  environment: Environment,
): ProxyHop | null {
  switch (proxy.type) {
    case "none":
      return null;
    case "http":
      if (!proxy.url) throw new RouteError("proxy", "the proxy settings have no url");
      return proxyHop(proxy.url, "the proxy's url", proxy.username, proxy.password);
    case "environment": {
      if (isDirect(host, port, first(environment, "NO_PROXY", "no_proxy")?.[1])) return null;
      const names = secure ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
      const found = first(environment, ...names, "ALL_PROXY", "all_proxy");
      return found === undefined ? null : proxyHop(found[1], found[0], undefined, undefined);
    }
  }
}

/** The first of these variables that is set and not empty, with its name. */
function first(environment: Environment, ...names: string[]): [string, string] | undefined {
  for (const name of names) {
    const value = environment[name]?.trim();
    if (value) return [name, value];
  }
  return undefined;
}

/** `source` names where the address came from: the address itself may hold a password. */
function proxyHop(text: string, source: string, username: string | undefined, password: string | undefined): ProxyHop {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  // SOCKS proxies will get their own hop here.
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    throw new RouteError("proxy", `${source} names a ${scheme} proxy; only http and https proxies are supported`);
  const url = parseUrl(scheme === undefined ? `http://${text}` : text);
  if (url === null) throw new RouteError("proxy", `${source} is not an address like http://host:port`);
  const user = username ?? decode(url.username);
  const secret = password ?? decode(url.password);
  const authorization =
    user === "" && secret === "" ? null : `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
  return { host: bareHost(url), port: portOf(url), secure: url.protocol === "https:", authorization };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url : null;
}

function bareHost(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

// Works out the way to an origin: host, port, and the proxy that stands in between, if any.
import type { OriginSettings, ProxySettings } from "../core/http.ts";
import { isDirect } from "./no-proxy.ts";
import { LONGEST_SOCKS_TEXT, type SocksLogin } from "./socks-handshake.ts";

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

/** A SOCKS 5 proxy to go through; it resolves the names. */
export interface SocksHop {
  readonly host: string;
  readonly port: number;
  readonly login: SocksLogin | null;
}

/** What stands in between: nothing, or one of both. */
interface Hops {
  readonly proxy: ProxyHop | null;
  readonly socks: SocksHop | null;
}

/** The way to one origin. */
export interface Route extends Hops {
  readonly demo: boolean;
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the Host header: without the default port. */
  readonly authority: string;
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

const DIRECT: Hops = { proxy: null, socks: null };
const DEMO: Route = { demo: true, secure: false, host: "demo", port: 0, authority: "demo", ...DIRECT };
const HTTP_SCHEMES: readonly string[] = ["http", "https"];
/** Both leave names to the proxy. */
const SOCKS_SCHEMES: readonly string[] = ["socks5", "socks5h"];
const SOCKS_PORT = 1080;

/** The route of these settings. Throws a RouteError when they make none. */
export function routeOf(settings: OriginSettings, environment: Environment): Route {
  if (settings.url === "demo:") return DEMO;
  const url = parseUrl(settings.url);
  if (url === null) throw new RouteError("connect", `not an http or https address: ${settings.url}`);
  const secure = url.protocol === "https:";
  const host = bareHost(url);
  const port = portOf(url);
  const hops = hopsOf(settings.proxy, secure, host, port, environment);
  return { demo: false, secure, host, port, authority: url.host, ...hops };
}

/** Host and port as CONNECT names them. */
export function tunnelTarget(route: Route): string {
  return route.host.includes(":") ? `[${route.host}]:${route.port}` : `${route.host}:${route.port}`;
}

function hopsOf(proxy: ProxySettings, secure: boolean, host: string, port: number, environment: Environment): Hops {
  switch (proxy.type) {
    case "none":
      return DIRECT;
    case "http":
    case "socks5":
      if (proxy.noProxy !== undefined && isDirect(host, port, proxy.noProxy)) return DIRECT;
      if (!proxy.url) throw new RouteError("proxy", "the proxy settings have no url");
      return parseHop(proxy.url, "the proxy's url", proxy);
    case "environment": {
      if (isDirect(host, port, first(environment, "NO_PROXY", "no_proxy")?.[1])) return DIRECT;
      const names = secure ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
      const found = first(environment, ...names, "ALL_PROXY", "all_proxy");
      return found === undefined ? DIRECT : parseHop(found[1], found[0], { type: "http" });
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
function parseHop(text: string, source: string, proxy: ProxySettings): Hops {
  const isSocks = proxy.type === "socks5";
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const full = scheme === undefined ? `${isSocks ? "socks5" : "http"}://${text}` : text;
  if (SOCKS_SCHEMES.includes(scheme ?? (isSocks ? "socks5" : "")))
    return { proxy: null, socks: socksHop(full, source, proxy) };
  if (isSocks || (scheme !== undefined && !HTTP_SCHEMES.includes(scheme)))
    throw new RouteError(
      "proxy",
      `${source} names a ${scheme} proxy; ${isSocks ? "a socks5 address is expected" : "only http, https and socks5 proxies are supported"}`,
    );
  return { proxy: proxyHop(full, source, proxy), socks: null };
}

function proxyHop(text: string, source: string, proxy: ProxySettings): ProxyHop {
  const url = parseUrl(text);
  if (url === null) throw new RouteError("proxy", `${source} is not an address like http://host:port`);
  const login = loginOf(url, proxy);
  const authorization =
    login === null ? null : `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
  return { host: bareHost(url), port: portOf(url), secure: url.protocol === "https:", authorization };
}

function socksHop(text: string, source: string, proxy: ProxySettings): SocksHop {
  const url = URL.parse(text);
  if (url === null || url.hostname === "")
    throw new RouteError("proxy", `${source} is not an address like socks5://host:port`);
  const login = loginOf(url, proxy);
  const longest = Math.max(Buffer.byteLength(login?.username ?? ""), Buffer.byteLength(login?.password ?? ""));
  if (longest > LONGEST_SOCKS_TEXT)
    throw new RouteError("proxy", `${source}: a user name or password is longer than SOCKS allows`);
  return { host: bareHost(url), port: url.port === "" ? SOCKS_PORT : Number(url.port), login };
}

/** The settings' own, else the address's. */
function loginOf(url: URL, proxy: ProxySettings): SocksLogin | null {
  const username = proxy.username ?? decode(url.username);
  const password = proxy.password ?? decode(url.password);
  return username === "" && password === "" ? null : { username, password };
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

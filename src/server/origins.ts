// Parses origins and patterns of origins, and compares them whole.
import { isLoopbackHost } from "../lib/host-names.ts";

/** `scheme://host[:port]` in one spelling: lower case, without the scheme's own port. */
export interface Origin {
  readonly scheme: string;
  readonly authority: string;
}

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/([^\s/?#@\\,]+)$/;
const OWN_PORTS: Readonly<Record<string, string>> = { http: ":80", https: ":443" };

/** An Origin header; null for `null`, lists and whatever else is no origin. */
export function parseOrigin(text: string): Origin | null {
  const match = SHAPE.exec(text.toLowerCase());
  if (match === null) return null;
  const scheme = match[1] as string;
  const port = OWN_PORTS[scheme];
  const authority = match[2] as string;
  return {
    scheme,
    authority: port !== undefined && authority.endsWith(port) ? authority.slice(0, -port.length) : authority,
  };
}

/** True for a page served by this machine to itself. */
export function isLocalOrigin(origin: Origin): boolean {
  return (origin.scheme === "http" || origin.scheme === "https") && isLoopbackHost(origin.authority);
}

/**
 * True when a page of this origin came from the Host that the request names. A connection that is not secure may have
 * been secure up to a proxy before us, so https passes there too: no page of another server has our host and port.
 */
export function isOwnOrigin(origin: Origin, host: string | undefined, secure: boolean): boolean {
  if (host === undefined) return false;
  if (origin.scheme !== "https" && (secure || origin.scheme !== "http")) return false;
  const port = OWN_PORTS[origin.scheme] as string;
  const name = host.toLowerCase();
  return origin.authority === (name.endsWith(port) ? name.slice(0, -port.length) : name);
}

/** What one entry of `allowed_origins` allows. `any`: `*`. `pattern`: one star in the host. */
export type OriginPattern =
  | { readonly type: "any" }
  | { readonly type: "exact"; readonly origin: Origin }
  | { readonly type: "pattern"; readonly scheme: string; readonly before: string; readonly behind: string };

/** An entry of the list; null for one that can match nothing. */
export function parsePattern(text: string): OriginPattern | null {
  const entry = text.trim().replace(/\/$/, "");
  if (entry === "*") return { type: "any" };
  const origin = parseOrigin(entry);
  if (origin === null) return null;
  const parts = origin.authority.split("*");
  if (parts.length === 1) return { type: "exact", origin };
  if (parts.length > 2) return null;
  return { type: "pattern", scheme: origin.scheme, before: parts[0] as string, behind: parts[1] as string };
}

/** True when the origin is the one, or of the kind, that the entry names; `any` is not looked at here. */
export function matches(pattern: OriginPattern, origin: Origin): boolean {
  if (pattern.type === "exact")
    return pattern.origin.scheme === origin.scheme && pattern.origin.authority === origin.authority;
  if (pattern.type === "any" || pattern.scheme !== origin.scheme) return false;
  const { authority } = origin;
  const { before, behind } = pattern;
  const longEnough = authority.length > before.length + behind.length;
  return longEnough && authority.startsWith(before) && authority.endsWith(behind);
}

// Reads NO_PROXY and says which hosts are reached directly in spite of a proxy for everything.
import { isInRange, parseIp, parseIpRange } from "./ip.ts";

/**
 * True when the proxy of the environment, or of the whole gateway, is not for this host (lower case, without brackets).
 * Loopback (`localhost`, `*.localhost`, 127.0.0.0/8, ::1) is always direct: a proxy's loopback is another machine's.
 * Entries are parted by commas or blanks: `*`; `example.com` (it and what lies below it); `.example.com` or
 * `*.example.com` (only what lies below it); an address; a range such as `10.0.0.0/8` (for hosts given as addresses);
 * all but ranges may carry `:port`.
 */
export function isDirect(host: string, port: number, noProxy: string | undefined): boolean {
  if (isLoopbackHost(host)) return true;
  if (noProxy === undefined) return false;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, host, port));
}

function isLoopbackHost(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const ip = parseIp(host);
  if (ip === null) return false;
  return ip.length === 4 ? ip[0] === 127 : ip[15] === 1 && ip.subarray(0, 15).every((byte) => byte === 0);
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) {
    const range = parseIpRange(entry);
    const ip = parseIp(host);
    return range !== null && ip !== null && isInRange(ip, range);
  }
  const [name, entryPort] = splitPort(entry);
  if (entryPort !== 0 && entryPort !== port) return false;
  return name === "*" || matchesName(name, host);
}

function matchesName(name: string, host: string): boolean {
  const entryIp = parseIp(name);
  if (entryIp !== null) {
    const ip = parseIp(host);
    return ip !== null && ip.length === entryIp.length && ip.every((byte, index) => byte === entryIp[index]);
  }
  if (parseIp(host) !== null) return false;
  const below = name.startsWith("*.") ? name.slice(1) : name;
  if (below.startsWith(".")) return host.endsWith(below);
  return host === below || host.endsWith(`.${below}`);
}

/** Name and port (0 = every port). A bare IPv6 address keeps its colons. */
function splitPort(entry: string): [string, number] {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return [bracketed[1] as string, Number(bracketed[2] ?? 0)];
  if (parseIp(entry) !== null) return [entry, 0];
  const named = /^([^:]*):(\d+)$/.exec(entry);
  return named === null ? [entry, 0] : [named[1] as string, Number(named[2])];
}

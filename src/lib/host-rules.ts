// Which names in a Host header no web page can have rebound to us.
import { isIP } from "node:net";

/** The name in a Host header in lower case, without the port and without brackets; null when there is none. */
export function hostName(host: string | undefined): string | null {
  if (host === undefined || host === "") return null;
  const text = host.toLowerCase();
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    return end < 0 ? null : text.slice(1, end);
  }
  const colon = text.indexOf(":");
  return colon < 0 ? text : text.slice(0, colon);
}

function isLocalName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost");
}

/** True for localhost, *.localhost, an IP address, and the names that the operator allows. */
export function isTrustedHost(host: string | undefined, allowed: ReadonlySet<string>): boolean {
  const name = hostName(host);
  return name !== null && (isLocalName(name) || isIP(name) !== 0 || allowed.has(name));
}

/** True for names and addresses that always mean this machine. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = hostName(host);
  if (name === null) return false;
  return isLocalName(name) || name === "::1" || (name.startsWith("127.") && isIP(name) === 4);
}

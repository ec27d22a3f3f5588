// Which names in a Host header no web page can have rebound to us.
import { isIP } from "node:net";
import { hostName, isLocalName } from "../lib/host-names.ts";

/** True for localhost, *.localhost, an IP address, and the names that the operator allows. */
export function isTrustedHost(host: string | undefined, allowed: ReadonlySet<string>): boolean {
  const name = hostName(host);
  return name !== null && (isLocalName(name) || isIP(name) !== 0 || allowed.has(name));
}

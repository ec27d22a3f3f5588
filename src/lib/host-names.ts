// Reads the name out of a Host header, and tells the names that always mean this machine.

const LOOPBACK_4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

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

export function isLocalName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost");
}

/** True for names and addresses that always mean this machine. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = hostName(host);
  return name !== null && (isLocalName(name) || name === "::1" || LOOPBACK_4.test(name));
}

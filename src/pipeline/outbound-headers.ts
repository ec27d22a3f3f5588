// Which of the caller's headers go on to the provider: only those that ask for it and that carry nothing of ours.
import type { Dialect } from "../core/chat.ts";
import { GATEWAY_HEADERS } from "../core/header-names.ts";
import type { HeaderBlock, HeaderView } from "../core/http.ts";
import type { Provider, ProviderKey, Snapshot } from "../core/snapshot.ts";
import { isHeaderName, isHeaderValue } from "../lib/header-block.ts";

const PREFIX = "x-bf-eh-";
/** Never forwarded, whatever asks for it. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "proxy-authorization",
  "cookie",
  "host",
  "content-length",
  "content-type",
  "content-encoding",
  "accept-encoding",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "transfer-encoding",
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
]);

function isForbidden(name: string, key: ProviderKey, denied: readonly string[]): boolean {
  return (
    FORBIDDEN.has(name) ||
    GATEWAY_HEADERS.has(name) ||
    name.startsWith("x-bf-") ||
    key.ownHeaders.has(name) ||
    denied.includes(name)
  );
}

/** Lines for `x-bf-eh-NAME` headers and for those that the configuration lets through without the prefix. */
function askedFor(headers: HeaderView, key: ProviderKey, snapshot: Snapshot): string {
  const { headerAllowlist, headerDenylist } = snapshot.settings;
  let lines = "";
  if (headerAllowlist.length === 0 && !headers.hasPrefix(PREFIX)) return lines;
  for (const [name, value] of headers.entries()) {
    const prefixed = name.startsWith(PREFIX);
    if (!prefixed && !headerAllowlist.includes(name)) continue;
    const target = prefixed ? name.slice(PREFIX.length) : name;
    if (!isHeaderName(target) || !isHeaderValue(value) || isForbidden(target, key, headerDenylist)) continue;
    lines += `${target}: ${value}\r\n`;
  }
  return lines;
}

/** The beta flags that this target takes: all, but for those that the configuration switches off. */
function betas(value: string, overrides: Readonly<Record<string, boolean>>): string {
  const names = Object.keys(overrides);
  if (names.length === 0) return value;
  const isOff = (flag: string) => names.some((prefix) => flag.startsWith(prefix) && overrides[prefix] === false);
  return value
    .split(",")
    .map((flag) => flag.trim())
    .filter((flag) => flag !== "" && !isOff(flag))
    .join(",");
}

function anthropicLines(headers: HeaderView, provider: Provider, block: string): string {
  const version = headers.get("anthropic-version");
  const beta = headers.get("anthropic-beta");
  let lines = block;
  if (version !== undefined && isHeaderValue(version))
    lines = `${lines.replace(/anthropic-version: [^\r]*\r\n/, "")}anthropic-version: ${version}\r\n`;
  if (beta !== undefined && isHeaderValue(beta)) {
    const kept = betas(beta, provider.entity.network.betaHeaderOverrides);
    if (kept !== "") lines += `anthropic-beta: ${kept}\r\n`;
  }
  return lines;
}

/** The header lines of a call: the key's own, the content type, and what of the caller's goes on. */
export function outboundHeaders(
  headers: HeaderView,
  caller: Dialect,
  target: { provider: Provider; key: ProviderKey },
  snapshot: Snapshot,
): HeaderBlock {
  let lines: string = target.key.headers;
  if (caller === "anthropic" && target.provider.adapter.dialect === "anthropic")
    lines = anthropicLines(headers, target.provider, lines);
  return `${lines}content-type: application/json\r\n${askedFor(headers, target.key, snapshot)}` as HeaderBlock;
}

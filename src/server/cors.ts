// CORS for inference routes: which origins may call, and the header lines that tell browsers so.
import type { SettingsEntity } from "../core/entities.ts";
import type { HeaderBlock, InboundRequest } from "../core/http.ts";
import { headerBlock, isHeaderName, NO_HEADERS } from "../lib/header-block.ts";
import { isTrustedHost } from "./host-rules.ts";
import { isLocalOrigin, isOwnOrigin, matches, type OriginPattern, parseOrigin, parsePattern } from "./origins.ts";

/** Request headers that pages may send besides those that begin with a prefix below. */
const REQUEST_HEADERS: readonly string[] = [
  "accept",
  "accept-language",
  "content-type",
  "authorization",
  "x-requested-with",
  "x-request-id",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
  "openai-organization",
  "openai-project",
  "openai-beta",
  "anthropic-version",
  "anthropic-beta",
  "anthropic-dangerous-direct-browser-access",
  "traceparent",
  "tracestate",
  "baggage",
  "idempotency-key",
  "user-agent",
];
const REQUEST_PREFIXES: readonly string[] = ["x-bf-", "x-stainless-"];
/** Answer headers that pages may read. */
const EXPOSED =
  "x-request-id, request-id, retry-after, x-should-retry, x-bifrost-provider, x-bifrost-original-model, " +
  "x-bifrost-resolved-model, x-bifrost-fallback-index, x-bifrost-request-type, x-bifrost-attempts, " +
  "x-bifrost-upstream-latency-ms, x-bifrost-routing-info-key";
const MAX_AGE = 86_400;

/** The rules of one configuration, compiled. */
export class CorsRules {
  readonly #patterns: readonly OriginPattern[];
  readonly #any: boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #headers: ReadonlySet<string>;
  readonly #anyHeader: boolean;

  /** `demandsCredential`: inference serves nobody without one. */
  constructor(settings: SettingsEntity, hosts: ReadonlySet<string>, demandsCredential: boolean) {
    const list = settings.allowedOrigins ?? (demandsCredential ? ["*"] : []);
    this.#patterns = list.map(parsePattern).filter((pattern) => pattern !== null);
    this.#any = this.#patterns.some((pattern) => pattern.type === "any");
    this.#hosts = hosts;
    this.#headers = new Set([...REQUEST_HEADERS, ...settings.allowedHeaders.map((name) => name.toLowerCase())]);
    this.#anyHeader = this.#headers.has("*");
  }

  /**
   * The lines for an answer to this request; null: the page behind it may not call here. Credentials (cookies) are
   * allowed only to origins that the operator listed, never by `*` and never to a page just for being local.
   */
  headersFor(request: InboundRequest): HeaderBlock | null {
    const header = request.headers.get("origin");
    if (header === undefined) return NO_HEADERS;
    const origin = parseOrigin(header);
    if (origin === null) return null;
    if (this.#patterns.some((pattern) => matches(pattern, origin))) return allow(header, true);
    const host = request.headers.get("host");
    if (isOwnOrigin(origin, host, request.peer.secure) && isTrustedHost(host, this.#hosts)) return NO_HEADERS;
    if (isLocalOrigin(origin)) return allow(header, false);
    return this.#any ? allow("*", false) : null;
  }

  /** The further lines of an answer to a preflight. */
  preflight(request: InboundRequest, methods: readonly string[]): HeaderBlock {
    const asked = request.headers.get("access-control-request-headers") ?? "";
    const names = asked.split(",").map((name) => name.trim().toLowerCase());
    const granted = names.filter((name) => isHeaderName(name) && this.#takes(name));
    return headerBlock([
      ["access-control-allow-methods", methods.join(", ")],
      ["access-control-allow-headers", granted.length === 0 ? undefined : granted.join(", ")],
      ["access-control-max-age", MAX_AGE],
    ]);
  }

  #takes(name: string): boolean {
    return this.#anyHeader || this.#headers.has(name) || REQUEST_PREFIXES.some((prefix) => name.startsWith(prefix));
  }
}

function allow(origin: string, credentials: boolean): HeaderBlock {
  return headerBlock([
    ["access-control-allow-origin", origin],
    ["access-control-allow-credentials", credentials ? "true" : undefined],
    ["access-control-expose-headers", EXPOSED],
    ["vary", origin === "*" ? undefined : "origin"],
  ]);
}

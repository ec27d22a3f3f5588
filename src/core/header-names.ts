// The request headers that speak to the gateway: credentials and options, none of which ever reaches a provider.

/** Carriers of a virtual key, in the order in which they are read. */
export const CREDENTIAL_CARRIERS = ["x-bf-vk", "authorization", "x-api-key", "x-goog-api-key", "api-key"] as const;

/** Everything that begins with this is an option of the gateway (lower case). */
export const GATEWAY_PREFIX = "x-bf-";

/** Lower-case names of all headers that carry a credential of the caller or an option for the gateway. */
export const GATEWAY_HEADERS: ReadonlySet<string> = new Set([
  ...CREDENTIAL_CARRIERS,
  "proxy-authorization",
  "cookie",
  "x-bifrost-temp-token",
  "x-bf-api-key",
  "x-bf-api-key-id",
  "x-bf-direct-key",
  "x-bf-session-id",
  "x-bf-session-ttl",
  "x-bf-parent-request-id",
  "x-bf-strict",
  "x-bf-timeout-ms",
  "x-bf-cache-key",
  "x-bf-cache-ttl",
  "x-bf-cache-threshold",
  "x-bf-cache-type",
  "x-bf-cache-no-store",
  "x-bf-mcp-include-clients",
  "x-bf-mcp-include-tools",
  "x-bf-mcp-session-id",
  "x-bf-send-back-raw-request",
  "x-bf-send-back-raw-response",
  "x-bf-store-raw-request-response",
  "x-bf-disable-content-logging",
  "x-bf-compat",
  "x-bf-passthrough-extra-params",
  "x-bf-async-job-result-ttl",
  "x-bf-async-webhook",
  "x-bf-customer-id",
  "x-bf-customer-name",
]);

/** True for a header (lower case) that stays with the gateway. */
export function isGatewayHeader(name: string): boolean {
  return GATEWAY_HEADERS.has(name) || name.startsWith(GATEWAY_PREFIX);
}

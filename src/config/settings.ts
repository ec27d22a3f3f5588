// Reads the client and server blocks into the settings that concern every request.
import type { SettingsEntity, UnpricedModels } from "../core/entities.ts";
import { checkHeaderNames, headerNames } from "./header-names.ts";
import type { Reading } from "./reading.ts";
import { type ClientConfig, clientSchema, type ServerConfig } from "./schema/client.ts";
import { quoted } from "./texts.ts";
import { defaultsOf, type Shape } from "./validate.ts";

const MEGABYTE = 1024 * 1024;

/** The settings when nothing is configured. */
export const STANDARD_SETTINGS: SettingsEntity = Object.freeze(
  settingsOf(defaultsOf(clientSchema as Shape) as ClientConfig, undefined),
);

function settingsOf(
  client: ClientConfig,
  server: ServerConfig | undefined,
  unpricedModels: UnpricedModels = "allow",
): SettingsEntity {
  return {
    kind: "settings",
    enforceVirtualKeys:
      client.enforce_auth_on_inference === true ||
      client.enforce_governance_header === true ||
      client.enforce_scim_auth === true,
    requiredHeaders: headerNames(client.required_headers),
    maxRequestBodyBytes: (client.max_request_body_size_mb ?? 100) * MEGABYTE,
    loggingEnabled: client.enable_logging !== false,
    contentLogging: client.disable_content_logging !== true,
    allowedOrigins: client.allowed_origins === undefined ? null : present(client.allowed_origins),
    allowedHeaders: present(client.allowed_headers),
    whitelistedRoutes: present(client.whitelisted_routes),
    allowedHosts: lowerCase(server?.allowed_hosts),
    headerAllowlist: lowerCase(client.header_filter_config?.allowlist),
    headerDenylist: lowerCase(client.header_filter_config?.denylist),
    contentLevel: client.content_level ?? "ends",
    contentByRequest: client.allow_per_request_content_storage_override === true,
    loggingHeaders: headerNames(client.logging_headers),
    routingChainDepth: client.routing_chain_max_depth ?? 10,
    convertTextToChat: client.compat?.convert_text_to_chat === true,
    unpricedModels,
  };
}

/** `*`, or scheme, host and port, with a star in the host at most. */
const ORIGIN = /^(?:\*|[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\,*]*\*?[^\s/?#@\\,*]*\/?)$/i;

export function readSettings(
  reading: Reading,
  client: ClientConfig | undefined,
  server: ServerConfig | undefined,
  governance?: { unpriced_models?: UnpricedModels } | undefined,
): SettingsEntity {
  if (client !== undefined) checkHeaderNames(reading, client.required_headers, "client.required_headers");
  if (client !== undefined) checkHeaderNames(reading, client.logging_headers, "client.logging_headers");
  checkHosts(reading, server?.allowed_hosts);
  checkRoutes(reading, client?.whitelisted_routes);
  checkOrigins(reading, client?.allowed_origins);
  return settingsOf(client ?? (defaultsOf(clientSchema as Shape) as ClientConfig), server, governance?.unpriced_models);
}

function checkHosts(reading: Reading, hosts: readonly string[] | undefined): void {
  for (const [index, host] of (hosts ?? []).entries()) {
    if (host === undefined || /^[\w.-]+$/.test(host)) continue;
    reading.document.refuse(
      reading.document.at(hosts!, index),
      "wrong-value",
      `server.allowed_hosts: ${quoted(host)} is not a host name`,
      {
        expected: "a name without scheme, port and path, such as gateway.example.com",
      },
    );
  }
}

/** An origin without its scheme is the usual slip: no page ever has it, and the browser's own words do not tell. */
function checkOrigins(reading: Reading, origins: readonly string[] | undefined): void {
  for (const [index, origin] of (origins ?? []).entries()) {
    if (origin === undefined || ORIGIN.test(origin.trim())) continue;
    reading.document.warn(
      reading.document.at(origins!, index),
      "wrong-value",
      `client.allowed_origins: ${quoted(origin)} is the origin of no page`,
      { expected: "an origin such as https://app.example.com or https://*.example.com, or *" },
    );
  }
}

function checkRoutes(reading: Reading, routes: readonly string[] | undefined): void {
  for (const [index, route] of (routes ?? []).entries()) {
    if (route === undefined || route.startsWith("/")) continue;
    reading.document.refuse(
      reading.document.at(routes!, index),
      "wrong-value",
      `client.whitelisted_routes: ${quoted(route)} is not a path`,
      { expected: "a path such as /metrics" },
    );
  }
}

/** Items that were refused are undefined: the file does not start anyway. */
function present(names: readonly (string | undefined)[] | undefined): string[] {
  return (names ?? []).filter((name) => name !== undefined);
}

function lowerCase(names: readonly (string | undefined)[] | undefined): string[] {
  return present(names).map((name) => name.toLowerCase());
}

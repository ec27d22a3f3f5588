// Reads network_config and proxy_config of a provider into what the outbound door needs.
import type { NetworkSettings } from "../core/entities.ts";
import type { ProxySettings } from "../core/http.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import { isHeaderName, isHeaderValue } from "../lib/header-block.ts";
import { parseDuration } from "./durations.ts";
import { plainRecord, type Reading, readAddress, resolveOrRefuse } from "./reading.ts";
import { type NetworkConfig, networkSchema, type ProxyConfig } from "./schema/providers.ts";
import { quoted } from "./texts.ts";
import { defaultsOf, type Shape } from "./validate.ts";

const STANDARD = defaultsOf(networkSchema as Shape) as NetworkConfig;

/** How the provider is reached when nothing is configured. */
export const STANDARD_NETWORK: NetworkSettings = settingsOf(STANDARD);

/** The environment's proxy, if it names one. */
export const STANDARD_PROXY: ProxySettings = { type: "environment" };

/** The settings; what is wrong is refused and left at its default. */
export function readNetwork(
  reading: Reading,
  config: NetworkConfig | undefined,
  adapter: ProviderAdapter,
  path: string,
): NetworkSettings {
  if (config === undefined) return STANDARD_NETWORK;
  const wait = (
    member: "retry_backoff_initial" | "retry_backoff_max",
    older: "retry_backoff_initial_ms" | "retry_backoff_max_ms",
  ) =>
    readWait(
      reading,
      config,
      reading.document.has(config, member) || !reading.document.has(config, older) ? member : older,
      path,
    );
  const backoffInitial = wait("retry_backoff_initial", "retry_backoff_initial_ms");
  const backoffMax = wait("retry_backoff_max", "retry_backoff_max_ms");
  const baseUrl = readAddress(reading, config, "base_url", config.base_url, `${path}.base_url`);
  const caPem = readCertificates(reading, config, config.ca_cert_pem, path);
  return {
    ...settingsOf(config),
    backoffInitial,
    // a first wait longer than the longest one is meant as the longest one
    backoffMax: Math.max(backoffInitial, backoffMax),
    baseUrl: baseUrl === undefined ? null : withoutVersion(baseUrl, adapter),
    caPem,
    extraHeaders: readHeaders(reading, config, path),
    betaHeaderOverrides: plainRecord(Object.entries(config.beta_header_overrides ?? {})),
  };
}

/** Everything that is taken as it is. */
function settingsOf(config: NetworkConfig): NetworkSettings {
  // the schema's defaults fill every member used here; one that was refused keeps the file from starting anyway
  const number = (
    member:
      | "default_request_timeout_in_seconds"
      | "max_retries"
      | "stream_idle_timeout_in_seconds"
      | "keep_alive_timeout"
      | "max_conns_per_host",
  ) => config[member] ?? STANDARD[member] ?? 0;
  return {
    baseUrl: null,
    extraHeaders: {},
    requestTimeout: Math.ceil(number("default_request_timeout_in_seconds") * 1000),
    maxRetries: number("max_retries"),
    backoffInitial: Number(STANDARD.retry_backoff_initial),
    backoffMax: Number(STANDARD.retry_backoff_max),
    streamIdle: Math.ceil(number("stream_idle_timeout_in_seconds") * 1000),
    keepAlive: Math.ceil(number("keep_alive_timeout") * 1000),
    maxConnections: number("max_conns_per_host"),
    insecureSkipVerify: config.insecure_skip_verify === true,
    caPem: null,
    betaHeaderOverrides: {},
    allowPrivateNetwork: config.allow_private_network === true,
  };
}

type WaitMember = "retry_backoff_initial" | "retry_backoff_max" | "retry_backoff_initial_ms" | "retry_backoff_max_ms";

function readWait(reading: Reading, config: NetworkConfig, member: WaitMember, path: string): number {
  const value = config[member] ?? STANDARD[member] ?? 0;
  if (typeof value === "number") return value;
  const parsed = parseDuration(value);
  if (parsed !== null && parsed.ms <= 600_000) return Math.round(parsed.ms);
  if (/^0(?:ms|s)?$/.test(value)) return 0;
  reading.document.refuse(reading.document.at(config, member), "wrong-value", `${path}.${member} is not a duration`, {
    expected: 'milliseconds, or a duration up to 10 minutes such as "500ms" or "5s"',
    found: quoted(value),
  });
  return 0;
}

/** Paths of the adapter that begin with /v1 make a configured `/v1` one too many: people paste what their SDK takes. */
export function withoutVersion(address: string, adapter: ProviderAdapter): string {
  return address.endsWith("/v1") && addsVersion(adapter) ? address.slice(0, -3).replace(/\/+$/, "") : address;
}

function addsVersion(adapter: ProviderAdapter): boolean {
  const key = {
    id: "",
    name: "",
    value: "",
    enabled: true,
    weight: 1,
    models: null,
    blacklistedModels: [],
    aliases: {},
    url: null,
    azure: null,
  };
  try {
    return adapter.path("chat", "model", key).startsWith("/v1/");
  } catch {
    return false;
  }
}

function readHeaders(reading: Reading, config: NetworkConfig, path: string): Record<string, string> {
  const headers = config.extra_headers;
  if (headers === undefined) return plainRecord([]);
  const entries: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const member = `${path}.extra_headers.${name}`;
    const text = resolveOrRefuse(reading, headers, name, value, member);
    if (text === undefined) continue;
    if (!isHeaderName(name))
      reading.document.refuse(
        reading.document.nameAt(headers, name),
        "wrong-value",
        `${quoted(name)} is not the name of a header`,
      );
    else if (!isHeaderValue(text))
      reading.document.refuse(
        reading.document.at(headers, name),
        "wrong-value",
        `${member} holds characters that no header may have`,
      );
    else if (DOOR_HEADERS.has(name.toLowerCase())) {
      reading.document.refuse(
        reading.document.nameAt(headers, name),
        "wrong-value",
        `the header ${name} is set by the gateway itself`,
        { remedy: "Remove it." },
      );
    } else entries.push([name.toLowerCase(), text]);
  }
  return plainRecord(entries);
}

/** Framing and routing of the connection belong to the outbound door. */
const DOOR_HEADERS = new Set([
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
  "accept-encoding",
  "keep-alive",
  "upgrade",
  "te",
  "expect",
  "proxy-connection",
]);

function readCertificates(
  reading: Reading,
  owner: { ca_cert_pem?: string },
  config: string | undefined,
  path: string,
): string | null {
  const pem = resolveOrRefuse(reading, owner, "ca_cert_pem", config, `${path}.ca_cert_pem`);
  if (pem === undefined) return null;
  // variables often hold the line ends as two characters
  const lines = pem.replaceAll("\\n", "\n");
  if (lines.includes("-----BEGIN CERTIFICATE-----")) return lines;
  reading.document.refuse(
    reading.document.at(owner, "ca_cert_pem"),
    "wrong-value",
    `${path}.ca_cert_pem holds no certificate`,
    {
      expected: "PEM text that begins with -----BEGIN CERTIFICATE-----",
    },
  );
  return null;
}

/** By the kind of proxy: the schemes of its address, and an example of one. */
const PROXY_ADDRESSES = {
  http: { schemes: ["http:", "https:"], example: "http://proxy:3128" },
  socks5: { schemes: ["socks5:", "socks5h:"], example: "socks5://proxy:1080" },
} as const;
/** SOCKS has one byte for the length of a user name and of a password. */
const LONGEST_SOCKS_TEXT = 255;

/** The proxy; without a type its address tells the kind. */
export function readProxy(reading: Reading, config: ProxyConfig | undefined, path: string): ProxySettings {
  if (config === undefined) return STANDARD_PROXY;
  const { document } = reading;
  const caPem = readCertificates(reading, config, config.ca_cert_pem, path) ?? undefined;
  const told = document.has(config, "type") || config.url === undefined;
  if (told && config.type !== "http" && config.type !== "socks5") return { type: config.type ?? "environment", caPem };
  const url = resolveOrRefuse(reading, config, "url", config.url, `${path}.url`);
  const protocol = URL.parse(url ?? "")?.protocol ?? "";
  const kind = PROXY_ADDRESSES.socks5.schemes.some((scheme) => scheme === protocol) ? "socks5" : "http";
  const type = told && config.type === "http" ? "http" : told ? "socks5" : kind;
  const { schemes, example } = PROXY_ADDRESSES[type];
  const isAddress = schemes.some((scheme) => scheme === protocol) && URL.parse(url ?? "")?.hostname !== "";
  if (!isAddress) {
    document.refuse(
      document.at(config, "url"),
      config.url === undefined ? "missing" : "wrong-value",
      `${path}.url must be the address of the proxy`,
      {
        expected: `an address such as ${example}`,
      },
    );
  }
  const username = resolveOrRefuse(reading, config, "username", config.username, `${path}.username`);
  const password = resolveOrRefuse(reading, config, "password", config.password, `${path}.password`);
  if (type === "socks5")
    for (const [member, text] of [
      ["username", username],
      ["password", password],
    ] as const)
      if (Buffer.byteLength(text ?? "") > LONGEST_SOCKS_TEXT)
        document.refuse(
          document.at(config, member),
          "wrong-value",
          `${path}.${member} is longer than the ${LONGEST_SOCKS_TEXT} bytes that SOCKS allows`,
        );
  return { type, url, username, password, caPem };
}

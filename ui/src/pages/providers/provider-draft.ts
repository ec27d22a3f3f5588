// A provider while it is written, and back to what the API takes.
import type { ProviderShown } from "./types.ts";

export interface ProviderDraft {
  /** Empty: a new one that has no name yet. */
  readonly name: string;
  readonly isCustom: boolean;
  readonly baseType: string;
  readonly isKeyless: boolean;
  readonly baseUrl: string;
  /** Members of network_config that are numbers, as they are typed. */
  readonly numbers: Readonly<Record<string, string>>;
  readonly allowPrivate: boolean;
  readonly skipVerify: boolean;
  /** `name: value`, one a line. */
  readonly headers: string;
  readonly proxyType: string;
  readonly proxyUrl: string;
  readonly proxyUser: string;
  readonly proxyPassword: string;
}

export const NUMBERS = [
  { name: "default_request_timeout_in_seconds", label: "Timeout of a try", unit: "s", start: "300" },
  { name: "stream_idle_timeout_in_seconds", label: "Longest silence in a stream", unit: "s", start: "120" },
  { name: "max_retries", label: "Further tries", unit: "", start: "0" },
  { name: "retry_backoff_initial", label: "First wait before a try", unit: "ms", start: "500" },
  { name: "retry_backoff_max", label: "Longest wait", unit: "ms", start: "5000" },
  { name: "max_conns_per_host", label: "Connections at once", unit: "", start: "5000" },
] as const;

export function freshProvider(name = "", isCustom = false): ProviderDraft {
  return {
    name,
    isCustom,
    baseType: "openai",
    isKeyless: false,
    baseUrl: "",
    numbers: Object.fromEntries(NUMBERS.map((number) => [number.name, number.start])),
    allowPrivate: false,
    skipVerify: false,
    headers: "",
    proxyType: "environment",
    proxyUrl: "",
    proxyUser: "",
    proxyPassword: "",
  };
}

export function draftOfProvider(shown: ProviderShown): ProviderDraft {
  const network = shown.network_config;
  const proxy = shown.proxy_config ?? {};
  const custom = shown.custom_provider_config;
  return {
    name: shown.name,
    isCustom: custom !== null,
    baseType: text(custom?.["base_provider_type"]) || "openai",
    isKeyless: custom?.["is_key_less"] === true,
    baseUrl: text(network["base_url"]),
    numbers: Object.fromEntries(NUMBERS.map(({ name, start }) => [name, text(network[name]) || start])),
    allowPrivate: network["allow_private_network"] === true,
    skipVerify: network["insecure_skip_verify"] === true,
    headers: Object.entries((network["extra_headers"] ?? {}) as Record<string, unknown>)
      .map(([name, value]) => `${name}: ${text(value)}`)
      .join("\n"),
    proxyType: text(proxy["type"]) || "environment",
    proxyUrl: text(proxy["url"]),
    proxyUser: text(proxy["username"]),
    proxyPassword: text(proxy["password"]),
  };
}

/** References stand as objects of their own; masks as texts. */
function text(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    const { env_var: reference, value: plain } = value as { env_var?: string; value?: string };
    return reference || plain || "";
  }
  return value === undefined || value === null ? "" : String(value);
}

/** The body that makes or changes the provider, without its keys. `shown`: the one that is changed. */
export function providerBody(draft: ProviderDraft, shown?: ProviderShown): Record<string, unknown> {
  const before = { ...shown?.network_config };
  const headers = headersOf(draft.headers);
  const network = {
    ...before,
    base_url: kept(before["base_url"], draft.baseUrl.trim()),
    extra_headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        kept((before["extra_headers"] as Record<string, unknown> | undefined)?.[name], value),
      ]),
    ),
    ...Object.fromEntries(NUMBERS.map(({ name }) => [name, asNumber(draft.numbers[name] ?? "")])),
    allow_private_network: draft.allowPrivate,
    insecure_skip_verify: draft.skipVerify,
  };
  return {
    ...(shown === undefined ? { provider: draft.name.trim() } : {}),
    network_config: network,
    ...proxyOf(draft, shown),
    ...(draft.isCustom
      ? {
          custom_provider_config: {
            ...shown?.custom_provider_config,
            base_provider_type: draft.baseType,
            is_key_less: draft.isKeyless,
          },
        }
      : {}),
  };
}

function proxyOf(draft: ProviderDraft, shown: ProviderShown | undefined): Record<string, unknown> {
  const before = shown?.proxy_config ?? null;
  if (draft.proxyType === "environment" && before === null) return {};
  return {
    proxy_config: {
      ...before,
      type: draft.proxyType,
      ...filled("url", kept(before?.["url"], draft.proxyUrl.trim())),
      ...filled("username", kept(before?.["username"], draft.proxyUser.trim())),
      ...filled("password", kept(before?.["password"], draft.proxyPassword)),
    },
  };
}

function filled(name: string, value: unknown): Record<string, unknown> {
  return value === "" || value === undefined ? {} : { [name]: value };
}

/** What was not changed goes back as it came. */
function kept(before: unknown, typed: string): unknown {
  return before !== undefined && text(before) === typed ? before : typed;
}

function asNumber(typed: string): number | string {
  const value = Number(typed);
  return typed.trim() !== "" && Number.isFinite(value) ? value : typed;
}

function headersOf(typed: string): Record<string, string> {
  return Object.fromEntries(
    typed.split("\n").flatMap((line) => {
      const sign = line.indexOf(":");
      return sign > 0 ? [[line.slice(0, sign).trim(), line.slice(sign + 1).trim()] as const] : [];
    }),
  );
}

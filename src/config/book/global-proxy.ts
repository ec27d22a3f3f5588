// Reads the block `proxy_config`: the proxy of the whole gateway, and what goes through it.
import type { JsonObject, StoredEntry } from "../../core/config-store.ts";
import type { ProviderEntity } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import type { ProxySettings } from "../../core/http.ts";
import { type Environment, resolve, unresolved } from "../reading.ts";
import { withTexts } from "./pointers.ts";

/** Its name among the blocks. */
export const PROXY_BLOCK = "proxy_config";

/** The proxy while it is switched on. */
export interface GlobalProxy {
  readonly settings: ProxySettings;
  /** Calls of providers that have no proxy_config of their own go through it. */
  readonly forInference: boolean;
  /** The gateway's own calls go through it: price sheets, lists of models. */
  readonly forApi: boolean;
}

/** Null: there is none, or it is switched off. What cannot be resolved makes calls fail: none goes past a proxy by mistake. */
export function readGlobalProxy(entry: StoredEntry | undefined, environment: Environment): GlobalProxy | null {
  if (entry === undefined || entry.deleted) return null;
  const body = withTexts(entry.body, entry.secrets);
  if (body["enabled"] !== true) return null;
  const read = (name: string): string | undefined => textOf(body, name, environment) || undefined;
  const caPem = read("ca_cert_pem")?.replaceAll("\\n", "\n");
  const settings: ProxySettings = {
    type: body["type"] === "socks5" ? "socks5" : "http",
    url: body["type"] === "tcp" ? "" : (read("url") ?? ""),
    username: read("username"),
    password: read("password"),
    caPem,
    noProxy: read("no_proxy") ?? "",
    inspects: caPem !== undefined,
    insecureSkipVerify: body["skip_tls_verify"] === true,
    timeout: typeof body["timeout"] === "number" ? Math.ceil(body["timeout"] * 1000) : 0,
  };
  return {
    settings: Object.freeze(settings),
    forInference: body["enable_for_inference"] === true,
    forApi: body["enable_for_api"] === true,
  };
}

/** The provider as it is reached through it. */
export function behind(entity: ProviderEntity, settings: ProxySettings | null): ProviderEntity {
  return settings === null ? entity : { ...entity, proxy: settings };
}

function textOf(body: JsonObject, name: string, environment: Environment): string {
  const value = body[name];
  const resolved = typeof value === "string" ? resolve(value, environment) : null;
  return resolved?.type === "text" ? resolved.text : "";
}

const TEXTS = ["url", "username", "password", "no_proxy", "ca_cert_pem"];
const SCHEMES: Readonly<Record<string, { readonly schemes: readonly string[]; readonly example: string }>> = {
  http: { schemes: ["http:", "https:"], example: "http://proxy:3128" },
  socks5: { schemes: ["socks5:", "socks5h:"], example: "socks5://proxy:1080" },
};
/** SOCKS has one byte for the length of a user name and of a password. */
const LONGEST_SOCKS_TEXT = 255;

/** What keeps calls from going through it, with the member; null = nothing, or it is switched off. */
export function proxyProblem(body: JsonObject, environment: Environment): { param: string; text: string } | null {
  if (body["enabled"] !== true) return null;
  for (const param of TEXTS) {
    const value = body[param];
    const resolved = typeof value === "string" ? resolve(value, environment) : null;
    if (resolved === null || resolved.type === "text") continue;
    return { param, text: `: ${unresolved(resolved).problem}` };
  }
  const read = (name: string): string => textOf(body, name, environment);
  const type = typeof body["type"] === "string" && body["type"] !== "" ? body["type"] : "http";
  const kind = Object.hasOwn(SCHEMES, type) ? SCHEMES[type] : undefined;
  if (kind === undefined)
    return { param: "type", text: `: a proxy of type ${type} is not supported; use http or socks5, or switch it off` };
  const url = URL.parse(read("url"));
  if (url === null || !kind.schemes.includes(url.protocol) || url.hostname === "")
    return { param: "url", text: ` must be the address of a proxy of type ${type}, such as ${kind.example}` };
  if (type === "socks5")
    for (const param of ["username", "password"])
      if (Buffer.byteLength(read(param)) > LONGEST_SOCKS_TEXT)
        return { param, text: ` is longer than the ${LONGEST_SOCKS_TEXT} bytes that SOCKS allows` };
  const caPem = read("ca_cert_pem");
  if (caPem !== "" && !caPem.includes("-----BEGIN CERTIFICATE-----"))
    return { param: "ca_cert_pem", text: " holds no certificate: PEM text begins with -----BEGIN CERTIFICATE-----" };
  return null;
}

/** Refuses a proxy that is switched on and that nothing could go through. Throws GatewayError. */
export function demandProxy(body: JsonObject, environment: Environment): void {
  const problem = proxyProblem(body, environment);
  if (problem === null) return;
  throw new GatewayError("invalid_request", `'${problem.param}'${problem.text}`, { param: problem.param });
}

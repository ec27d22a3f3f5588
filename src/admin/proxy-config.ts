// The routes of /api/proxy-config: the proxy of the whole gateway. Its password is shown as one word and kept when that word comes back.
import type { ItemFacts } from "../core/config-book.ts";
import type { JsonObject, JsonValue } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import { refuseUnknown } from "./read-json.ts";
import { own, restoreShown } from "./restore-shown.ts";
import type { Route } from "./router.ts";
import { decodePlaces, keepMasked, type Place, withMasked } from "./secret-places.ts";
import { readBody } from "./strict-body.ts";

const PATH = "/api/proxy-config";
const BLOCK = "proxy_config";
/** What stands for a password that is set. */
const REDACTED = "<redacted>";

const PLACES: readonly Place[] = [
  { path: ["password"], secret: true, asObject: false },
  ...["url", "username", "no_proxy"].map((name) => ({ path: [name], secret: false, asObject: false })),
];

/** Every member with its value while nothing is configured. */
const DEFAULTS: JsonObject = {
  enabled: false,
  type: "http",
  url: "",
  username: "",
  password: "",
  no_proxy: "",
  timeout: 0,
  skip_tls_verify: false,
  enable_for_scim: false,
  enable_for_inference: false,
  enable_for_api: false,
};
const TYPES = ["http", "socks5", "tcp"];
const KNOWN = [...Object.keys(DEFAULTS), "ca_cert_pem", "warnings"];

export function proxyConfigRoutes(house: AdminHouse): Route[] {
  return [
    { method: "GET", path: PATH, demands: "read", handle: () => jsonAnswer(showProxyConfig(house)) },
    {
      method: "PUT",
      path: PATH,
      demands: "write",
      handle: async (request) => jsonAnswer(await putProxyConfig(house, readBody(request))),
    },
  ];
}

/** The block as it is shown; GET /api/config shows it too. */
export function showProxyConfig(house: AdminHouse): JsonObject {
  return shown(house.book.block(BLOCK));
}

function shown(item: ItemFacts | undefined): JsonObject {
  const body = item === undefined ? {} : withMasked(item);
  const isSet = typeof own(body, "password") === "string" && own(body, "password") !== "";
  return { ...DEFAULTS, ...body, password: isSet ? REDACTED : "" };
}

/** The whole wanted block: what is left out goes back to its default, but a password that is left out stays. */
async function putProxyConfig(house: AdminHouse, body: JsonObject): Promise<JsonObject> {
  refuseUnknown(body, KNOWN);
  const { warnings: _ignored, ...rest } = body;
  const item = house.book.block(BLOCK);
  const stored = item === undefined ? {} : withMasked(item);
  const given = decodePlaces(rest, PLACES);
  const password = own(stored, "password");
  const restored = restoreShown(given, shown(item), stored) as JsonObject;
  const whole = own(given, "password") === undefined && password !== undefined ? { ...restored, password } : restored;
  // whoever reads the block need not know the default of its kind
  const wanted = keepMasked({ type: "http", ...whole }, item, PLACES);
  check(wanted, stored);
  const { warnings: found } = await house.book.putBlock(BLOCK, wanted);
  const warnings = [...found, ...withoutEffect(wanted)];
  return {
    status: "success",
    message: "proxy configuration updated successfully",
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
}

/** What is switched on and changes nothing. */
function withoutEffect(wanted: JsonObject): string[] {
  if (own(wanted, "enabled") !== true) return [];
  const isOn = (name: string): boolean => own(wanted, name) === true;
  const found: string[] = [];
  if (!isOn("enable_for_inference") && !isOn("enable_for_api"))
    found.push("nothing goes through the proxy: set enable_for_inference, enable_for_api or both");
  if (isOn("enable_for_scim")) found.push("enable_for_scim has no effect: this gateway makes no calls for SCIM");
  return found;
}

function check(wanted: JsonObject, stored: JsonObject): void {
  for (const [name, value] of Object.entries(wanted)) {
    const kind = typeof (own(DEFAULTS, name) ?? "");
    if (value !== null && typeof value !== kind) refuse(name, `must be ${WORDS[kind]}`);
  }
  if (!TYPES.includes(textOf(wanted, "type") || "http")) refuse("type", `must be one of ${TYPES.join(", ")}`);
  const timeout = own(wanted, "timeout");
  if (typeof timeout === "number" && (timeout < 0 || timeout > 86_400))
    refuse("timeout", "must be seconds from 0 to 86400");
  const url = textOf(wanted, "url");
  if (own(wanted, "enabled") === true && url === "")
    refuse("url", "must be the address of the proxy while it is enabled");
  // an address that is kept was checked when it came; it is shown masked
  const isKept = url === own(stored, "url");
  if (url !== "" && !isKept && !url.startsWith("env.") && !isProxyAddress(url))
    refuse("url", "must be an address such as http://proxy:3128, without a user name and password in it");
}

const WORDS: Readonly<Record<string, string>> = { boolean: "true or false", string: "a text", number: "a number" };

/** Credentials have members of their own, where they are kept as secrets. */
function isProxyAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^(?:https?|socks5h?|tcp):$/.test(url.protocol) && url.username === "" && url.password === "";
}

function textOf(block: JsonObject, name: string): string {
  const value: JsonValue | undefined = own(block, name);
  return typeof value === "string" ? value : "";
}

function refuse(name: string, text: string): never {
  throw new GatewayError("invalid_request", `'${name}' ${text}`, { param: name });
}

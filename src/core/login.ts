// What the planes know of the login: the mode of the gateway, the credentials of a request, and who a caller is by them.
import { isLoopbackHost } from "../lib/host-names.ts";
import { GatewayError } from "./errors.ts";
import type { HeaderView } from "./http.ts";

/**
 * `none`: no login is set, and only this machine reaches the listener. `setup`: no login is set, but the listener is open to
 * other machines. `login`: a login is set.
 */
export type LoginMode = "none" | "setup" | "login";

/** The login as it is configured. */
export interface LoginSettings {
  readonly username: string;
  /** In clear, or as its hash (lib/password-hash.ts). Empty: nobody can log in. */
  readonly password: string;
  /** `disable_auth_on_inference`: inference stays open to callers without login and virtual key. */
  readonly opensInference: boolean;
}

/** Lets its holder set the first login. `place`: where it was configured, for people; empty = generated at this start. */
export interface SetupToken {
  readonly token: string;
  readonly place: string;
}

/** What a configuration says of the login, references to variables resolved. Not for any answer. */
export interface ConfiguredLogin {
  /** Null: none, or switched off. */
  readonly login: LoginSettings | null;
  /** Null: none is configured. */
  readonly setupToken: SetupToken | null;
}

/** What the loop is told. */
export interface LoginState {
  readonly mode: LoginMode;
  /** Inference needs a virtual key or the login. */
  readonly closesInference: boolean;
}

/** What of a request may prove the login or the right to set it; null = not carried. */
export interface LoginCredentials {
  readonly authorization: string | null;
  /** The values of all cookies called `token`: other programs on this host name may have one too. */
  readonly cookies: readonly string[];
  readonly setupToken: string | null;
}

/** What came of a check of credentials. */
export interface Proof {
  readonly proven: boolean;
  /** Unix ms until which nobody needs to ask again; 0 = ask each time. */
  readonly until: number;
  /** Seconds until this caller may try again; 0 = it was not slowed down. */
  readonly retryAfter: number;
}

/**
 * Who makes a management request. `operator`: the login is proven; or, while none is set, the caller sits at this machine or
 * holds the setup token. `stranger`: a login is set and not proven. `remote` and `unset`: no login is set, and the caller is
 * elsewhere (modes `none` and `setup`). `admitted`: a stranger on a route that the operator opened to everybody.
 */
export type Caller = "operator" | "admitted" | "stranger" | "remote" | "unset";

/** What of a request tells who makes it. */
export interface CallerFacts {
  readonly path: string;
  readonly method: string;
  readonly headers: HeaderView;
  readonly peer: { readonly loopback: boolean };
}

export const SESSION_COOKIE = "token";
export const SETUP_HEADER = "x-bifrost-setup-token";
/** Headers that hold the operator's credentials: they go to the plane that checks them and to no other. */
export const LOGIN_HEADERS: ReadonlySet<string> = new Set(["authorization", "cookie", SETUP_HEADER]);

const MOST_COOKIES = 4;
/** Lines by which a proxy tells that it passes a request on. */
const FORWARDED = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "x-forwarded-host",
  "x-forwarded-proto",
  "via",
  "true-client-ip",
  "cf-connecting-ip",
];

/** The credentials that a request carries, or null when there are none. A cookie counts only from a page of ours or from no page. */
export function loginCredentials(headers: HeaderView): LoginCredentials | null {
  const authorization = headers.get("authorization") ?? null;
  const setupToken = headers.get(SETUP_HEADER) ?? null;
  const cookie = headers.get("cookie");
  const cookies = cookie === undefined || !isOwnPage(headers) ? [] : sessionCookies(cookie);
  if (authorization === null && setupToken === null && cookies.length === 0) return null;
  return { authorization, cookies, setupToken };
}

function sessionCookies(cookie: string): string[] {
  const values: string[] = [];
  // repeated cookie lines are joined with a comma, which no token of ours holds
  for (const pair of cookie.split(/[;,]/)) {
    const equals = pair.indexOf("=");
    if (equals < 0 || pair.slice(0, equals).trim() !== SESSION_COOKIE) continue;
    const value = pair.slice(equals + 1).trim();
    if (value !== "" && values.length < MOST_COOKIES) values.push(value);
  }
  return values;
}

/** Browsers send cookies along with requests that other pages of the same host name make: those do not count. */
function isOwnPage(headers: HeaderView): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const origin = headers.get("origin");
  if (origin === undefined) return true;
  const host = headers.get("host");
  return (
    host !== undefined && /^https?:\/\//i.test(origin) && origin.toLowerCase().endsWith(`://${host.toLowerCase()}`)
  );
}

/** A request from this machine under a name that always means it. What a proxy passes on comes from elsewhere. */
export function isFromThisMachine(request: Pick<CallerFacts, "headers" | "peer">): boolean {
  if (!request.peer.loopback || !isLoopbackHost(request.headers.get("host"))) return false;
  return FORWARDED.every((name) => request.headers.get(name) === undefined);
}

/** Who makes `request`; `prove` is asked only where credentials decide. */
export async function callerOf(
  request: CallerFacts,
  mode: LoginMode,
  openRoutes: readonly string[],
  prove: (credentials: LoginCredentials) => Promise<boolean>,
): Promise<Caller> {
  if (mode !== "login" && isFromThisMachine(request)) return "operator";
  const isRead = request.method === "GET" || request.method === "HEAD";
  // without a login nothing is written from elsewhere, whatever is opened
  if ((isRead || mode === "login") && isOpenRoute(request.path, openRoutes)) return "admitted";
  if (mode === "none") return "remote";
  const credentials = loginCredentials(request.headers);
  if (credentials !== null && (await prove(credentials))) return "operator";
  return mode === "login" ? "stranger" : "unset";
}

/** What keeps `caller` from managing this gateway, and what he can do about it; null = nothing does. */
export function managementRefusal(caller: Caller): GatewayError | null {
  switch (caller) {
    case "operator":
    case "admitted":
      return null;
    case "remote":
      return new GatewayError(
        "unauthorized",
        "without a login the management API answers only callers on the gateway's own machine. Make the call there (http://localhost), through an SSH tunnel, or set an admin password",
      );
    case "unset":
      return new GatewayError(
        "unauthorized",
        "no admin password is set yet. Open the setup link that the gateway printed at its start, or send its token in the header x-bifrost-setup-token",
      );
    case "stranger":
      return new GatewayError(
        "unauthorized",
        "this needs the login: send it as Basic, or log in with POST /api/session/login and send the cookie",
      );
  }
}

/** True for a path that the operator opened (`whitelisted_routes`); a star at the end of an entry stands for whatever follows. */
export function isOpenRoute(path: string, openRoutes: readonly string[]): boolean {
  return openRoutes.some((route) => (route.endsWith("*") ? path.startsWith(route.slice(0, -1)) : path === route));
}

/** 401 for a call for a model with neither a virtual key nor the login, where a login closes inference. */
export function credentialRequired(): GatewayError {
  return new GatewayError(
    "virtual_key_required",
    "virtual key is required. Provide a virtual key via the x-bf-vk header. The login of this gateway, as Basic or as a session token, is taken too.",
  );
}

/** 429 for whoever guessed too often. `retryAfter`: seconds. */
export function slowedDown(retryAfter: number): GatewayError {
  return new GatewayError(
    "too_many_attempts",
    `too many failed logins from this address; try again in ${retryAfter} s. Open sessions and virtual keys are not affected`,
    { retryAfter },
  );
}

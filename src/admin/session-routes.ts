// POST /api/session/login, logout, logout-everywhere, ws-ticket and setup, and GET /api/session/is-auth-enabled.
import { auditScope } from "../core/audit.ts";
import type { JsonObject } from "../core/config-store.ts";
import { GatewayError } from "../core/errors.ts";
import { loginCredentials, SESSION_COOKIE, slowedDown } from "../core/login.ts";
import type { PlaneAnswer, PlaneRequest } from "../lib/channel/bridge-responder.ts";
import { jsonAnswer } from "./answers.ts";
import type { AdminHouse } from "./house.ts";
import type { Login } from "./login.ts";
import { asText, readJsonObject, refuseUnknown } from "./read-json.ts";
import type { Route } from "./router.ts";
import { SESSION_LIFE } from "./sessions.ts";

const SHORTEST_PASSWORD = 8;

export function sessionRoutes(house: AdminHouse): Route[] {
  return [
    {
      method: "POST",
      path: "/api/session/login",
      demands: "open",
      audited: true,
      handle: (request) => logIn(house.login, request),
    },
    {
      method: "POST",
      path: "/api/session/logout",
      demands: "write",
      handle: async (request) => {
        const credentials = loginCredentials(request.headers);
        if (credentials !== null) await house.login.closeSessions(credentials);
        return withCookie(jsonAnswer({ message: "Logout successful" }), request, "", 0);
      },
    },
    {
      method: "POST",
      path: "/api/session/logout-everywhere",
      demands: "write",
      handle: async (request) => {
        await house.login.closeEverySession();
        return withCookie(jsonAnswer({ message: "Every session is ended" }), request, "", 0);
      },
    },
    {
      method: "GET",
      path: "/api/session/is-auth-enabled",
      demands: "open",
      handle: (request) => tellLogin(house.login, request),
    },
    {
      method: "POST",
      path: "/api/session/ws-ticket",
      demands: "write",
      audited: false,
      handle: () => jsonAnswer({ ticket: house.login.tickets.issue(house.now()) }),
    },
    { method: "POST", path: "/api/session/setup", demands: "setup", handle: (request) => setUp(house, request) },
  ];
}

async function logIn(login: Login, request: PlaneRequest): Promise<PlaneAnswer> {
  const body = readJsonObject(request.body);
  refuseUnknown(body, ["username", "password"]);
  const username = asText(body["username"], "username");
  const password = asText(body["password"], "password");
  if (login.mode !== "login")
    throw new GatewayError("invalid_request", "no login is set, so there is nothing to log in to (auth_config)");
  const proof = await login.provePassword(username, password, request.peer.address);
  if (proof.retryAfter > 0) throw slowedDown(proof.retryAfter);
  if (!proof.proven) throw new GatewayError("unauthorized", "the user name or the password is wrong");
  const scope = auditScope.getStore();
  if (scope !== undefined) scope.actor = username;
  const token = await login.openSession();
  return withCookie(jsonAnswer({ message: "Login successful" }), request, token, SESSION_LIFE);
}

/** Open sessions alone are told of: a password is not checked here. */
async function tellLogin(login: Login, request: PlaneRequest): Promise<PlaneAnswer> {
  const isEnabled = login.mode === "login";
  const credentials = isEnabled ? loginCredentials(request.headers) : null;
  const hasToken = credentials !== null && (await login.sessionEnd(credentials)) > 0;
  return jsonAnswer({
    is_auth_enabled: isEnabled,
    has_valid_token: hasToken,
    auth_type: isEnabled ? "password" : "none",
    setup_required: login.mode === "setup",
  });
}

/** The first admin password; from then on the setup token is worth nothing. */
async function setUp(house: AdminHouse, request: PlaneRequest): Promise<PlaneAnswer> {
  const { login } = house;
  if (login.mode === "login")
    throw new GatewayError("conflict", "a login is set already; log in and change it with PUT /api/config");
  const body = readJsonObject(request.body);
  refuseUnknown(body, ["username", "password", "admin_username", "admin_password"]);
  const username = asText(body["username"] ?? body["admin_username"], "username");
  const password = asText(body["password"] ?? body["admin_password"], "password");
  if ([...password].length < SHORTEST_PASSWORD)
    throw new GatewayError("invalid_request", `the password needs at least ${SHORTEST_PASSWORD} characters`, {
      param: "password",
    });
  const before: JsonObject = house.book.block("auth_config")?.body ?? {};
  await house.book.putBlock("auth_config", {
    ...before,
    admin_username: username,
    admin_password: password,
    is_enabled: true,
  });
  await login.refresh();
  const token = await login.openSession();
  const answer = jsonAnswer({ message: "The admin password is set", is_auth_enabled: true });
  return withCookie(answer, request, token, SESSION_LIFE);
}

function withCookie(answer: PlaneAnswer, request: PlaneRequest, value: string, life: number): PlaneAnswer {
  const secure = isSecure(request) ? "; Secure" : "";
  const cookie = `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${Math.floor(life / 1000)}${secure}`;
  return { ...answer, headers: [...answer.headers, ["set-cookie", cookie]] };
}

/** Https up to us, or up to a proxy before us. Whoever claims it wrongly only keeps the cookie from plain http. */
function isSecure(request: PlaneRequest): boolean {
  if (request.peer.secure || request.headers.get("origin")?.toLowerCase().startsWith("https://") === true) return true;
  return request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase() === "https";
}

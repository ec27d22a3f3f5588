// The authorisation table, route by route and caller by caller, over the real routes of both planes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Caller, LoginMode } from "../core/login.ts";
import { jsonAnswer } from "./answers.ts";
import { AS_TOLD, authorise, type Demand } from "./authorise.ts";
import { controlRoutes } from "./control-routes.ts";
import { callRoute, ENTITIES, testHouse } from "./fixtures/house.ts";
import { loginAccess } from "./login-access.ts";
import { createLogin } from "./login-start.ts";
import { logRoutes } from "./logs.ts";
import { createRouter, type Route } from "./router.ts";

const TOKEN = "a-setup-token-that-is-long-enough-for-nobody";
const USER = { username: "admin", password: "correct horse" };
const BASIC = Buffer.from(`${USER.username}:${USER.password}`).toString("base64");

/** A house of one mode, and the credentials that hold in it. */
async function houseOf(mode: LoginMode, openRoutes: readonly string[] = []) {
  const house = testHouse(ENTITIES);
  const login = createLogin({
    host: mode === "setup" ? "0.0.0.0" : "localhost",
    configured: () => ({ login: mode === "login" ? { ...USER, opensInference: false } : null, setupToken: null }),
    environment: {},
    generatedToken: TOKEN,
    openRoutes: () => openRoutes,
    store: () => null,
    tell() {},
    onGuessing() {},
    onFailed() {},
    onTrouble: (error) => assert.fail(String(error)),
    now: () => house.time,
  });
  await login.refresh();
  const session = mode === "login" ? await login.openSession() : "";
  // routes answer by themselves whatever they answer: here only the way to them is looked at
  const routes = [...controlRoutes(house), ...logRoutes({ type: "off", reason: "off" }, Date.now)].map(
    (route): Route => ({ ...route, handle: () => jsonAnswer("let in"), closed: undefined as never }),
  );
  return { session, routes, handler: createRouter(routes, loginAccess({ ...house, login })) };
}

type Who =
  | "here"
  | "elsewhere"
  | "virtual key"
  | "cookie"
  | "session"
  | "bearer password"
  | "basic"
  | "setup token"
  | "proxied"
  | "wrong password"
  | "foreign name";

function requestOf(who: Who, session: string): { loopback: boolean; headers: Record<string, string> } {
  const far = { loopback: false };
  switch (who) {
    case "here":
      return { loopback: true, headers: {} };
    case "elsewhere":
      return { ...far, headers: {} };
    case "proxied":
      return { loopback: true, headers: { "x-forwarded-for": "203.0.113.7" } };
    case "foreign name":
      return { loopback: true, headers: { host: "gateway.example" } };
    case "virtual key":
      return { ...far, headers: { "x-bf-vk": "secret-prod", authorization: "Bearer secret-prod" } };
    case "cookie":
      return { ...far, headers: { cookie: `other=1; token=${session}` } };
    case "session":
      return { ...far, headers: { authorization: `Bearer ${session}` } };
    case "bearer password":
      return { ...far, headers: { authorization: `bearer ${BASIC}` } };
    case "basic":
      return { ...far, headers: { authorization: `Basic ${BASIC}` } };
    case "wrong password":
      return { ...far, headers: { authorization: `Basic ${Buffer.from("admin:wrong").toString("base64")}` } };
    case "setup token":
      return { ...far, headers: { "x-bifrost-setup-token": TOKEN } };
  }
}

const EVERYBODY: readonly Who[] = [
  "here",
  "elsewhere",
  "proxied",
  "foreign name",
  "virtual key",
  "cookie",
  "session",
  "bearer password",
  "basic",
  "setup token",
];
const LOGGED_IN: readonly Who[] = ["cookie", "session", "bearer password", "basic"];
/** Who gets in, by mode and demand. */
const EXPECTED: Readonly<Record<LoginMode, Readonly<Record<Demand, readonly Who[]>>>> = {
  none: {
    open: EVERYBODY,
    inference: EVERYBODY,
    metrics: EVERYBODY,
    page: ["here"],
    read: ["here"],
    write: ["here"],
    setup: ["here"],
  },
  setup: {
    open: EVERYBODY,
    inference: EVERYBODY,
    metrics: EVERYBODY,
    page: ["here", "setup token"],
    read: ["here", "setup token"],
    write: ["here", "setup token"],
    setup: ["here", "setup token"],
  },
  login: {
    open: EVERYBODY,
    inference: ["virtual key", ...LOGGED_IN],
    metrics: LOGGED_IN,
    page: LOGGED_IN,
    read: LOGGED_IN,
    write: LOGGED_IN,
    setup: LOGGED_IN,
  },
};

async function ask(handler: ReturnType<typeof createRouter>, route: Route, who: Who, session: string) {
  const body = route.method === "GET" ? {} : { body: {} };
  const target = route.path.replace(/\{\w+\}/g, "x");
  return await callRoute(handler, route.method, target, { ...requestOf(who, session), ...body });
}

describe("the authorisation table", () => {
  for (const mode of ["none", "setup", "login"] as const)
    it(`lets in whom it should and nobody else, on every route, in mode ${mode}`, async () => {
      const { session, routes, handler } = await houseOf(mode);
      assert.ok(routes.length > 15);
      for (const route of routes)
        for (const who of EVERYBODY) {
          const { status, json } = await ask(handler, route, who, session);
          const isIn = EXPECTED[mode][route.demands].includes(who);
          assert.equal(status, isIn ? 200 : 401, `${mode}: ${route.method} ${route.path} for ${who}`);
          if (!isIn) assert.ok(json.error.message.length > 40, "the refusal says what to do");
        }
    });

  it("keeps open only what tells nothing of the operator's", async () => {
    const { routes } = await houseOf("none");
    const open = routes.filter((route) => route.demands === "open").map((route) => `${route.method} ${route.path}`);
    assert.deepEqual(open.toSorted(), [
      "GET /api/session/is-auth-enabled",
      "GET /api/version",
      "GET /assets/{file}",
      "GET /config.schema.json",
      "GET /docs",
      "GET /docs/{a}",
      "GET /docs/{a}/{b}",
      "GET /favicon.ico",
      "GET /llms-full.txt",
      "GET /llms.txt",
      "GET /login",
      "GET /openapi.json",
      "GET /setup",
      "POST /api/session/login",
    ]);
    const metrics = routes.filter((route) => route.demands === "metrics").map((route) => route.path);
    assert.deepEqual(metrics, ["/metrics"]);
    for (const route of routes.filter((each) => each.demands === "inference"))
      assert.match(route.path, /\/models$|\/virtual-keys\/quota$/);
  });

  it("has everything that changes something behind the operator", async () => {
    const { routes } = await houseOf("none");
    const changes = routes.filter((route) => route.method !== "GET" && route.path !== "/api/session/login");
    for (const route of changes)
      assert.ok(["read", "write", "setup"].includes(route.demands), `${route.method} ${route.path}`);
  });

  it("opens a route that the operator listed, and without a login only for reading", async () => {
    for (const mode of ["none", "setup", "login"] as const) {
      const { handler } = await houseOf(mode, ["/metrics", "/api/log*", "/api/routing/*"]);
      const far = { loopback: false };
      assert.equal((await callRoute(handler, "GET", "/metrics", far)).status, 200);
      assert.equal((await callRoute(handler, "GET", "/api/logs/stats", far)).status, 200);
      assert.equal((await callRoute(handler, "GET", "/api/providers", far)).status, 401);
      const write = await callRoute(handler, "POST", "/api/routing/simulate", { ...far, body: {} });
      assert.equal(write.status, mode === "login" ? 200 : 401, mode);
    }
  });

  it("says nothing of which routes there are to whom it does not let in", async () => {
    const { handler } = await houseOf("login");
    for (const [method, path] of [
      ["GET", "/api/nothing"],
      ["GET", "/api/plugins"],
      ["DELETE", "/api/logs/x"],
      ["PATCH", "/metrics"],
    ] as const)
      assert.equal((await callRoute(handler, method, path, { loopback: false })).status, 401, path);
    assert.equal((await callRoute(handler, "DELETE", "/api/version", { loopback: false })).status, 405);
    for (const path of ["/api/oauth/callback", "/ui", "/ui/assets/index.js"])
      assert.equal((await callRoute(handler, "GET", path, { loopback: false })).status, 501, path);
  });

  it("refuses a demand and a caller that it does not know", () => {
    assert.throws(() => authorise("anything" as Demand, "operator"), { code: "forbidden" });
    assert.throws(() => authorise("constructor" as Demand, "operator"), { code: "forbidden" });
    assert.throws(() => authorise("read", "root" as Caller));
  });

  it("believes in the other plane only what the loop says, and nobody where it says nothing", async () => {
    const routes = logRoutes({ type: "off", reason: "off" }, Date.now);
    const handler = createRouter(routes, AS_TOLD);
    assert.equal((await callRoute(handler, "GET", "/api/logs")).status, 401);
  });
});

describe("credentials", () => {
  it("a cookie counts only from a page of ours or from no page", async () => {
    const { handler, session } = await houseOf("login");
    const cookie = `token=${session}`;
    const status = async (headers: Record<string, string>) =>
      (await callRoute(handler, "GET", "/v1/models", { loopback: false, headers: { cookie, ...headers } })).status;
    assert.equal(await status({}), 200);
    assert.equal(await status({ origin: "http://localhost:8080", "sec-fetch-site": "same-origin" }), 200);
    for (const headers of [
      { origin: "http://localhost:3000" },
      { origin: "http://localhost:3000", "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
      { origin: "null" },
    ])
      assert.equal(await status(headers), 401, JSON.stringify(headers));
  });

  it("a token of another program on the same host name does no harm beside ours", async () => {
    const { handler, session } = await houseOf("login");
    const cookies = [`token=foreign; token=${session}`, `token=${session}; token=foreign`, `token=;token=${session}`];
    for (const cookie of cookies)
      assert.equal(
        (await callRoute(handler, "GET", "/api/logs", { loopback: false, headers: { cookie } })).status,
        200,
        cookie,
      );
    for (const cookie of ["token=", "token=foreign", `token=${session}x`, `tokens=${session}`, `xtoken=${session}`])
      assert.equal(
        (await callRoute(handler, "GET", "/api/logs", { loopback: false, headers: { cookie } })).status,
        401,
        cookie,
      );
  });

  it("a wrong setup token opens nothing and is slowed down", async () => {
    const { handler } = await houseOf("setup");
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++) {
      const headers = { "x-bifrost-setup-token": `guess-${n}` };
      statuses.push((await callRoute(handler, "GET", "/api/logs", { loopback: false, headers })).status);
    }
    assert.deepEqual(statuses, [401, 401, 401, 401, 429, 429, 429]);
    const right = { loopback: false, headers: { "x-bifrost-setup-token": TOKEN } };
    assert.equal(
      (await callRoute(handler, "GET", "/api/logs", right)).status,
      200,
      "whoever holds it is not locked out",
    );
  });
});

// Every management route of a running gateway, taken from the routes themselves: who may call it, from which Host, page and body.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { controlRoutes } from "../../src/admin/control-routes.ts";
import { testHouse } from "../../src/admin/fixtures/house.ts";
import { logRoutes } from "../../src/admin/logs.ts";
import type { Route } from "../../src/admin/router.ts";
import { exchange } from "../../src/server/testing.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

/** A route that is added comes into these tests by itself. */
const ROUTES: readonly Route[] = [
  ...controlRoutes(testHouse()),
  ...logRoutes({ type: "off", reason: "off" }, Date.now),
];
const isWrite = ({ method }: Route): boolean => method !== "GET";
const WRITES = ROUTES.filter(isWrite);
/** These follow the rules of inference, whatever plane answers them. */
const isInference = ({ demands }: Route): boolean => demands === "inference";
const ADMIN = ROUTES.filter((route) => !isInference(route));

const PASSWORD = "correct-horse-battery";
const VIRTUAL_KEY = "sk-bf-canary-virtual-key";
const BASIC = { authorization: `Basic ${Buffer.from(`ada:${PASSWORD}`).toString("base64")}` };
const LOGIN = { admin_username: "ada", admin_password: PASSWORD, is_enabled: true };
const KEYS = { virtual_keys: [{ name: "v", value: VIRTUAL_KEY, provider_configs: [{ provider: "demo" }] }] };
const JSON_TYPE = { "content-type": "application/json" };
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { origin: "https://evil.example" },
  { origin: "null" },
  { origin: "http://localhost:1" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
];

type Headers = Readonly<Record<string, string>>;

/** A body that would do something harmless where the route takes it. */
const bodyFor = (route: Route): string => (isWrite(route) ? '{"name":"made-by-nobody"}' : "");
const targetOf = ({ path }: Route): string => path.replaceAll(/\{\w+\}/g, "x");

async function send(gateway: TestGateway, route: Route, headers: Headers, body = bodyFor(route)): Promise<string> {
  const lines = {
    host: `localhost:${gateway.port}`,
    connection: "close",
    ...(body === "" ? {} : JSON_TYPE),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === "" ? "" : `content-length: ${Buffer.byteLength(body)}\r\n`;
  return exchange(gateway.port, `${route.method} ${targetOf(route)} HTTP/1.1\r\n${head.join("")}${length}\r\n${body}`);
}

const statusOf = (answer: string): number => Number(answer.slice(9, 12));

/** What can be read of the configuration: equal before and after means that nothing was changed. */
async function stateOf(gateway: TestGateway, headers: Headers): Promise<string> {
  const targets = ["/api/config", "/api/providers", "/api/keys", "/api/governance/virtual-keys", "/api/feature-flags"];
  const texts = targets.map(async (target) => await (await fetch(gateway.url + target, { headers })).text());
  return (await Promise.all(texts)).join("\n");
}

let locked: TestGateway;
let open: TestGateway;

before(async () => {
  // allowed_origins is for inference: it opens none of these routes
  const client = { allowed_origins: ["*", "https://evil.example"] };
  locked = await startTestGateway({ config: { auth_config: LOGIN, client, governance: KEYS } });
  open = await startTestGateway({ config: { client, governance: KEYS } });
});

after(async () => {
  await locked.stop();
  await open.stop();
});

test("there are routes of both planes, and writes among them", () => {
  assert.ok(ADMIN.length > 30 && WRITES.length > 15, `${ADMIN.length} ${WRITES.length}`);
  assert.ok(ADMIN.some(({ path }) => path === "/api/logs"));
});

describe("with a login", () => {
  test("nobody without it, with a wrong one or with a virtual key is let in, and the refusal says what to do", async () => {
    const before = await stateOf(locked, BASIC);
    const nobody: readonly Headers[] = [
      {},
      { cookie: "token=x" },
      { authorization: "Bearer x" },
      { "x-bf-vk": VIRTUAL_KEY },
      { authorization: `Bearer ${VIRTUAL_KEY}` },
      { "x-api-key": VIRTUAL_KEY },
      { "x-bifrost-setup-token": "x" },
      { "x-forwarded-for": "127.0.0.1" },
    ];
    for (const route of ADMIN)
      for (const headers of nobody) {
        const answer = await send(locked, route, headers);
        const name = `${route.method} ${route.path} ${JSON.stringify(headers)}`;
        if (route.demands === "open") {
          assert.notEqual(statusOf(answer), 403, name);
        } else if (route.closed === undefined) {
          assert.equal(statusOf(answer), 401, name);
          assert.match(
            answer,
            /"message":"this needs the login: send it as Basic, or log in with POST \/api\/session\/login/,
          );
        } else assert.match(answer, /action="\/api\/session\/login"/, name);
      }
    assert.equal(await stateOf(locked, BASIC), before);
  });

  test("whoever has it is let in everywhere", async () => {
    const login = await fetch(`${locked.url}/api/session/login`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify({ username: "ada", password: PASSWORD }),
    });
    const session = /token=([^;]+)/.exec(login.headers.get("set-cookie") ?? "")?.[1] ?? "";
    for (const headers of [BASIC, { cookie: `token=${session}` }, { authorization: `Bearer ${session}` }])
      for (const route of ADMIN) {
        // the body of nobody: refused, where it would end the session or the login
        if (route.path.startsWith("/api/session")) continue;
        // a stream of events has no end: asked for wrongly it is an answer like others
        const asked = route.path === "/api/events" ? { ...route, path: `${route.path}?since=none` } : route;
        const status = statusOf(await send(locked, asked, headers, isWrite(route) ? "[]" : ""));
        assert.ok(![401, 403, 421].includes(status) && status > 0, `${route.method} ${route.path}: ${status}`);
      }
  });

  test("a page of another origin is refused on each of them, whatever it carries and whatever inference allows", async () => {
    const before = await stateOf(locked, BASIC);
    for (const route of ADMIN)
      for (const headers of FOREIGN) {
        const answer = await send(locked, route, { ...BASIC, ...headers });
        assert.equal(statusOf(answer), 403, `${route.method} ${route.path} ${JSON.stringify(headers)}`);
        assert.doesNotMatch(answer, /access-control-/i);
      }
    assert.equal(await stateOf(locked, BASIC), before);
  });
});

describe("without a login", () => {
  test("a name that a page can point at this machine is 421 on each of them", async () => {
    for (const route of ADMIN)
      for (const host of ["evil.example", `evil.example:${open.port}`, "127.0.0.1.evil.example"]) {
        const answer = await send(open, route, { host });
        assert.equal(statusOf(answer), 421, `${route.method} ${route.path} for ${host}`);
      }
  });

  test("whoever a proxy passes on writes nothing", async () => {
    for (const route of WRITES.filter(({ demands }) => demands !== "open"))
      assert.equal(statusOf(await send(open, route, { "x-forwarded-for": "203.0.113.7" })), 401, route.path);
  });

  test("a page of another origin is refused on each of them, its preflight gets nothing, and nothing is changed", async () => {
    const before = await stateOf(open, {});
    for (const route of ADMIN)
      for (const headers of FOREIGN) {
        const answer = await send(open, route, headers);
        assert.equal(statusOf(answer), 403, `${route.method} ${route.path} ${JSON.stringify(headers)}`);
        assert.doesNotMatch(answer, /access-control-/i);
        const ask = { "access-control-request-method": route.method, "access-control-request-headers": "content-type" };
        const preflight = await send(open, { ...route, method: "OPTIONS" as "GET" }, { ...headers, ...ask }, "");
        assert.doesNotMatch(preflight, /access-control-/i);
      }
    assert.equal(await stateOf(open, {}), before);
  });

  test("a body that a form can send is refused on each write, and nothing is changed", async () => {
    const before = await stateOf(open, {});
    for (const route of WRITES)
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]) {
        const answer = await send(open, route, { "content-type": type });
        assert.equal(statusOf(answer), 415, `${route.method} ${route.path} ${type}`);
      }
    assert.equal(await stateOf(open, {}), before);
  });

  test("no method but its own does anything on a path", async () => {
    const before = await stateOf(open, {});
    for (const path of new Set(ROUTES.map((route) => route.path))) {
      const own = new Set(ROUTES.filter((route) => route.path === path).map((route) => route.method as string));
      for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]) {
        // a name in braces may be the word of another route
        if (own.has(method) || (method === "GET" && path.endsWith("/rotate"))) continue;
        if (/^\/api\/providers\/(?:catalog|environment|test)$/.test(path) && method !== "POST") continue;
        const route = { ...(ROUTES[0] as Route), path, method: method as "GET" };
        const status = statusOf(await send(open, route, {}, method === "GET" ? "" : "{}"));
        assert.ok([404, 405, 501].includes(status), `${method} ${path}: ${status}`);
      }
    }
    assert.equal(await stateOf(open, {}), before);
  });
});

// A gateway that other machines reach and nobody has a password for: the setup token, the setup link, the first login.
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { type GatewayStart, startTestGateway, type TestGateway } from "../support/gateway.ts";

const JSON_TYPE = { "content-type": "application/json" };
const LOGIN = { username: "admin", password: "a-new-password" };
const address = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

type Headers = Readonly<Record<string, string>>;

async function call(url: string, method: string, target: string, headers: Headers = {}, body?: unknown) {
  const init = body === undefined ? { headers } : { headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) };
  const answer = await fetch(url + target, { method, ...init });
  return { status: answer.status, text: await answer.text(), cookie: answer.headers.get("set-cookie") ?? "" };
}

/** A gateway on every address, called from outside and from here. */
async function wide(start: GatewayStart, work: (far: string, near: string, gateway: TestGateway) => Promise<void>) {
  const gateway = await startTestGateway({ ...start, flags: ["-host", "0.0.0.0", ...(start.flags ?? [])] });
  try {
    await work(`http://${address}:${gateway.port}`, gateway.url, gateway);
  } finally {
    await gateway.stop();
  }
}

const needsAddress = { skip: address === undefined ? "this machine has no address but loopback" : false } as const;
const setup = (token: string): Headers => ({ "x-bifrost-setup-token": token });
const tokenIn = (output: string): string => /\/setup#token=([\w-]{32})/.exec(output)?.[1] ?? "";

test(
  "the admin API needs the token from other machines, the page leads to the setup, inference is open",
  needsAddress,
  () =>
    wide({}, async (far, near, gateway) => {
      const token = tokenIn(gateway.output());
      assert.notEqual(token, "", gateway.output());
      for (const target of ["/api/logs", "/api/providers", "/api/config", "/api/nothing"]) {
        const refused = await call(far, "GET", target);
        assert.equal(refused.status, 401, target);
        assert.match(refused.text, /setup link/);
        assert.equal((await call(near, "GET", target)).status, target === "/api/nothing" ? 404 : 200);
        assert.equal((await call(far, "GET", target, setup(token))).status, target === "/api/nothing" ? 404 : 200);
      }
      const key = { name: "x", provider_configs: [{ provider: "demo" }] };
      assert.equal((await call(far, "POST", "/api/governance/virtual-keys", {}, key)).status, 401);
      assert.equal((await call(far, "POST", "/api/governance/virtual-keys", setup(token), key)).status, 200);
      assert.equal((await call(near, "POST", "/api/governance/virtual-keys", {}, { ...key, name: "y" })).status, 200);
      for (const target of ["/", "/setup"])
        assert.match((await call(far, "GET", target)).text, /action="\/api\/session\/setup"/);
      assert.equal((await call(far, "GET", "/metrics")).status, 200);
      assert.equal((await call(far, "GET", "/v1/models")).status, 200);
      const told = await call(far, "GET", "/api/session/is-auth-enabled");
      assert.match(told.text, /"is_auth_enabled":false.*"setup_required":true/);
      const question = { model: "demo/echo", messages: [{ role: "user", content: "hi" }] };
      assert.equal((await call(far, "POST", "/v1/chat/completions", {}, question)).status, 200);
    }),
);

test("the link sets the password once, logs in, and is worth nothing afterwards", needsAddress, () =>
  wide({}, async (far, near, gateway) => {
    const token = tokenIn(gateway.output());
    assert.equal((await call(far, "POST", "/api/session/setup", {}, LOGIN)).status, 401);
    const short = await call(far, "POST", "/api/session/setup", setup(token), { ...LOGIN, password: "short" });
    assert.equal(short.status, 400);
    assert.match(short.text, /at least 8 characters/);
    const done = await call(far, "POST", "/api/session/setup", setup(token), LOGIN);
    assert.equal(done.status, 200, done.text);
    const cookie = { cookie: done.cookie.split(";")[0] ?? "" };
    assert.equal((await call(far, "GET", "/api/logs", cookie)).status, 200);
    for (const at of [far, near])
      for (const headers of [{}, setup(token)]) {
        assert.equal((await call(at, "GET", "/api/logs", headers)).status, 401);
        assert.equal((await call(at, "POST", "/api/session/setup", headers, LOGIN)).status, 401);
      }
    const login = await call(far, "POST", "/api/session/login", {}, LOGIN);
    assert.equal(login.status, 200);
    assert.equal((await call(far, "POST", "/api/session/setup", cookie, LOGIN)).status, 409);
    // the login closes inference too
    const question = { model: "demo/echo", messages: [{ role: "user", content: "hi" }] };
    assert.equal((await call(far, "POST", "/v1/chat/completions", {}, question)).status, 401);
    assert.equal((await call(far, "POST", "/v1/chat/completions", cookie, question)).status, 200);
  }),
);

test("a configured token is taken, and told nowhere", needsAddress, async () => {
  const token = "configured-setup-token-canary";
  const starts: readonly (readonly [GatewayStart, RegExp])[] = [
    [{ environment: { BIFROST_SETUP_TOKEN: token } }, /\/setup with the token of BIFROST_SETUP_TOKEN/],
    [{ config: { setup_token: token } }, /\/setup with the token of .*config\.json/],
  ];
  for (const [start, text] of starts)
    await wide({ ...start, flags: ["-log-level", "debug"] }, async (far, _near, gateway) => {
      assert.match(gateway.output(), text);
      assert.equal((await call(far, "GET", "/api/logs")).status, 401);
      assert.equal((await call(far, "GET", "/api/logs", setup(token))).status, 200);
      const shown = await Promise.all(
        ["/", "/setup", "/api/config", "/api/providers", "/metrics"].map((target) =>
          call(far, "GET", target, setup(token)),
        ),
      );
      for (const { text: answer } of shown) assert.ok(!answer.includes(token));
      assert.ok(!gateway.output().includes(token));
    });
});

test("guessing the token is slowed down, and its holder is not", needsAddress, () =>
  wide({}, async (far, _near, gateway) => {
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await call(far, "GET", "/api/logs", setup(`guess-${n}`))).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 429, 429]);
    assert.equal((await call(far, "GET", "/api/logs", setup(tokenIn(gateway.output())))).status, 200);
  }),
);

test("with a password from the start there is no setup", needsAddress, () =>
  wide(
    { config: { auth_config: { admin_username: "a", admin_password: "12345678", is_enabled: true } } },
    async (far, _near, gateway) => {
      assert.doesNotMatch(gateway.output(), /setup/);
      assert.equal((await call(far, "GET", "/api/logs")).status, 401);
      assert.match((await call(far, "GET", "/setup")).text, /action="\/api\/session\/login"/);
    },
  ),
);

test("a gateway on this machine alone prints no link, and whoever a proxy passes on is a stranger", async () => {
  const gateway = await startTestGateway();
  try {
    assert.doesNotMatch(gateway.output(), /setup/);
    assert.equal((await call(gateway.url, "GET", "/api/logs")).status, 200);
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "via"]) {
      const refused = await call(gateway.url, "GET", "/api/logs", { [name]: "203.0.113.7" });
      assert.equal(refused.status, 401, name);
      assert.match(refused.text, /without a login/);
    }
    const body = { name: "x" };
    assert.equal(
      (await call(gateway.url, "POST", "/api/governance/virtual-keys", { via: "1.1 proxy" }, body)).status,
      401,
    );
  } finally {
    await gateway.stop();
  }
});

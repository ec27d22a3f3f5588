// A gateway with a login: what is closed and what stays open, every way to prove it, guessing, sessions, and inference behind it.
import assert from "node:assert/strict";
import { globSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { exchange } from "../../src/server/testing.ts";
import { startTestGateway, temporaryFolder } from "../support/gateway.ts";
import { type Rig, startRig, until } from "../support/rig.ts";

const USER = "admin-canary";
const PASSWORD = "correct-horse-canary-7261";
const SECOND_PASSWORD = "battery-staple-canary-9917";
const KEY = "vk-canary-login-5d1e0b";
const AUTH = { admin_username: USER, admin_password: "env.ADMIN_PASSWORD", is_enabled: true };
const CONFIG = {
  auth_config: AUTH,
  governance: { virtual_keys: [{ name: "good", value: KEY, provider_configs: [{ provider: "openai0" }] }] },
};
const ENVIRONMENT = { ADMIN_PASSWORD: PASSWORD };
const JSON_TYPE = { "content-type": "application/json" };

type Headers = Readonly<Record<string, string>>;

const encoded = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString("base64");
const basic = (password: string, user = USER): Headers => ({ authorization: `Basic ${encoded(user, password)}` });

/** What calls gave, for the search for canaries. */
const answers: string[] = [];

async function call(url: string, method: string, target: string, headers: Headers = {}, body?: unknown) {
  const init = body === undefined ? { headers } : { headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) };
  const answer = await fetch(url + target, { method, ...init });
  const text = await answer.text();
  answers.push(`${method} ${target}: ${text}`);
  return { status: answer.status, text, headers: answer.headers, cookie: answer.headers.get("set-cookie") ?? "" };
}

const tokenOf = (cookie: string): string => /^token=([^;]+)/.exec(cookie)?.[1] ?? "";

async function logIn(url: string, password = PASSWORD): Promise<string> {
  const answer = await call(url, "POST", "/api/session/login", {}, { username: USER, password });
  assert.equal(answer.status, 200, answer.text);
  const token = tokenOf(answer.cookie);
  assert.equal(token.length, 43);
  return token;
}

const QUESTION = { model: "openai0/echo", messages: [{ role: "user", content: "hi" }] };
const infer = (url: string, headers: Headers = {}) => call(url, "POST", "/v1/chat/completions", headers, QUESTION);

let rig: Rig;
let url: string;

before(async () => {
  rig = await startRig({ openai: { base: "openai" } }, CONFIG, {
    environment: ENVIRONMENT,
    flags: ["-log-level", "debug"],
  });
  url = rig.gateway.url;
});

after(() => rig?.close());

describe("without the login", () => {
  test("only what tells nothing of the operator's is open, also to this machine", async () => {
    for (const target of ["/health", "/api/version", "/api/session/is-auth-enabled", "/", "/setup", "/favicon.ico"])
      assert.equal((await call(url, "GET", target)).status, 200, target);
    for (const target of [
      "/metrics",
      "/api/logs",
      "/api/logs/stats",
      "/api/logs/x",
      "/api/providers",
      "/api/keys",
      "/api/config",
      "/api/governance/virtual-keys",
      "/api/plugins",
      "/api/nothing",
      "/ws",
    ]) {
      const { status, text } = await call(url, "GET", target);
      assert.equal(status, 401, target);
      assert.match(text, /this needs the login/);
    }
    for (const target of [
      "/api/governance/virtual-keys",
      "/api/routing/simulate",
      "/api/session/logout",
      "/api/session/setup",
    ])
      assert.equal((await call(url, "POST", target, {}, { name: "x" })).status, 401, target);
  });

  test("the page is the one to log in, and tells nothing else", async () => {
    const { text, headers } = await call(url, "GET", "/");
    assert.match(text, /action="\/api\/session\/login"/);
    assert.doesNotMatch(text, /openai0|config\.json/);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*script-src 'sha256-/);
  });

  test("it says that there is a login", async () => {
    const told = JSON.parse((await call(url, "GET", "/api/session/is-auth-enabled")).text) as object;
    assert.deepEqual(told, {
      is_auth_enabled: true,
      has_valid_token: false,
      auth_type: "password",
      setup_required: false,
    });
  });
});

describe("the login", () => {
  test("is proven by cookie, session token, and name and password in both schemes, in every plane", async () => {
    const token = await logIn(url);
    for (const headers of [
      { cookie: `token=${token}` },
      { authorization: `Bearer ${token}` },
      { authorization: `Bearer ${encoded(USER, PASSWORD)}` },
      basic(PASSWORD),
    ])
      for (const target of ["/api/logs", "/api/providers", "/metrics", "/", "/api/governance/virtual-keys"])
        assert.equal((await call(url, "GET", target, headers)).status, 200, `${target} ${Object.keys(headers)[0]}`);
    const told = await call(url, "GET", "/api/session/is-auth-enabled", { cookie: `token=${token}` });
    assert.match(told.text, /"has_valid_token":true/);
    assert.match((await call(url, "GET", "/", { cookie: `token=${token}` })).text, /openai0/);
  });

  test("gives a cookie that scripts cannot read, that other sites cannot use, and that https keeps to itself", async () => {
    const body = { username: USER, password: PASSWORD };
    const { cookie } = await call(url, "POST", "/api/session/login", {}, body);
    assert.match(cookie, /^token=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
    const secure = await call(url, "POST", "/api/session/login", { "x-forwarded-proto": "https" }, body);
    assert.match(secure.cookie, /; Secure$/);
  });

  test("answers a wrong name and a wrong password alike, and names what is missing", async () => {
    const wrong = await call(url, "POST", "/api/session/login", {}, { username: USER, password: "wrong" });
    const unknown = await call(url, "POST", "/api/session/login", {}, { username: "nobody", password: PASSWORD });
    assert.deepEqual([wrong.status, wrong.text, wrong.cookie], [401, unknown.text, ""]);
    assert.equal(unknown.status, 401);
    const missing = await call(url, "POST", "/api/session/login", {}, { username: USER });
    assert.equal(missing.status, 400);
    assert.match(missing.text, /'password'/);
  });

  test("ends for this session at logout, everywhere at once", async () => {
    const [one, other] = [await logIn(url), await logIn(url)];
    const cookie = { cookie: `token=${one}` };
    for (const target of ["/api/logs", "/api/providers"])
      assert.equal((await call(url, "GET", target, cookie)).status, 200);
    assert.equal((await infer(url, cookie)).status, 200);
    const out = await call(url, "POST", "/api/session/logout", cookie);
    assert.equal(out.status, 200);
    assert.match(out.cookie, /^token=; .*Max-Age=0/);
    for (const target of ["/api/logs", "/api/providers"])
      assert.equal((await call(url, "GET", target, cookie)).status, 401);
    assert.equal((await infer(url, cookie)).status, 401);
    assert.equal((await call(url, "GET", "/api/logs", { cookie: `token=${other}` })).status, 200);
    const third = { cookie: `token=${await logIn(url)}` };
    assert.equal((await call(url, "POST", "/api/session/logout-everywhere", third)).status, 200);
    for (const cookie of [third, { cookie: `token=${other}` }])
      assert.equal((await call(url, "GET", "/api/logs", cookie)).status, 401);
    assert.equal((await call(url, "POST", "/api/session/logout-everywhere")).status, 401);
  });

  test("a ticket opens the WebSocket once", async () => {
    const token = await logIn(url);
    const { text } = await call(url, "POST", "/api/session/ws-ticket", { cookie: `token=${token}` });
    const { ticket } = JSON.parse(text) as { ticket: string };
    assert.ok(ticket.length >= 32);
    assert.equal(
      (await call(url, "GET", `/ws?ticket=${ticket}`)).status,
      426,
      "past the gate, where a socket is asked for",
    );
    assert.equal((await call(url, "GET", `/ws?ticket=${ticket}`)).status, 401);
  });
});

const status = (answer: string): number => Number(answer.slice(9, 12));

const raw = (method: string, target: string, headers: Headers, body = "") => {
  const lines = Object.entries({ connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === "" ? "" : `content-length: ${body.length}\r\n`;
  return exchange(rig.gateway.port, `${method} ${target} HTTP/1.1\r\n${lines.join("")}${length}\r\n${body}`);
};

describe("web pages", () => {
  test("with a login any Host is answered, and other origins are not, whatever they carry", async () => {
    const token = await logIn(url);
    const credentials = { host: "gateway.example", cookie: `token=${token}` };
    assert.equal(status(await raw("GET", "/api/logs", credentials)), 200);
    for (const origin of ["https://evil.example", "null", "http://localhost:1"])
      for (const target of ["/api/logs", "/api/providers", "/metrics", "/ws"]) {
        const answer = await raw("GET", target, { ...credentials, origin });
        assert.equal(status(answer), 403, `${target} ${origin}`);
        assert.doesNotMatch(answer, /access-control-/i);
      }
    const body = JSON.stringify({ name: "by-a-page" });
    const page = { ...credentials, ...JSON_TYPE, origin: "https://evil.example" };
    assert.equal(status(await raw("POST", "/api/governance/virtual-keys", page, body)), 403);
    const form = { ...credentials, "content-type": "text/plain" };
    assert.equal(status(await raw("POST", "/api/governance/virtual-keys", form, body)), 415);
    const login = JSON.stringify({ username: USER, password: PASSWORD });
    assert.equal(status(await raw("POST", "/api/session/login", page, login)), 403);
    const own = { ...credentials, ...JSON_TYPE, origin: "http://gateway.example", "sec-fetch-site": "same-origin" };
    assert.equal(status(await raw("POST", "/api/session/ws-ticket", own, "{}")), 200);
  });

  test("a page of the same host name at another port cannot use the cookie for calls of models", async () => {
    const token = await logIn(url);
    const host = `localhost:${rig.gateway.port}`;
    const page = (origin: string) => ({ ...JSON_TYPE, host, cookie: `token=${token}`, origin });
    const body = JSON.stringify(QUESTION);
    assert.equal(status(await raw("POST", "/v1/chat/completions", page("http://localhost:3000"), body)), 401);
    assert.equal(status(await raw("POST", "/v1/chat/completions", page(`http://${host}`), body)), 200);
  });
});

describe("inference behind a login", () => {
  test("needs a virtual key or the login, and gives neither to a provider", async () => {
    const token = await logIn(url);
    const none = await infer(url);
    assert.equal(none.status, 401);
    assert.match(none.text, /virtual key is required\. Provide a virtual key via the x-bf-vk header\./);
    assert.equal((await infer(url, { authorization: "Bearer sk-some-key-of-a-provider" })).status, 401);
    assert.equal((await infer(url, basic("wrong"))).status, 401);
    for (const headers of [
      { "x-bf-vk": KEY },
      { authorization: `Bearer ${KEY}` },
      { cookie: `token=${token}` },
      { authorization: `Bearer ${token}` },
      { authorization: `Bearer ${encoded(USER, PASSWORD)}` },
      basic(PASSWORD),
    ]) {
      const answer = await infer(url, headers);
      assert.equal(answer.status, 200, `${Object.keys(headers)[0]}: ${answer.text}`);
      const sent = JSON.stringify(rig.upstream.requests.at(-1)?.headers);
      assert.doesNotMatch(sent, /canary|cookie|basic/i);
      assert.ok(!sent.includes(token) && !sent.includes(encoded(USER, PASSWORD)));
    }
  });

  test("holds for the lists of models and in every dialect", async () => {
    for (const target of ["/v1/models", "/openai/v1/models"]) {
      assert.equal((await call(url, "GET", target)).status, 401, target);
      assert.equal((await call(url, "GET", target, { "x-bf-vk": KEY })).status, 200, target);
      assert.equal((await call(url, "GET", target, basic(PASSWORD))).status, 200, target);
      assert.equal((await call(url, "GET", target, { "x-bf-vk": "unknown" })).status, 401, target);
    }
    const body = { ...QUESTION, max_tokens: 5 };
    const refused = await call(url, "POST", "/anthropic/v1/messages", {}, body);
    assert.equal(refused.status, 401);
    assert.match(refused.text, /"type":"error"/);
    assert.equal((await call(url, "POST", "/anthropic/v1/messages", { "x-api-key": KEY }, body)).status, 200);
  });

  test("is recorded when it is refused", async () => {
    const mark = `refused-${Date.now()}`;
    await infer(url, { "x-request-id": mark });
    await until("the row is there", async () => {
      const { text } = await call(url, "GET", `/api/logs?client_request_id=${mark}`, basic(PASSWORD));
      return (JSON.parse(text) as { logs: { status_code: number }[] }).logs[0]?.status_code === 401;
    });
  });
});

describe("guessing", () => {
  test("is slowed down on the login route and by Basic alike, and nobody else is", async () => {
    const rigs = await startRig({ openai: { base: "openai" } }, CONFIG, { environment: ENVIRONMENT });
    const at = rigs.gateway.url;
    try {
      const token = await logIn(at);
      assert.equal((await call(at, "GET", "/api/logs", basic(PASSWORD))).status, 200, "proven once");
      const guess = (n: number) =>
        n % 2 === 0
          ? call(at, "POST", "/api/session/login", {}, { username: USER, password: `guess${n}` })
          : call(at, "GET", "/api/providers", basic(`guess${n}`));
      for (let n = 0; n < 4; n++) assert.equal((await guess(n)).status, 401, String(n));
      for (let n = 4; n < 9; n++) {
        const { status, headers } = await guess(n);
        assert.equal(status, 429, String(n));
        const wait = Number(headers.get("retry-after"));
        assert.ok(wait >= 1 && wait <= 60, String(wait));
      }
      assert.equal((await infer(at, basic("guess"))).status, 429);
      assert.equal((await call(at, "GET", "/api/logs", basic("guess"))).status, 429);
      // who is in stays in
      for (const headers of [{ cookie: `token=${token}` }, basic(PASSWORD), { authorization: `Bearer ${token}` }])
        for (const target of ["/api/logs", "/api/providers"])
          assert.equal((await call(at, "GET", target, headers)).status, 200, target);
      await logIn(at);
      assert.equal((await infer(at, { "x-bf-vk": KEY })).status, 200);
      for (let n = 0; n < 10; n++) assert.equal((await infer(at, { "x-bf-vk": `unknown-${n}` })).status, 401);
      assert.equal((await call(at, "GET", "/api/session/is-auth-enabled", basic("guess"))).status, 200);
      assert.equal((await call(at, "GET", "/health")).status, 200);
    } finally {
      await rigs.close();
    }
  });
});

/** A gateway with this in place of the usual. */
const started = async (auth: object, client: object, work: (at: string) => Promise<void>) => {
  const config = { ...CONFIG, auth_config: { ...AUTH, ...auth }, client };
  const other = await startRig({ openai: { base: "openai" } }, config, { environment: ENVIRONMENT });
  try {
    await work(other.gateway.url);
  } finally {
    await other.close();
  }
};

describe("the other switches", () => {
  test("disable_auth_on_inference leaves inference open and the rest closed", () =>
    started({ disable_auth_on_inference: true }, {}, async (at) => {
      assert.equal((await infer(at)).status, 200);
      assert.equal((await call(at, "GET", "/v1/models")).status, 200);
      assert.equal((await call(at, "GET", "/api/logs")).status, 401);
      assert.equal((await infer(at, { "x-bf-vk": "unknown" })).status, 401);
    }));

  test("it never cancels the demand for a virtual key, which the login does not replace", async () => {
    for (const name of ["enforce_auth_on_inference", "enforce_governance_header"])
      await started({ disable_auth_on_inference: true }, { [name]: true }, async (at) => {
        assert.equal((await infer(at)).status, 401);
        assert.equal((await infer(at, basic(PASSWORD))).status, 401);
        assert.equal((await infer(at, { "x-bf-vk": KEY })).status, 200);
      });
  });

  test("whitelisted routes need no login", () =>
    started({}, { whitelisted_routes: ["/metrics", "/api/log*"] }, async (at) => {
      assert.equal((await call(at, "GET", "/metrics")).status, 200);
      assert.equal((await call(at, "GET", "/api/logs")).status, 200);
      assert.equal((await call(at, "GET", "/api/providers")).status, 401);
    }));

  test("a login that is switched off is none", () =>
    started({ is_enabled: false }, {}, async (at) => {
      assert.equal((await call(at, "GET", "/api/logs")).status, 200);
      assert.equal((await infer(at)).status, 200);
      const told = await call(at, "GET", "/api/session/is-auth-enabled");
      assert.match(told.text, /"is_auth_enabled":false,"has_valid_token":false,"auth_type":"none"/);
      const login = await call(at, "POST", "/api/session/login", {}, { username: USER, password: PASSWORD });
      assert.equal(login.status, 400);
    }));
});

test("sessions survive a restart, hold in every process of one store, and end with the password", {
  timeout: 60_000,
}, async () => {
  const appDir = temporaryFolder("sessions");
  const start = { config: CONFIG, appDir, environment: ENVIRONMENT, flags: ["-log-level", "debug"] };
  const first = await startTestGateway(start);
  const token = await logIn(first.url);
  const made = await call(first.url, "POST", "/api/governance/virtual-keys", basic(PASSWORD), { name: "by-api" });
  const value = (JSON.parse(made.text) as { virtual_key: { value: string } }).virtual_key.value;
  await first.stop();
  const [one, two] = [await startTestGateway(start), await startTestGateway(start)];
  const cookie = { cookie: `token=${token}` };
  const told: string[] = [];
  try {
    for (const { url: at } of [one, two])
      for (const target of ["/api/logs", "/api/providers"])
        assert.equal((await call(at, "GET", target, cookie)).status, 200);
    const third = await logIn(two.url);
    assert.equal((await call(one.url, "POST", "/api/session/logout", { cookie: `token=${third}` })).status, 200);
    await until(
      "a logout is known in the other process",
      async () => (await call(two.url, "GET", "/api/logs", { cookie: `token=${third}` })).status === 401,
      2_500,
    );
    const auth = { admin_username: USER, admin_password: SECOND_PASSWORD, is_enabled: true };
    const changed = await call(one.url, "PUT", "/api/config", cookie, { auth_config: auth });
    assert.equal(changed.status, 200, changed.text);
    for (const headers of [cookie, basic(PASSWORD)])
      for (const target of ["/api/logs", "/api/providers"])
        assert.equal((await call(one.url, "GET", target, headers)).status, 401, target);
    await until(
      "the change is known in the other process",
      async () => (await call(two.url, "GET", "/api/logs", cookie)).status === 401,
    );
    assert.equal((await call(two.url, "GET", "/api/logs", basic(SECOND_PASSWORD))).status, 200);
    await logIn(one.url, SECOND_PASSWORD);
    // every line, answer and byte is searched below
    told.push(one.output(), two.output(), first.output());
    for (const target of ["/api/config", "/api/logs?limit=1000", "/metrics", "/", "/api/governance/virtual-keys"])
      told.push((await call(one.url, "GET", target, basic(SECOND_PASSWORD))).text);
    const files = globSync("**/*", { cwd: appDir }).filter((file) => path.basename(file) !== "config.json");
    for (const file of files) {
      const place = path.join(appDir, file);
      if (statSync(place).isFile()) told.push(readFileSync(place, "latin1"));
    }
    assert.ok(files.some((file) => file.endsWith(".db")));
  } finally {
    await Promise.all([one.stop(), two.stop()]);
    rmSync(appDir, { recursive: true, force: true });
  }
  const secrets = [
    PASSWORD,
    SECOND_PASSWORD,
    token,
    value,
    KEY,
    encoded(USER, PASSWORD),
    encoded(USER, SECOND_PASSWORD),
  ];
  for (const text of told)
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      assert.equal(at, -1, `${secret} stands in ${text.slice(Math.max(0, at - 200), at)}`);
    }
});

test("no answer and no line of the log told the password or a session's token", () => {
  const places = [...answers, rig.gateway.output()];
  for (const text of places)
    for (const secret of [PASSWORD, SECOND_PASSWORD, encoded(USER, PASSWORD)])
      assert.ok(!text.includes(secret), `${secret} stands in ${text.slice(0, 300)}`);
});

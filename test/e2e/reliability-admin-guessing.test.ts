// Guessing at the login: counted by address and name, whatever the guesser changes or sends at once, and nobody else waits.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { exchange } from "../../src/server/testing.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";

const USER = "owner";
const PASSWORD = "correct-horse-battery";
const AUTH = { admin_username: USER, admin_password: PASSWORD, is_enabled: true };

interface Answer {
  readonly status: number;
  readonly retryAfter: number;
  readonly cookie: string;
  readonly text: string;
}

interface Try {
  readonly username?: string;
  readonly password: string;
  /** Where it comes from. Default: 127.0.0.1. */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A try on the login route. */
function logIn(gateway: TestGateway, tried: Try): Promise<Answer> {
  const body = JSON.stringify({ username: tried.username ?? USER, password: tried.password });
  const headers = { "content-type": "application/json", ...tried.headers };
  return send(gateway, "POST", "/api/session/login", tried.from, headers, body);
}

/** The same by Basic. */
function basic(gateway: TestGateway, tried: Try, target = "/api/providers"): Promise<Answer> {
  const encoded = Buffer.from(`${tried.username ?? USER}:${tried.password}`).toString("base64");
  return send(gateway, "GET", target, tried.from, { authorization: `Basic ${encoded}`, ...tried.headers });
}

function send(
  gateway: TestGateway,
  method: string,
  path: string,
  localAddress = "127.0.0.1",
  headers: Readonly<Record<string, string>> = {},
  body = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: gateway.port, method, path, headers, localAddress, agent: false });
    call.on("error", reject);
    call.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => (text += part));
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: Number(answer.headers["retry-after"] ?? 0),
          cookie: String(answer.headers["set-cookie"] ?? ""),
          text,
        }),
      );
    });
    call.end(body);
  });
}

let gateway: TestGateway;

before(async () => {
  gateway = await startTestGateway({ config: { auth_config: AUTH }, flags: ["-log-level", "debug"] });
});

after(() => gateway.stop());

/** Every address of 127.0.0.0/8 is this machine's own only on Linux. */
const needsAddresses = { skip: process.platform === "linux" ? false : "there is one loopback address here" } as const;

test(
  "from the fifth failure on an address waits, by a name; another name and another address do not",
  needsAddresses,
  async () => {
    const from = "127.0.0.2";
    for (let n = 1; n <= 4; n++) assert.equal((await logIn(gateway, { password: `guess-${n}`, from })).status, 401);
    for (let n = 5; n <= 8; n++) {
      const slowed = await logIn(gateway, { password: `guess-${n}`, from });
      assert.equal(slowed.status, 429);
      assert.ok(slowed.retryAfter >= 1 && slowed.retryAfter <= 60, String(slowed.retryAfter));
      assert.equal(slowed.cookie, "");
    }
    // Basic is the same door, and so are the planes behind it
    for (const target of ["/api/providers", "/api/logs", "/metrics", "/v1/models"])
      assert.equal((await basic(gateway, { password: "guess-9", from }, target)).status, 429, target);
    assert.equal((await logIn(gateway, { username: "somebody", password: "guess", from })).status, 401);
    assert.equal((await logIn(gateway, { password: "guess", from: "127.0.0.3" })).status, 401);
    // the owner elsewhere comes in for the first time
    const owner = await logIn(gateway, { password: PASSWORD, from: "127.0.0.4" });
    assert.equal(owner.status, 200, owner.text);
    assert.equal((await basic(gateway, { password: PASSWORD, from: "127.0.0.5" })).status, 200);
  },
);

test(
  "what a guesser claims of his address or changes in the spelling gives him no further try",
  needsAddresses,
  async () => {
    const from = "127.0.1.2";
    for (let n = 1; n <= 4; n++) await logIn(gateway, { password: `guess-${n}`, from });
    await logIn(gateway, { password: "guess-5", from });
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip", "cf-connecting-ip", "via"]) {
      const headers = { [name]: "203.0.113.9" };
      assert.equal((await logIn(gateway, { password: "guess", from, headers })).status, 429, name);
      assert.equal((await basic(gateway, { password: "guess", from, headers })).status, 429, name);
    }
    const encoded = Buffer.from(`${USER}:guess`).toString("base64");
    for (const authorization of [`basic ${encoded}`, `BASIC  ${encoded}`, `Bearer ${encoded}`, `bearer ${encoded}`])
      assert.equal((await send(gateway, "GET", "/api/keys", from, { authorization })).status, 429, authorization);
  },
);

test("of many tries at once no more are looked at than one after another", needsAddresses, async () => {
  const from = "127.0.2.2";
  const tries = Array.from({ length: 40 }, (_, n) =>
    n % 2 === 0
      ? logIn(gateway, { password: `at-once-${n}`, from })
      : basic(gateway, { password: `at-once-${n}`, from }),
  );
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  assert.ok(
    statuses.every((status) => status === 401 || status === 429),
    statuses.join(" "),
  );
  assert.ok(statuses.filter((status) => status === 401).length <= 4, statuses.join(" "));
  // beyond them not even the right one is: else every wrong answer would tell a guesser something
  assert.equal((await logIn(gateway, { password: PASSWORD, from })).status, 429);
});

test("who was let in before stays in while his own address guesses, and logs in again", needsAddresses, async () => {
  const from = "127.0.3.2";
  const { cookie } = await logIn(gateway, { password: PASSWORD, from });
  const token = /token=([^;]+)/.exec(cookie)?.[1] ?? "";
  for (let n = 0; n < 12; n++) await logIn(gateway, { password: `guess-${n}`, from });
  assert.equal((await logIn(gateway, { password: "guess", from })).status, 429);
  for (const target of ["/api/providers", "/api/logs"]) {
    assert.equal((await send(gateway, "GET", target, from, { cookie: `token=${token}` })).status, 200, target);
    assert.equal((await basic(gateway, { password: PASSWORD, from }, target)).status, 200, target);
  }
  assert.equal((await logIn(gateway, { password: PASSWORD, from })).status, 200);
});

/** Base64 of what no name and password are, and what is no base64. */
const BROKEN: readonly string[] = [
  "Basic",
  "Basic ",
  "Basic !!!",
  `Basic ${Buffer.from("no colon").toString("base64")}`,
  `Basic ${Buffer.from(":").toString("base64")}`,
  `Basic ${Buffer.from(`${USER}:${PASSWORD}\0`).toString("base64")}`,
  `Basic ${Buffer.from(`${USER}\0:${PASSWORD}`).toString("base64")}`,
  `Basic ${Buffer.from(`${USER}:${PASSWORD}\r\nx: y`).toString("base64")}`,
  `Basic ${Buffer.from(`' OR 1=1 --:x`).toString("base64")}`,
  `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x00]).toString("base64")}`,
  `Basic ${Buffer.from(`${USER}:${"x".repeat(6_000)}`).toString("base64")}`,
  `Bearer ${"x".repeat(8_000)}`,
  "Bearer ../../etc/passwd",
  "Bearer __proto__",
  "Digest x",
];

test(
  "broken and injected credentials are 401, in every header, and leave no line of their own in the log",
  needsAddresses,
  async () => {
    let last = 0;
    const headers: Readonly<Record<string, string>>[] = BROKEN.map((authorization) => ({ authorization }));
    for (const value of ["' OR 1=1", "__proto__", '"', "x".repeat(6_000), "a=b"]) {
      headers.push({ cookie: `token=${value}` }, { "x-bifrost-setup-token": value });
    }
    for (const each of headers)
      for (const target of [
        "/api/providers",
        "/api/logs",
        "/metrics",
        "/ws?ticket=%00' OR 1=1",
        "/api/session/logout",
      ]) {
        const method = target.endsWith("logout") ? "POST" : "GET";
        // each from an address of its own: here nothing is to be slowed down
        const from = `127.1.${1 + (last >> 8)}.${last++ & 0xff}`;
        const { status, text } = await send(gateway, method, encodeURI(target), from, each);
        assert.equal(status, 401, `${target} ${JSON.stringify(each).slice(0, 80)}: ${text}`);
      }
    const names = ['\r\n{"level":"fatal"}', "a\0b", "\u2028", "'; DROP TABLE sessions; --", "x".repeat(100_000)];
    for (const [n, username] of names.entries())
      for (const password of ["x\r\ny", "\0", PASSWORD])
        assert.equal((await logIn(gateway, { username, password, from: `127.2.1.${n + 1}` })).status, 401);
    for (const raw of [`token=a\0b`, `token=a\rb`]) {
      const head = `GET /api/providers HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncookie: ${raw}\r\n\r\n`;
      assert.match(await exchange(gateway.port, head), /^HTTP\/1\.1 400 /);
    }
    assert.equal((await basic(gateway, { password: PASSWORD, from: "127.2.2.1" })).status, 200);
    for (const line of gateway.output().split("\n"))
      if (line !== "")
        assert.match(line, /^\{"level":"(debug|info|warn|error)","time":.*\}$/, "a line that was not ours");
    assert.doesNotMatch(gateway.output(), /DROP TABLE|guess-|correct-horse/);
  },
);

// What web pages reach of a running gateway: names that are allowed, routes that are opened, streams, WebSockets, and no commands.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { exchange } from "../../src/server/testing.ts";
import { startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";
import { type Rig, startRig } from "../support/rig.ts";

type Headers = Readonly<Record<string, string>>;

function send(port: number, method: string, target: string, headers: Headers, body = ""): Promise<string> {
  const lines = {
    host: `localhost:${port}`,
    connection: "close",
    ...(body === "" ? {} : { "content-type": "application/json" }),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === "" ? "" : `content-length: ${Buffer.byteLength(body)}\r\n`;
  return exchange(port, `${method} ${target} HTTP/1.1\r\n${head.join("")}${length}\r\n${body}`);
}

const statusOf = (answer: string): number => Number(answer.slice(9, 12));

let rig: Rig;
let listed: Rig;

before(async () => {
  rig = await startRig({ openai: { base: "openai" } });
  listed = await startRig(
    { openai: { base: "openai" } },
    {
      server: { allowed_hosts: ["Gateway.Example"] },
      client: { whitelisted_routes: ["/metrics", "/api/log*"], allowed_origins: ["https://*.app.example"] },
    },
  );
});

after(async () => {
  await rig.close();
  await listed.close();
});

test("a name that the operator lists is taken with any port, an opened route by any name, and nothing else is", async () => {
  const { port } = listed.gateway;
  for (const host of ["gateway.example", "GATEWAY.example:8443", `localhost:${port}`])
    for (const target of ["/api/providers", "/metrics", "/api/version", "/"])
      assert.notEqual(statusOf(await send(port, "GET", target, { host })), 421, `${target} for ${host}`);
  for (const host of ["prometheus.internal:9090", "evil.example"]) {
    for (const target of ["/metrics", "/api/logs"])
      assert.equal(statusOf(await send(port, "GET", target, { host })), 200, `${target} for ${host}`);
    for (const target of ["/api/providers", "/", "/ws", "/api/config"])
      assert.equal(statusOf(await send(port, "GET", target, { host })), 421, `${target} for ${host}`);
    const body = '{"name":"x"}';
    assert.equal(statusOf(await send(port, "POST", "/api/governance/virtual-keys", { host }, body)), 421);
  }
  for (const host of ["gateway.example.evil.example", "xgateway.example", "gateway.example@evil.example"])
    assert.ok([400, 421].includes(statusOf(await send(port, "GET", "/api/providers", { host }))), host);
});

test("a listed name is no proof of sitting here: it reads and writes nothing of the operator's", async () => {
  const { port } = listed.gateway;
  const host = "gateway.example";
  assert.equal(statusOf(await send(port, "GET", "/api/providers", { host })), 401);
  assert.equal(statusOf(await send(port, "POST", "/api/governance/virtual-keys", { host }, '{"name":"x"}')), 401);
});

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "x3JJHMbDL1EzLkh9GBhXDw==",
};

test("a WebSocket is opened for no page of another origin, and for no name that a page can rebind", async () => {
  const { port } = rig.gateway;
  for (const headers of [{}, UPGRADE]) {
    for (const origin of [
      "https://evil.example",
      "null",
      "http://localhost:1",
      `http://localhost.evil.example:${port}`,
    ]) {
      const answer = await send(port, "GET", "/ws", { origin, ...headers });
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, `${origin}: ${answer.slice(0, 100)}`);
      assert.doesNotMatch(answer, /access-control-|HTTP\/1\.1 101/i);
    }
    assert.doesNotMatch(await send(port, "GET", "/ws", { host: "evil.example", ...headers }), /^HTTP\/1\.1 [123]/);
  }
});

const QUESTION = { model: "openai0/echo", messages: [{ role: "user", content: "of a page" }] };

test("a stream and a plain call of a page that may not call reach no provider; of one that may they carry its origin", async () => {
  for (const stream of [false, true]) {
    const body = JSON.stringify({ ...QUESTION, stream });
    for (const [at, origin] of [
      [rig, "https://evil.example"],
      [rig, "null"],
      [listed, "https://evil.example"],
      [listed, "https://app.example.evil.example"],
      [listed, "http://x.app.example"],
    ] as const) {
      const before = at.upstream.requests.length;
      for (const target of ["/v1/chat/completions", "/openai/v1/chat/completions", "/anthropic/v1/messages"]) {
        const answer = await send(at.gateway.port, "POST", target, { origin }, body);
        assert.equal(statusOf(answer), 403, `${target} ${origin}`);
        assert.doesNotMatch(answer, /access-control-/i);
      }
      // what a form sends without a preflight
      const form = await send(
        at.gateway.port,
        "POST",
        "/v1/chat/completions",
        { origin, "content-type": "text/plain" },
        body,
      );
      assert.ok([403, 415].includes(statusOf(form)));
      assert.equal(at.upstream.requests.length, before);
    }
    const allowed = await send(
      listed.gateway.port,
      "POST",
      "/v1/chat/completions",
      { origin: "https://x.app.example" },
      body,
    );
    assert.equal(statusOf(allowed), 200);
    assert.match(allowed, /\r\naccess-control-allow-origin: https:\/\/x\.app\.example\r\n/i);
    assert.match(allowed, /\r\nvary: [^\r]*origin/i);
  }
});

test("no call makes the gateway run a command or load a file, with or without a page", async () => {
  const folder = temporaryFolder("commands");
  const proof = path.join(folder, "proof");
  const stdio = {
    name: "evil",
    connection_type: "stdio",
    stdio_config: { command: "/bin/sh", args: ["-c", `touch ${proof}`] },
  };
  const plugin = { name: "evil", enabled: true, path: "/bin/sh", config: { command: `touch ${proof}` } };
  const calls: readonly (readonly [method: string, target: string, body: unknown])[] = [
    ["POST", "/api/mcp/client", stdio],
    ["PUT", "/api/mcp/client/evil", stdio],
    ["POST", "/api/mcp/client/evil/reconnect", {}],
    ["POST", "/api/plugins", plugin],
    ["PUT", "/api/plugins/evil", plugin],
    ["PUT", "/api/config", { mcp: { client_configs: [stdio] } }],
    ["PUT", "/api/config", { client_config: { mcp: { client_configs: [stdio] } } }],
    ["PUT", "/api/config", { plugins: [plugin] }],
    ["PUT", "/api/config", { config_store: { enabled: true, type: "sqlite", config: { path: proof } } }],
    ["POST", "/api/providers", { provider: "evil", stdio_config: stdio.stdio_config }],
    ["POST", "/mcp", { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "evil" } }],
  ];
  const { port } = rig.gateway;
  for (const [method, target, body] of calls)
    for (const headers of [{}, { origin: "https://evil.example" }, { host: "evil.example" }]) {
      const status = statusOf(await send(port, method, target, headers, JSON.stringify(body)));
      assert.ok(status >= 400, `${method} ${target}: ${status}`);
    }
  const draft = { body: QUESTION, config: { mcp: { client_configs: [stdio] }, plugins: [plugin] } };
  await send(port, "POST", "/api/routing/simulate", {}, JSON.stringify(draft));
  assert.equal(existsSync(proof), false);
});

async function withSetup(work: (gateway: TestGateway) => Promise<void>): Promise<void> {
  const gateway = await startTestGateway();
  try {
    await work(gateway);
  } finally {
    await gateway.stop();
  }
}

test("no page gives a gateway without a login one: its owner would be locked out", () =>
  withSetup(async ({ port, url }) => {
    const login = JSON.stringify({ username: "evil", password: "evil-password", admin_username: "evil" });
    const block = JSON.stringify({
      auth_config: { admin_username: "evil", admin_password: "evil-password", is_enabled: true },
    });
    const pages: readonly Headers[] = [
      { origin: "https://evil.example" },
      { origin: "https://evil.example", host: "evil.example" },
      { "sec-fetch-site": "cross-site" },
      { "content-type": "text/plain" },
    ];
    for (const headers of pages) {
      assert.ok(statusOf(await send(port, "POST", "/api/session/setup", headers, login)) >= 400);
      assert.ok(statusOf(await send(port, "PUT", "/api/config", headers, block)) >= 400);
    }
    assert.match(await (await fetch(`${url}/api/session/is-auth-enabled`)).text(), /"is_auth_enabled":false/);
  }));

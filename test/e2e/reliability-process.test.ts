// The process end to end: silent providers at the start, signals at any moment, limits by flag, changes that are refused under load.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { RawClient } from "../../src/server/testing.ts";
import { call } from "../support/admin-calls.ts";
import { isWhole } from "../support/conversation.ts";
import { freePort, startTestGateway, temporaryFolder } from "../support/gateway.ts";
import { startRig, until } from "../support/rig.ts";
import { runGateway, runToEnd } from "../support/run-gateway.ts";

interface Held {
  readonly url: string;
  /** What is asked and not answered yet. */
  readonly waiting: ServerResponse[];
  close(): void;
}

/** A provider that takes every request and answers none by itself. */
async function startSilent(): Promise<Held> {
  const waiting: ServerResponse[] = [];
  const server: Server = createServer((_request, response) => void waiting.push(response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const provider = (url: string, more: object = {}): object => ({
  keys: [{ name: "main", value: "sk-main-0123456789" }],
  network_config: { base_url: url },
  custom_provider_config: { base_provider_type: "openai" },
  ...more,
});

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    ({ status }) => status === 200,
    () => false,
  );

// ---- the start

test("it listens while every provider takes its calls and answers none, and asks nobody before", async () => {
  const silent = await startSilent();
  try {
    const names = Array.from({ length: 20 }, (_, n) => [`silent${n}`, provider(silent.url)]);
    const gateway = await startTestGateway({ config: { providers: Object.fromEntries(names) } });
    try {
      // that it answers at all is the proof: nobody has answered it
      assert.equal(await answers(gateway.url), true);
      assert.equal((await call(gateway.url, "GET", "/api/providers")).status, 200);
      assert.equal(silent.waiting.length, 0);
    } finally {
      assert.equal(await gateway.stop(), 0);
    }
  } finally {
    silent.close();
  }
});

test("a signal during a long start ends it, and the next start takes over everything", {
  timeout: 120_000,
}, async () => {
  const appDir = temporaryFolder("long-start");
  const keys = Array.from({ length: 15_000 }, (_, n) => ({ name: `key ${n}`, value: `vk-${n}`, provider_configs: [] }));
  writeFileSync(path.join(appDir, "config.json"), JSON.stringify({ governance: { virtual_keys: keys } }));
  const { child, ended, output } = runGateway({ appDir, flags: ["-port", "0"] });
  await until("the start is under way", () => existsSync(path.join(appDir, "config.db")), 30_000);
  child.kill("SIGTERM");
  const { code } = await ended;
  assert.equal(code, 0, output());
  assert.doesNotMatch(output(), /is running|\n\s+at /);
  const gateway = await startTestGateway({ appDir });
  try {
    const { json } = await call(gateway.url, "GET", "/api/governance/virtual-keys?limit=1");
    assert.equal(json.total_count, keys.length);
  } finally {
    await gateway.stop();
    rmSync(appDir, { recursive: true });
  }
});

// ---- the end

test("SIGTERM: a management call under way is finished, idle connections of pages are closed at once, exit 0", async () => {
  const slow = await startSilent();
  const gateway = await startTestGateway({ config: { providers: { slow: provider(slow.url) } } });
  try {
    const page = await RawClient.open(gateway.port);
    page.send("GET /api/providers HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await page.until('"total"');
    const refresh = call(gateway.url, "POST", "/api/providers/slow/refresh-models");
    await until("the provider is asked", () => slow.waiting.length === 1);
    const stopped = gateway.stop();
    await page.rest();
    await assert.rejects(fetch(`${gateway.url}/health`));
    slow.waiting[0]?.setHeader("content-type", "application/json").end('{"object":"list","data":[{"id":"late"}]}');
    const { status, json } = await refresh;
    assert.deepEqual([status, json.models], [200, ["late"]]);
    assert.equal(await stopped, 0);
  } finally {
    await gateway.stop();
    slow.close();
  }
});

// ---- limits

test("-max-connections lets so many in, closes the others at once, and lets others in when some leave", async () => {
  const port = await freePort();
  const { child, ended } = runGateway({ flags: ["-port", String(port), "-max-connections", "20"] });
  const sockets: Socket[] = [];
  let closed = 0;
  try {
    await until("it answers", () => answers(`http://127.0.0.1:${port}`), 20_000);
    const kept = await RawClient.open(port);
    kept.send("GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await kept.until('"');
    for (let n = 0; n < 50; n++) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("close", () => closed++);
      sockets.push(socket);
    }
    // 20, of which one is ours and one may be what asked for /health before
    await until("the others are closed", () => closed >= 31);
    assert.ok(closed <= 32, `${closed}`);
    kept.text = "";
    kept.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await kept.until('"status"');
    for (const socket of sockets) socket.destroy();
    kept.leave();
    await until("others are let in", () => answers(`http://127.0.0.1:${port}`));
  } finally {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGTERM");
    assert.equal((await ended).code, 0);
  }
  for (const value of ["0", "many", "-3", "1.5"]) {
    const { code, output } = await runToEnd({ flags: ["-max-connections", value] });
    assert.equal(code, 2, output);
    assert.match(output, /-max-connections: .* is no whole number/);
  }
});

// ---- changes

test("changes that are refused leave what is in force, for plain calls and streams under way", {
  timeout: 60_000,
}, async () => {
  const rig = await startRig({ openai: { base: "openai" } });
  const { url } = rig.gateway;
  try {
    const broken: readonly (readonly [method: string, target: string, body: unknown])[] = [
      ["PUT", "/api/providers/openai0", provider("not an address")],
      ["PUT", "/api/providers/openai0", provider(rig.upstream.url, { keys: [{ name: "main", value: "line\nend" }] })],
      ["PUT", "/api/providers/openai0", provider(rig.upstream.url, { keys: "none" })],
      ["PUT", "/api/providers/openai0", { unknown: 1 }],
      ["PUT", "/api/providers/openai0/keys/openai0-1", { weight: -1 }],
      ["PUT", "/api/providers/openai0/keys/openai0-1", { enabled: "no" }],
      ["PUT", "/api/config", { client_config: { enforce_auth_on_inference: "yes" } }],
      ["PUT", "/api/config", { client_config: { required_headers: ["x-nobody"] }, auth_config: { is_enabled: true } }],
      ["POST", "/api/governance/virtual-keys", { name: "x", provider_configs: [{ provider: "openai0", weight: "a" }] }],
      ["PUT", "/api/config", '{"client_config": {'],
    ];
    const stream = rig.ask({ model: "openai0/chunks-20-50ms", stream: true });
    await until("the stream is under way", () => rig.upstream.requests.length === 1);
    const over = new AbortController();
    const load = Array.from({ length: 2 }, async () => {
      while (!over.signal.aborted) {
        const reply = await rig.ask({ model: "openai0/echo" });
        assert.equal(reply.status, 200, reply.text);
        assert.deepEqual(rig.keysSeen(reply), ["openai0-1 echo"]);
      }
    });
    for (let round = 0; round < 5; round++)
      for (const [method, target, body] of broken) {
        const init = { method, body: typeof body === "string" ? body : JSON.stringify(body) };
        const answer = await fetch(url + target, { ...init, headers: { "content-type": "application/json" } });
        assert.equal(answer.status, 400, `${method} ${target}: ${await answer.text()}`);
      }
    over.abort();
    await Promise.all(load);
    assert.ok(isWhole(await stream));
  } finally {
    await rig.close();
  }
});

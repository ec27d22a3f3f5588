// The process: how it starts, stops and is killed, what it says of its configuration, and how it fares with a sick log store.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { RawClient } from "../../src/server/testing.ts";
import { ask, isWhole, textOf } from "../support/conversation.ts";
import { freePort, startTestGateway, type TestGateway, temporaryFolder } from "../support/gateway.ts";
import { deadUrl, pause, type Rig, startRig, until } from "../support/rig.ts";
import { runGateway, runToEnd } from "../support/run-gateway.ts";

const ONE = { openai: { base: "openai", network: { default_request_timeout_in_seconds: 20 } } } as const;

async function withRig(run: (rig: Rig) => Promise<void>, more: Parameters<typeof startRig>[2] = {}): Promise<void> {
  const rig = await startRig(ONE, {}, more);
  try {
    await run(rig);
  } finally {
    await rig.close();
  }
}

interface Health {
  readonly status: number;
  readonly problems: Record<string, string>;
}

async function health(gateway: TestGateway): Promise<Health> {
  const answer = await fetch(`${gateway.url}/health`);
  const body = (await answer.json()) as { problems?: Record<string, string> };
  return { status: answer.status, problems: body.problems ?? {} };
}

// ---- start

test("it listens although every provider is dead, as soon as with none, and says so in answers alone", async () => {
  const before = performance.now();
  await (await startTestGateway({})).stop();
  const alone = performance.now() - before;
  const url = await deadUrl();
  const started = performance.now();
  const rig = await startRig({
    refused: { base: "openai", count: 20, network: { base_url: url } },
    nowhere: { base: "anthropic", count: 20, network: { base_url: "http://no-such-host.invalid" } },
  });
  try {
    const took = performance.now() - started;
    assert.ok(took < alone + 1_000, `it took ${took} ms; start and stop without providers take ${alone} ms`);
    assert.equal((await health(rig.gateway)).status, 200);
    assert.equal((await rig.ask({ model: "refused0/any" })).status, 502);
    assert.equal((await rig.ask({ model: "nowhere0/any", dialect: "anthropic" })).status, 502);
  } finally {
    await rig.close();
  }
});

test("a taken port is told with a remedy and a code of its own", async () => {
  await withRig(async (rig) => {
    const { code, output } = await runToEnd({ flags: ["-port", String(rig.gateway.port)] });
    assert.equal(code, 3);
    assert.match(output, new RegExp(`port ${rig.gateway.port} is taken`));
    assert.match(output, /drawbridge -port \d+/);
    assert.doesNotMatch(output, /\n\s+at |EADDRINUSE/);
  });
});

test("a broken config.json is refused with file, line and column, and code 1", async () => {
  const port = ["-port", String(await freePort())];
  const cases: readonly (readonly [config: string, place: RegExp])[] = [
    ['{\n  "providers": {\n    "openai": {"keys": [}\n  }\n}', /config\.json:3:\d+/],
    [
      '{\n  "providers": {"openai": {"keys": [{"value": "sk-canary-in-config", "weight": "heavy"}]}}\n}',
      /config\.json:2:\d+/,
    ],
    ["", /config\.json:1:1/],
    ["[]", /config\.json:1:1/],
    ['{"providers": {"openai": {"keys": [{"value": "sk-canary-in-config"', /config\.json:1:\d+/],
  ];
  for (const [config, place] of cases) {
    const { code, output } = await runToEnd({ config, flags: port });
    assert.equal(code, 1, output);
    assert.match(output, place);
    assert.doesNotMatch(output, /\n\s+at |canary/);
  }
});

test("fields that are unknown are warned of by name, with the nearest one, and everything else starts", async () => {
  const config = {
    providers: { openai: { keys: [{ value: "sk-1", wieght: 2, models: ["*"] }], network_confg: {} } },
    clients: {},
    cleint: { enable_logging: true },
  };
  const gateway = await startTestGateway({ config });
  try {
    assert.equal((await health(gateway)).status, 200);
    const reply = await ask(gateway.url, { model: "demo/echo" });
    assert.equal(reply.status, 200);
    const checked = await runToEnd({ config: JSON.stringify(config), command: "check" });
    for (const [field, nearest] of [
      ["wieght", "weight"],
      ["network_confg", "network_config"],
      ["cleint", "client"],
    ] as const) {
      assert.ok(gateway.output().includes(field), gateway.output());
      assert.match(
        checked.output,
        new RegExp(`"${field}"(?:(?!warning:)[^])*did you mean "${nearest}"`),
        checked.output,
      );
    }
  } finally {
    await gateway.stop();
  }
});

// ---- stop

test("SIGTERM: requests and streams under way finish, idle connections are closed at once, nobody new comes in, exit 0", async () => {
  const rig = await startRig(ONE);
  const { gateway } = rig;
  const idle = await RawClient.open(gateway.port);
  idle.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await idle.until('"status"');
  const silent = await RawClient.open(gateway.port);
  const plain = rig.ask({ model: "openai0/slow-1200ms" });
  const stream = rig.ask({ model: "openai0/chunks-30-50ms", stream: true });
  await until("both are under way", () => rig.upstream.requests.length === 2);
  await pause(200);
  const told = performance.now();
  const stopped = gateway.stop();
  await Promise.all([idle.rest(), silent.rest()]);
  assert.ok(performance.now() - told < 800, "idle connections waited");
  await assert.rejects(fetch(`${gateway.url}/health`));
  const [answer, events] = await Promise.all([plain, stream]);
  assert.equal(answer.status, 200);
  assert.ok(textOf(answer).includes(answer.mark));
  assert.ok(isWhole(events), events.text.slice(-300));
  assert.match(textOf(events), /piece 30 of a stream/);
  assert.equal(await stopped, 0);
  assert.ok(performance.now() - told < 5_000);
  await rig.close();
});

test("SIGTERM: what was answered stands in the log when the process is gone", async () => {
  const appDir = temporaryFolder("drain");
  const rig = await startRig(ONE, {}, { appDir });
  const replies = await Promise.all(Array.from({ length: 50 }, () => rig.ask({ model: "openai0/echo" })));
  assert.ok(replies.every(({ status }) => status === 200));
  assert.equal(await rig.gateway.stop(), 0);
  await rig.upstream.close();
  const database = new DatabaseSync(path.join(appDir, "logs.db"), { readOnly: true });
  const { count } = database.prepare("SELECT count(*) AS count FROM request_log").get() as { count: number };
  database.close();
  assert.equal(count, 50);
  rmSync(appDir, { recursive: true });
});

test("a second signal ends it at once", async () => {
  const rig = await startRig(ONE);
  const stream = rig.ask({ model: "openai0/chunks-100-100ms", stream: true });
  await until("it is under way", () => rig.upstream.requests.length === 1);
  await pause(150);
  const stopped = rig.gateway.stop();
  await pause(300);
  const told = performance.now();
  process.kill(rig.gateway.pid, "SIGTERM");
  assert.equal(await stopped, 143);
  assert.ok(performance.now() - told < 1_000);
  assert.ok((await stream).broken);
  await rig.close();
});

// ---- kill

test("kill -9 under load loses no row that was shown, and the next start serves and logs", async () => {
  const appDir = temporaryFolder("killed");
  const rig = await startRig(ONE, {}, { appDir });
  const load = Array.from({ length: 8 }, async () => {
    for (let alive = true; alive; )
      alive = await rig.ask({ model: "openai0/echo" }).then(
        () => true,
        () => false,
      );
  });
  await rig.gateway.logs(200);
  const shown = (await rig.gateway.logs(200)).map(({ id }) => id);
  process.kill(rig.gateway.pid, "SIGKILL");
  await Promise.all(load);
  const again = await startTestGateway({ appDir });
  try {
    assert.equal((await health(again)).status, 200);
    for (const id of shown) assert.equal((await fetch(`${again.url}/api/logs/${id}`)).status, 200, id);
    const reply = await ask(again.url, { model: "demo/echo" });
    assert.equal(reply.status, 200);
    assert.equal((await again.logs(1, `client_request_id=${reply.mark}`)).length, 1);
  } finally {
    await again.stop();
    await rig.close();
    rmSync(appDir, { recursive: true });
  }
});

// ---- a sick log store

async function assertServes(rig: Rig, count: number): Promise<string[]> {
  const replies = await Promise.all(Array.from({ length: count }, () => rig.ask({ model: "openai0/echo" })));
  for (const reply of replies) {
    assert.equal(reply.status, 200, reply.text);
    assert.ok(reply.took < 2_000, `${reply.took} ms`);
  }
  return replies.map(({ mark }) => mark);
}

test("a log that somebody else holds locked: traffic goes on, /health tells, and every row is written afterwards", async () => {
  await withRig(async (rig) => {
    const before = await assertServes(rig, 3);
    await rig.gateway.logs(3);
    const database = new DatabaseSync(path.join(rig.gateway.appDir, "logs.db"));
    database.exec("BEGIN IMMEDIATE");
    const meanwhile = await assertServes(rig, 20);
    await until("/health tells", async () => (await health(rig.gateway)).status === 503);
    assert.match((await health(rig.gateway)).problems["logs_store"] ?? "", /locked/);
    meanwhile.push(...(await assertServes(rig, 20)));
    database.exec("ROLLBACK");
    database.close();
    await until("/health is well again", async () => (await health(rig.gateway)).status === 200);
    for (const mark of [...before, ...meanwhile])
      assert.equal((await rig.gateway.logs(1, `client_request_id=${mark}`)).length, 1);
    const told = rig.gateway.output().match(/the request log cannot be written/g) ?? [];
    assert.equal(told.length, 1, "the trouble is told once");
  });
});

test("a log that is no database is left as it is: traffic goes on, /health tells, and writes begin when it is gone", async () => {
  const appDir = temporaryFolder("corrupt");
  const file = path.join(appDir, "logs.db");
  const garbage = Buffer.from("this was a database once ".repeat(1_000));
  writeFileSync(file, garbage);
  const rig = await startRig(ONE, {}, { appDir });
  try {
    await assertServes(rig, 5);
    const { status, problems } = await health(rig.gateway);
    assert.equal(status, 503);
    assert.match(problems["logs_store"] ?? "", /not a database/);
    assert.ok(!JSON.stringify(problems).includes(appDir), "a path of this machine was told");
    const logs = await fetch(`${rig.gateway.url}/api/logs`);
    assert.ok(logs.status === 200 || logs.status === 503, String(logs.status));
    assert.deepEqual(readFileSync(file), garbage, "a corrupted store was replaced");
    renameSync(file, `${file}.broken`);
    await until("/health is well again", async () => (await health(rig.gateway)).status === 200);
    const marks = await assertServes(rig, 3);
    for (const mark of marks) assert.equal((await rig.gateway.logs(1, `client_request_id=${mark}`)).length, 1);
  } finally {
    await rig.close();
    rmSync(appDir, { recursive: true });
  }
});

test("a log whose folder cannot be made: traffic goes on, and writes begin when it can", async () => {
  const appDir = temporaryFolder("blocked");
  const blocked = path.join(appDir, "logs");
  writeFileSync(blocked, "a file where a folder should be");
  const store = {
    logs_store: { enabled: true, type: "sqlite", config: { path: path.join(blocked, "deep", "logs.db") } },
  };
  const rig = await startRig(ONE, store, { appDir });
  try {
    const early = await assertServes(rig, 5);
    const told = await health(rig.gateway);
    assert.equal(told.status, 503);
    assert.ok(!JSON.stringify(told.problems).includes(appDir), "a path of this machine was told");
    rmSync(blocked);
    mkdirSync(blocked);
    await until("/health is well again", async () => (await health(rig.gateway)).status === 200);
    for (const mark of early) assert.equal((await rig.gateway.logs(1, `client_request_id=${mark}`)).length, 1);
  } finally {
    await rig.close();
    rmSync(appDir, { recursive: true });
  }
});

// ---- limits of the system

test("connections beyond what the descriptors allow are closed at once, and those that are there go on", async () => {
  const port = await freePort();
  const { child, ended, output } = runGateway({ flags: ["-port", String(port)], shell: "ulimit -n 300" });
  const url = `http://127.0.0.1:${port}`;
  const sockets: Socket[] = [];
  let closed = 0;
  try {
    await until(
      "it answers",
      () =>
        fetch(`${url}/health`).then(
          (answer) => answer.ok,
          () => false,
        ),
      10_000,
    );
    const kept = await RawClient.open(port);
    for (let n = 0; n < 400; n++) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("close", () => closed++);
      sockets.push(socket);
    }
    await until("some are closed", () => closed >= 100);
    await pause(300);
    assert.ok(closed < 300, `${closed} of 400 were closed`);
    for (let n = 0; n < 5; n++) {
      const body = '{"model":"demo/echo","messages":[{"role":"user","content":"still here"}]}';
      kept.text = "";
      kept.send(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await kept.until("You said: still here");
    }
    for (const socket of sockets) socket.destroy();
    kept.leave();
    await until("others are let in again", () =>
      fetch(`${url}/health`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );
    assert.equal(child.exitCode, null, output());
  } finally {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGTERM");
    await ended;
  }
});

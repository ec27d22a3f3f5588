// The process at its limits: how long it drains, how long it keeps idle connections, clocks that jump, a disk that is read-only.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { doorLimits } from "../../src/server/limits.ts";
import { RawClient } from "../../src/server/testing.ts";
import { ask, isWhole } from "../support/conversation.ts";
import { freePort, startTestGateway, temporaryFolder } from "../support/gateway.ts";
import { pause, startRig, until } from "../support/rig.ts";
import { runGateway, runToEnd } from "../support/run-gateway.ts";
import { mountSmallDisk, noSmallDisk } from "../support/small-disk.ts";

const ONE = { openai: { base: "openai", network: { default_request_timeout_in_seconds: 20 } } } as const;

async function healthOf(url: string): Promise<{ status: number; problems: Record<string, string> }> {
  const answer = await fetch(`${url}/health`);
  const { problems = {} } = (await answer.json()) as { problems?: Record<string, string> };
  return { status: answer.status, problems };
}

// ---- the end

test("a drain ends at its limit: what is still under way is cut, not ended as if it were whole, and the code is 0", async () => {
  const rig = await startRig(ONE, {}, { flags: ["-drain-timeout", "0.5"] });
  const stream = rig.ask({ model: "openai0/chunks-100-100ms", stream: true });
  await until("it is under way", () => rig.upstream.requests.length === 1);
  await pause(200);
  const told = performance.now();
  assert.equal(await rig.gateway.stop(), 0);
  const took = performance.now() - told;
  assert.ok(took > 450 && took < 5_000, `${took} ms`);
  assert.ok(!isWhole(await stream));
  await rig.close();
});

test("a drain limit that is no number of seconds is refused by name", async () => {
  const { code, output } = await runToEnd({ flags: ["-drain-timeout", "soon"] });
  assert.equal(code, 2);
  assert.match(output, /-drain-timeout: "soon" is no number of seconds/);
});

// ---- in service

test("an idle connection is kept for 75 seconds: longer than Node's five, and as long as balancers expect", async () => {
  assert.equal(doorLimits().idle, 75_000);
  const gateway = await startTestGateway();
  try {
    const kept = await RawClient.open(gateway.port);
    const request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    kept.send(request);
    await kept.until('"status"');
    await pause(5_600);
    kept.text = "";
    kept.send(request);
    await kept.until('"status"');
    kept.leave();
  } finally {
    await gateway.stop();
  }
});

test("the variables of the container image configure it, and BIFROST_HOST comes before APP_HOST", async () => {
  const [port, appDir] = [await freePort(), temporaryFolder("image")];
  const environment = [
    `APP_PORT=${port}`,
    "APP_HOST=192.0.2.1",
    "BIFROST_HOST=127.0.0.1",
    `APP_DIR=${path.join(appDir, "data")}`,
    "LOG_LEVEL=debug",
    "LOG_STYLE=pretty",
  ];
  const { child, ended, output } = runGateway({ shell: `export ${environment.join(" ")}`, noAppDir: true });
  try {
    const url = `http://127.0.0.1:${port}`;
    const answers = (): Promise<boolean> =>
      healthOf(url).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until("it answers", answers, 10_000);
    assert.match(output(), /^Drawbridge [\d.]+ is running at /, "LOG_STYLE=pretty is for people");
    assert.ok(output().includes(path.join(appDir, "data")));
  } finally {
    child.kill("SIGTERM");
    assert.equal((await ended).code, 0);
    rmSync(appDir, { recursive: true });
  }
});

// ---- clocks

/** Read by every thread before anything else: shows the time as far off as the file says. */
const CLOCK = `
import { readFileSync } from "node:fs";
const file = process.env.TEST_CLOCK_FILE;
const real = Date.now.bind(Date);
const RealDate = Date;
let [offset, readAt] = [0, 0];
const shown = () => {
  if (real() - readAt > 20) {
    readAt = real();
    try { offset = Number(readFileSync(file, "utf8")); } catch {}
  }
  return real() + offset;
};
globalThis.Date = class extends RealDate {
  constructor(...args) { args.length === 0 ? super(shown()) : super(...args); }
  static now() { return shown(); }
};
`;

test("a clock that jumps by days, back or forth, stops nothing: requests, records and rests go on", async () => {
  const folder = temporaryFolder("clock");
  const [module, file] = [path.join(folder, "clock.mjs"), path.join(folder, "offset")];
  writeFileSync(module, CLOCK);
  writeFileSync(file, "0");
  const rig = await startRig(
    { openai: { base: "openai", count: 2, keys: 2 } },
    {},
    {
      environment: { NODE_OPTIONS: `--import=file://${module}`, TEST_CLOCK_FILE: file },
    },
  );
  try {
    let throttle = true;
    const provider = rig.fresh("openai", ({ key }) => (throttle && key.endsWith("-1") ? "throttle" : "echo"));
    const first = await rig.ask({ model: `${provider}/any` });
    assert.deepEqual(
      rig.keysSeen(first).map((seen) => seen.split(" ")[0]),
      [`${provider}-1`, `${provider}-2`],
    );
    throttle = false;
    for (const days of [-3, 4, -30]) {
      writeFileSync(file, String(days * 86_400_000));
      await pause(60);
      const replies = await Promise.all(Array.from({ length: 10 }, () => rig.ask({ model: `${provider}/any` })));
      for (const reply of replies) {
        assert.equal(reply.status, 200, reply.text);
        assert.equal((await rig.gateway.logs(1, `client_request_id=${reply.mark}`)).length, 1);
      }
      assert.equal((await healthOf(rig.gateway.url)).status, 200);
      // the throttled key comes back as if nothing had happened to the clock
      const isBack = async (): Promise<boolean> =>
        rig.keysSeen(await rig.ask({ model: `${provider}/any` }))[0]?.startsWith(`${provider}-1`) === true;
      await until("the rested key is drawn again", isBack, 8_000);
    }
  } finally {
    await rig.close();
    rmSync(folder, { recursive: true });
  }
});

// ---- a read-only disk

test("on a read-only disk it starts, serves, tells so once, and writes when it can", {
  skip: noSmallDisk(),
}, async () => {
  const disk = mountSmallDisk(20_000);
  const appDir = path.join(disk.folder, "app");
  mkdirSync(appDir);
  writeFileSync(path.join(appDir, "config.json"), '{"providers": {}}');
  disk.setReadOnly(true);
  let gateway: Awaited<ReturnType<typeof startTestGateway>> | null = null;
  try {
    gateway = await startTestGateway({ appDir });
    for (let n = 0; n < 5; n++) assert.equal((await ask(gateway.url, { model: "demo/echo" })).status, 200);
    const { status, problems } = await healthOf(gateway.url);
    assert.equal(status, 503);
    assert.match(problems["logs_store"] ?? "", /read-?only|EROFS|unable to open/i);
    const { url, output } = gateway;
    assert.equal((output().match(/the request log cannot be written/g) ?? []).length, 1, output());
    disk.setReadOnly(false);
    await until(
      "the log is well again",
      async () => (await healthOf(url)).problems["logs_store"] === undefined,
      10_000,
    );
    const reply = await ask(url, { model: "demo/echo" });
    assert.equal((await gateway.logs(1, `client_request_id=${reply.mark}`)).length, 1);
  } finally {
    await gateway?.stop();
    disk.dispose();
  }
});

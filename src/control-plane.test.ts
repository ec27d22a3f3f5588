// The control and query planes as real threads: configuration in slices, refusals, records, calls, restart and stop.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Channel } from "./core/channel.ts";
import type {
  BridgeAnswer,
  BridgeRequest,
  ControlToLoop,
  LoopToControl,
  LoopToQuery,
  PlaneOptions,
  QueryToLoop,
} from "./core/plane-messages.ts";
import type { LogWriter } from "./core/stores.ts";
import { namesOf } from "./core/virtual-key-codec.ts";
import { startWorker } from "./lib/channel/worker-channel.ts";
import { LogFeed } from "./store/contract/log-store.ts";

type Of<M, T extends string> = Extract<M, { type: T }>;

const root = mkdtempSync(join(tmpdir(), "planes-"));
const loops: { readonly channel: { close(): void } }[] = [];
after(() => {
  // a check that failed leaves its threads, and they would keep the run from ending
  for (const { channel } of loops) channel.close();
  rmSync(root, { recursive: true, force: true });
});
let directories = 0;

function appDir(config?: unknown): string {
  const path = join(root, String(++directories));
  mkdirSync(path);
  if (config !== undefined)
    writeFileSync(join(path, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  return path;
}

function onError(error: unknown): void {
  assert.fail(`the thread died: ${error instanceof Error ? (error.stack ?? "") : String(error)}`);
}

/** The loop's side of a plane: keeps what arrives and finds it. */
class Loop<In extends { type: string }, Out> {
  readonly channel: Channel<In, Out>;
  readonly seen: In[] = [];
  closed = false;
  #waiting: (() => void)[] = [];

  constructor(file: string, appDirectory: string) {
    const data: PlaneOptions = {
      appDir: appDirectory,
      configPath: null,
      version: "9.9.9",
      logLevel: "error",
      logStyle: "json",
      host: "127.0.0.1",
      port: 8080,
    };
    this.channel = startWorker<In, Out>(new URL(file, import.meta.url), { name: file, data, onError });
    loops.push(this);
    this.channel.onMessage((message) => {
      this.seen.push(message);
      this.#wake();
    });
    this.channel.onClose(() => {
      this.closed = true;
      this.#wake();
    });
  }

  /** Waits for a message of this type for which `condition` holds. */
  async next<T extends In["type"]>(
    type: T,
    condition: (message: Of<In, T>) => boolean = () => true,
  ): Promise<Of<In, T>> {
    for (;;) {
      const found = this.seen.find((message) => message.type === type && condition(message as Of<In, T>));
      if (found !== undefined) return found as Of<In, T>;
      assert.equal(this.closed, false, `the thread ended before ${type}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

type ControlLoop = Loop<ControlToLoop, LoopToControl>;
const control = (directory: string): ControlLoop =>
  new Loop<ControlToLoop, LoopToControl>("./control-plane.ts", directory);

/** Greets, waits for the first version and acknowledges it. */
async function begun(loop: ControlLoop): Promise<Of<ControlToLoop, "snapshot">[]> {
  loop.channel.send({ type: "hello", snapshotVersion: 0 });
  const { version } = await loop.next("snapshot", (message) => message.last);
  loop.channel.send({ type: "snapshot-applied", version });
  return loop.seen.filter((message) => message.type === "snapshot");
}

async function stopped(loop: ControlLoop): Promise<void> {
  loop.channel.send({ type: "stop" });
  await loop.next("stopped");
  loop.channel.close();
}

let lastId = 0;
function request(method: string, target: string, body?: unknown): BridgeRequest {
  return {
    type: "bridge-request",
    id: ++lastId,
    method,
    target,
    headers: [["host", "localhost:8080"]],
    peer: { address: "127.0.0.1", loopback: true, secure: false },
    caller: "operator",
    body: body === undefined ? new Uint8Array() : new Uint8Array(Buffer.from(JSON.stringify(body))),
  };
}

type AnyLoop = Pick<Loop<BridgeAnswer, BridgeRequest>, "channel" | "next" | "seen">;

/** Asks either plane. */
async function answered(loop: ControlLoop | Loop<QueryToLoop, LoopToQuery>, message: BridgeRequest) {
  const plane = loop as unknown as AnyLoop;
  plane.channel.send(message);
  await plane.next("bridge-end", (end) => end.id === message.id);
  const own = plane.seen.filter((seen) => "id" in seen && seen.id === message.id);
  const head = own.find((seen) => seen.type === "bridge-head");
  const text = own.map((seen) => (seen.type === "bridge-chunk" ? Buffer.from(seen.bytes).toString() : "")).join("");
  return { status: head?.status, text };
}

const KEYS = Array.from({ length: 1200 }, (_, n) => ({
  name: `key ${n}`,
  value: `sk-bf-${n}`,
  provider_configs: [{ provider: "demo" }],
}));

const demoKey = (name: string, value: string) => ({ name, value, provider_configs: [{ provider: "demo" }] });

describe("the control plane", { timeout: 60_000 }, () => {
  it("sends the configuration in slices, with the facts of the start before the last one", async () => {
    const directory = appDir({
      providers: { openai: { keys: [{ name: "k", value: "sk-planted-canary", weight: 1, models: ["*"] }] } },
      governance: { virtual_keys: KEYS },
    });
    const loop = control(directory);
    const slices = await begun(loop);
    assert.ok(slices.length >= 3, "1,200 virtual keys are no single slice");
    assert.deepEqual(
      slices.map((slice) => slice.last),
      slices.map((_, index) => index === slices.length - 1),
    );
    for (const slice of slices) assert.ok((slice.keys?.labelEnds.length ?? 0) <= 500);
    const started = await loop.next("started");
    assert.ok(loop.seen.indexOf(started) < loop.seen.indexOf(slices.at(-1) as ControlToLoop));
    assert.deepEqual([started.virtualKeys, started.providers.includes("openai")], [1200, true]);
    assert.equal(started.logStore.path, join(directory, "logs.db"));
    const healths = [
      await loop.next("store-health", ({ store }) => store === "config"),
      await loop.next("store-health", ({ store }) => store === undefined),
    ];
    assert.ok(healths.every((health) => health.ok));
    for (const name of ["logs.db", "config.db"])
      assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
    await stopped(loop);
  });

  it("refuses a broken file with the place of the fault", async () => {
    const loop = control(appDir('{\n  "providers": nope\n}'));
    loop.channel.send({ type: "hello", snapshotVersion: 0 });
    const { text } = await loop.next("refused");
    assert.match(text, /config\.json:2:\d+/);
    await stopped(loop);
  });

  it("answers management calls, and goes on after one that fails", async () => {
    const loop = control(appDir());
    await begun(loop);
    assert.deepEqual(await answered(loop, request("GET", "/api/version")), { status: 200, text: '"9.9.9"' });
    assert.equal((await answered(loop, request("GET", "/api/versio"))).status, 404);
    assert.equal((await answered(loop, request("POST", "/api/routing/simulate", { body: 1 }))).status, 400);
    assert.equal((await answered(loop, request("GET", "/metrics"))).status, 200);
    await stopped(loop);
  });

  it("simulates by the planner, with the state that the loop tells", async () => {
    const loop = control(appDir());
    await begun(loop);
    const body = { body: { model: "demo/echo" }, seed: 5 };
    const answer = answered(loop, request("POST", "/api/routing/simulate", body));
    const { id } = await loop.next("state-request");
    loop.channel.send({ type: "state", id, now: Date.now(), keys: [] });
    const { status, text } = await answer;
    assert.equal(status, 200, text);
    const { decision } = JSON.parse(text);
    assert.deepEqual([decision.seed, decision.order[0].provider, decision.order[0].model], [5, "demo", "echo"]);
    await stopped(loop);
  });

  it("tells the place of a fault in a draft", async () => {
    const loop = control(appDir());
    await begun(loop);
    const body = { body: { model: "demo/echo" }, config: '{\n  "providers": 7\n}' };
    const { status, text } = await answered(loop, request("POST", "/api/routing/simulate", body));
    assert.equal(status, 400);
    assert.match(JSON.parse(text).error.message, /config\.json:2:\d+/);
    await stopped(loop);
  });

  it("lists the models of the built-in provider", async () => {
    const loop = control(appDir());
    await begun(loop);
    const { status, text } = await answered(loop, request("GET", "/v1/models?provider=demo"));
    assert.equal(status, 200);
    assert.ok(
      JSON.parse(text).data.some((entry: { id: string }) => entry.id === "demo/echo"),
      text.slice(0, 300),
    );
    await stopped(loop);
  });

  it("after a restart sends the next version in place of what the loop holds", async () => {
    const loop = control(appDir());
    loop.channel.send({ type: "hello", snapshotVersion: 4 });
    await loop.next("snapshot", (message) => message.last);
    const slices = loop.seen.filter((message) => message.type === "snapshot");
    assert.deepEqual([...new Set(slices.map((slice) => slice.version))], [5]);
    assert.deepEqual(
      slices.flatMap((slice) => slice.replaces ?? []),
      ["everything"],
    );
    await stopped(loop);
  });

  it("after a restart sends of the virtual keys only those that changed in the store", async () => {
    const config = { governance: { virtual_keys: [demoKey("same", "vk-same"), demoKey("other", "vk-other")] } };
    const directory = appDir(config);
    const first = control(directory);
    const before = await begun(first);
    const revision = before.at(-1)?.revision;
    assert.ok(revision !== undefined);
    await stopped(first);
    config.governance.virtual_keys[1] = demoKey("other", "vk-changed");
    writeFileSync(join(directory, "config.json"), JSON.stringify(config));
    const loop = control(directory);
    loop.channel.send({ type: "hello", snapshotVersion: 1, revision });
    await loop.next("snapshot", (message) => message.last);
    const slices = loop.seen.filter((message) => message.type === "snapshot");
    assert.equal(slices[0]?.replaces, "all-but-virtual-keys");
    assert.deepEqual(
      slices.flatMap((slice) => (slice.keys === undefined ? [] : namesOf(slice.keys))),
      ["other"],
    );
    await stopped(loop);
  });

  it("after a restart with a file that has become unusable lets traffic go on", async () => {
    const loop = control(appDir("{"));
    loop.channel.send({ type: "hello", snapshotVersion: 4 });
    const answer = await answered(loop, request("GET", "/v1/models"));
    assert.equal(answer.status, 503);
    assert.equal(
      loop.seen.some((message) => message.type === "refused"),
      false,
    );
    await stopped(loop);
  });
});

describe("the planes together", { timeout: 60_000 }, () => {
  it("write records at the latest when they stop, give buffers back, and read them in the query plane", async () => {
    const directory = appDir();
    const loop = control(directory);
    await begun(loop);
    const writer: Pick<LogWriter, "write"> = {
      write(buffer, firstWord, words) {
        const own = buffer.slice(0);
        loop.channel.send({ type: "records", buffer: own, dropped: 0, droppedContent: 0, firstWord, words }, [own]);
      },
    };
    // of today: rows beyond the retention may be deleted before they are read
    const acceptedAt = Date.now();
    new LogFeed(writer as LogWriter).write([
      { id: "one", acceptedAt },
      { id: "two", acceptedAt },
    ]);
    assert.ok((await loop.next("records-free")).buffer.byteLength > 0);
    const { logStore } = await loop.next("started");
    await stopped(loop);

    const query = new Loop<QueryToLoop, LoopToQuery>("./query-plane.ts", directory);
    assert.equal((await answered(query, request("GET", "/api/logs"))).status, 503);
    query.channel.send({ type: "log-store", place: logStore });
    const { status, text } = await answered(query, request("GET", "/api/logs"));
    assert.equal(status, 200);
    assert.deepEqual(
      JSON.parse(text)
        .logs.map((row: { id: string }) => row.id)
        .toSorted(),
      ["one", "two"],
    );
    assert.equal((await answered(query, request("GET", "/api/logs/one"))).status, 200);
    assert.equal((await answered(query, request("GET", "/api/logs/none"))).status, 404);
    query.channel.send({ type: "stop" });
    await query.next("stopped");
    query.channel.close();
  });

  it("keep no log where it is switched off, give buffers back all the same, and say so", async () => {
    const loop = control(appDir({ client: { enable_logging: false } }));
    await begun(loop);
    const { logStore } = await loop.next("started");
    assert.equal(logStore.path, null);
    assert.match(logStore.reason, /enable_logging is false/);
    const buffer = new ArrayBuffer(64);
    loop.channel.send({ type: "records", buffer, dropped: 0, droppedContent: 0, firstWord: 0, words: [] }, [buffer]);
    await loop.next("records-free");
    await stopped(loop);
  });

  it("tell a log that cannot be written and leave a corrupted file as it is", async () => {
    const directory = appDir();
    const path = join(directory, "logs.db");
    writeFileSync(path, "this is no database, but it is mine".repeat(100));
    const loop = control(directory);
    await begun(loop);
    const health = await loop.next("store-health", (message) => !message.ok);
    assert.ok(health.reason.length > 0);
    assert.equal((await answered(loop, request("GET", "/api/version"))).status, 200);
    await stopped(loop);
    assert.equal(statSync(path).size, "this is no database, but it is mine".length * 100);
  });
});

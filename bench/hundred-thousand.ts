// What a hundred thousand virtual keys cost: at a start, in memory, for each change, and until another process serves a change.
// node bench/hundred-thousand.ts [--keys N] [--what packed|src] [--changes N] [--only store|file|two] [--dist DIR]
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { hashSecret } from "../src/config/virtual-keys.ts";
import type { EntryChange, JsonObject } from "../src/core/config-store.ts";
import { openConfigStore } from "../src/store/sqlite/config-store.ts";
import { median } from "./report.ts";

const root = path.resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    keys: { type: "string", default: "100000" },
    what: { type: "string", default: "packed" },
    changes: { type: "string", default: "500" },
    only: { type: "string" },
    dist: { type: "string", default: "dist" },
  },
});
const KEYS = Number(values.keys);
const CHANGES = Number(values.changes);

function secretOf(index: number): string {
  return `sk-bf-bench-${index}-0123456789abcdef`;
}

/** As an operator would write it: some plans, a budget and a rate limit for each key. */
function virtualKey(index: number): JsonObject {
  const plan = index % 10;
  return {
    name: `customer-${index}`,
    value: secretOf(index),
    description: `customer ${index} of the bench`,
    provider_configs: [
      { provider: "demo", weight: 1, allowed_models: ["*"], key_ids: ["*"] },
      { provider: "openai", weight: plan / 10, allowed_models: ["gpt-4o", "gpt-4o-mini"] },
    ],
    budgets: [{ max_limit: 10 + plan, reset_duration: "1d" }],
    rate_limit: { request_max_limit: 1000, request_reset_duration: "1h" },
  };
}

function storedKey(index: number): EntryChange {
  const id = `00000000-0000-8000-a000-${String(index).padStart(12, "0")}`;
  const { name, value, budgets, rate_limit, ...rest } = virtualKey(index);
  const body = {
    ...rest,
    id,
    name,
    value: `${String(value).slice(0, 4)}${"*".repeat(24)}${String(value).slice(-4)}`,
    budgets: (budgets as JsonObject[]).map((budget) => ({ ...budget, id: `${id}-budget` })),
    rate_limit: { ...(rate_limit as JsonObject), id: `${id}-rate` },
  } as JsonObject;
  const common = { owner: "", secrets: {}, fileHash: null, deleted: false, createdAt: 1, updatedAt: 1 };
  const lookup = hashSecret(String(value));
  return {
    type: "put",
    entry: { kind: "virtual-key", id, name: String(name), body, lookup, source: "api", ...common },
  };
}

async function makeStore(file: string): Promise<void> {
  const store = await openConfigStore({ path: file, encryptionKey: null, log() {} });
  for (let from = 0; from < KEYS; from += 5000) {
    const count = Math.min(5000, KEYS - from);
    await store.write(Array.from({ length: count }, (_, index) => storedKey(from + index)));
  }
  await store.close();
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

interface Running {
  readonly url: string;
  readonly pid: number;
  /** ms until the port was open. */
  readonly opened: number;
  stop(): Promise<void>;
}

async function startGateway(folder: string): Promise<Running> {
  const port = await freePort();
  const node = path.join(root, "node_modules/.bin/node");
  const program =
    values.what === "src" ? path.join(root, "src/cli/main.ts") : path.resolve(root, values.dist, "cli.js");
  const args = [program, "-port", String(port), "-app-dir", folder, "-log-level", "error"];
  const started = performance.now();
  const child: ChildProcess = spawn(node, args, { stdio: ["ignore", "ignore", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with code ${child.exitCode}`);
    await sleep(5);
  }
  const opened = performance.now() - started;
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    opened,
    async stop() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
    },
  };
}

function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}

/** ms of processor time of the thread that serves requests. */
function loopTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function call(url: string, method: string, target: string, body?: object): Promise<JsonObject> {
  const answer = await fetch(`${url}${target}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as JsonObject;
}

const chat = JSON.stringify({ model: "demo/echo", messages: [{ role: "user", content: "hello" }] });

async function ask(url: string, secret: string): Promise<number> {
  const headers = { "content-type": "application/json", "x-bf-vk": secret };
  const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body: chat });
  await answer.arrayBuffer();
  return answer.status;
}

/** Requests one after another until told to stop; ms each. */
async function traffic(url: string, isOver: () => boolean): Promise<{ times: number[]; failed: number }> {
  const times: number[] = [];
  let failed = 0;
  for (let index = 0; !isOver(); index = (index + 7919) % KEYS) {
    const started = performance.now();
    if ((await ask(url, secretOf(index))) !== 200) failed++;
    times.push(performance.now() - started);
  }
  return { times, failed };
}

async function describeStart(name: string, gateway: Running): Promise<void> {
  await sleep(3000);
  const { now, peak } = memory(gateway.pid);
  const status = await ask(gateway.url, secretOf(KEYS - 1));
  console.log(
    `${name}: port open after ${gateway.opened.toFixed(0)} ms, RSS ${now.toFixed(0)} MB (highest ${peak.toFixed(0)}), last key ${status}`,
  );
}

/** The keys of a large file are stored when they are served already; who asks for them waits until then. */
async function describeStored(gateway: Running): Promise<void> {
  const started = performance.now();
  const isStored = (): Promise<boolean> =>
    call(gateway.url, "GET", "/api/governance/virtual-keys?limit=1").then(
      () => true,
      () => false,
    );
  while (!(await isStored())) await sleep(100);
  const waited = performance.now() - started;
  await sleep(3000);
  const { now } = memory(gateway.pid);
  console.log(
    `  all stored ${waited < 100 ? "by then" : `${(waited / 1000).toFixed(1)} s later`}, RSS ${now.toFixed(0)} MB`,
  );
}

function p99(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length * 0.99)] ?? 0;
}

async function measureChanges(gateway: Running): Promise<void> {
  const alone = loopTime(gateway.pid);
  let isOver = false;
  const quiet = traffic(gateway.url, () => isOver);
  await sleep(5000);
  isOver = true;
  const before = await quiet;
  const quietTime = (loopTime(gateway.pid) - alone) / before.times.length;
  isOver = false;
  const start = loopTime(gateway.pid);
  const busy = traffic(gateway.url, () => isOver);
  const took: number[] = [];
  for (let index = 0; index < CHANGES; index++) {
    const id = `00000000-0000-8000-a000-${String((index * 131) % KEYS).padStart(12, "0")}`;
    const started = performance.now();
    await call(gateway.url, "PUT", `/api/governance/virtual-keys/${id}`, { description: `change ${index}` });
    took.push(performance.now() - started);
  }
  isOver = true;
  const during = await busy;
  const rest = loopTime(gateway.pid) - start - quietTime * during.times.length;
  console.log(
    `${CHANGES} changes under traffic: ${median(took).toFixed(1)} ms each, ${(rest / CHANGES).toFixed(2)} ms of the loop each (the call itself included), ${during.failed} of ${during.times.length} requests failed, p99 ${p99(before.times).toFixed(1)} → ${p99(during.times).toFixed(1)} ms`,
  );
}

async function measureTwo(folder: string, first: Running): Promise<void> {
  const other = mkdtempSync(path.join(tmpdir(), "bench-other-"));
  const store = { enabled: true, type: "sqlite", config: { path: path.join(folder, "config.db") } };
  writeFileSync(path.join(other, "config.json"), JSON.stringify({ config_store: store }));
  const second = await startGateway(other);
  const took: number[] = [];
  for (let index = 0; index < 20; index++) {
    const made = await call(first.url, "POST", "/api/governance/virtual-keys", {
      name: `shared-${index}-${Date.now()}`,
      provider_configs: [{ provider: "demo" }],
    });
    const secret = String((made["virtual_key"] as JsonObject)["value"]);
    const started = performance.now();
    while ((await ask(second.url, secret)) !== 200) await sleep(5);
    took.push(performance.now() - started);
  }
  console.log(
    `another process serves a change after ${median(took).toFixed(0)} ms, at most ${Math.max(...took).toFixed(0)} ms`,
  );
  await second.stop();
  rmSync(other, { recursive: true });
}

async function ofStore(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-store-"));
  await makeStore(path.join(folder, "config.db"));
  const gateway = await startGateway(folder);
  await describeStart(`${KEYS} keys in the store`, gateway);
  if (values.only !== "two") await measureChanges(gateway);
  await measureTwo(folder, gateway);
  await gateway.stop();
  rmSync(folder, { recursive: true });
}

async function ofFile(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-file-"));
  const keys = Array.from({ length: KEYS }, (_, index) => virtualKey(index));
  const text = JSON.stringify({ governance: { virtual_keys: keys } }, null, 1);
  writeFileSync(path.join(folder, "config.json"), text);
  for (const name of ["first start", "second start"]) {
    const gateway = await startGateway(folder);
    await describeStart(`${KEYS} keys in a file of ${(text.length / 1e6).toFixed(0)} MB, ${name}`, gateway);
    await describeStored(gateway);
    await gateway.stop();
  }
  rmSync(folder, { recursive: true });
}

async function ofNothing(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-none-"));
  const gateway = await startGateway(folder);
  await sleep(3000);
  console.log(
    `nothing configured: port open after ${gateway.opened.toFixed(0)} ms, RSS ${memory(gateway.pid).now.toFixed(0)} MB`,
  );
  await gateway.stop();
  rmSync(folder, { recursive: true });
}

await ofNothing();
if (values.only !== "file") await ofStore();
if (values.only === undefined || values.only === "file") await ofFile();

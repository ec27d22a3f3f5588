// Starts the gateway as a user would, in a process of its own with a folder of its own, and waits until it answers.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
export const launcher = path.join(root, "bin/drawbridge.js");

export interface GatewayStart {
  /** Written to config.json as it stands; absent: no configuration. */
  readonly config?: unknown;
  /** Absent: any free port. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Reuse a folder of an earlier start. */
  readonly appDir?: string;
}

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly appDir: string;
  readonly pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** SIGTERM, and wait; returns the exit code. */
  stop(): Promise<number | null>;
  /** The newest rows of the request log, waited for until `count` rows fulfil `ready`. */
  logs(count?: number, query?: string): Promise<LogRow[]>;
}

/** The fields of a log row that tests look at. */
export interface LogRow {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly status: string;
  readonly fallback_index: number;
  readonly selected_key_name: string;
  readonly virtual_key_name: string;
  readonly attempts: readonly {
    provider: string;
    model: string;
    key: string;
    status: number;
    outcome: string;
    reason: string;
    error: string;
    fallback_index: number;
    start: number;
    end: number;
  }[];
  readonly decision: {
    seed: number;
    draw: number | null;
    order: { provider: string; model: string; key: string; reason: string }[];
    candidates: { provider: string; removed?: string; weight: number | null; share: number }[];
  } | null;
  readonly [field: string]: unknown;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

export function temporaryFolder(name: string): string {
  return mkdtempSync(path.join(tmpdir(), `drawbridge-${name}-`));
}

/** The environment without anything that would configure a gateway. */
function cleanEnvironment(more: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "TMPDIR", "LANG"])
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  return { ...kept, ...more };
}

async function untilReady(child: ChildProcess, url: string, output: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with code ${child.exitCode}:\n${output()}`);
    try {
      const answer = await fetch(`${url}/health`);
      await answer.arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error(`the gateway did not answer:\n${output()}`);
}

/** What it says at its start comes by a pipe, which may be slower than the port. */
async function untilTold(output: () => string): Promise<void> {
  for (let tries = 0; tries < 40 && !output().includes("\n"); tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
}

export async function startTestGateway(start: GatewayStart = {}): Promise<TestGateway> {
  const port = start.port ?? (await freePort());
  const appDir = start.appDir ?? temporaryFolder("gateway");
  mkdirSync(appDir, { recursive: true });
  if (start.config !== undefined)
    writeFileSync(
      path.join(appDir, "config.json"),
      typeof start.config === "string" ? start.config : JSON.stringify(start.config),
    );
  const args = [launcher, "-port", String(port), "-app-dir", appDir, ...(start.flags ?? [])];
  const child = spawn(process.execPath, args, {
    env: cleanEnvironment(start.environment ?? {}),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  child.stderr.on("data", (data: Buffer) => (text += data.toString()));
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, url, () => text);
    await untilTold(() => text);
  } catch (error) {
    kill();
    throw error;
  }
  return {
    url,
    port,
    appDir,
    pid: child.pid as number,
    output: () => text,
    stop: async () => {
      process.off("exit", kill);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await new Promise((resolve) => child.once("exit", resolve));
      }
      if (start.appDir === undefined) rmSync(appDir, { recursive: true, force: true });
      return child.exitCode;
    },
    logs: (count = 1, query = "") => readLogs(url, count, query),
  };
}

/** Reads the log until it has `count` rows; they are written within a quarter of a second of the answer. */
async function readLogs(url: string, count: number, query: string): Promise<LogRow[]> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${url}/api/logs?limit=1000&${query}`);
    const page = (await answer.json()) as { logs: LogRow[] };
    if (page.logs.length >= count) return page.logs;
    if (tries > 80) throw new Error(`the log has ${page.logs.length} rows, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** POST of a JSON body. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(url, {
    method: "POST",
    body: text,
    headers: { "content-type": "application/json", ...headers },
  });
  const read = await answer.text();
  let json: Record<string, unknown> = {};
  try {
    json = JSON.parse(read) as Record<string, unknown>;
  } catch {
    // A stream, or no JSON: `text` has it.
  }
  return { status: answer.status, headers: answer.headers, text: read, json };
}

// Starts what is measured, and what it is measured against, each on a processor of its own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
/** What is measured runs alone here; load and mock upstream share the other. */
export const MEASURED_CPU = "0";
export const LOAD_CPU = "1";

export interface Program {
  readonly name: string;
  /** Its working folder. */
  readonly dir: string;
  readonly port: number;
  readonly pid: number;
  /** ms from start to the first good answer. */
  readonly startedIn: number;
  stop(): Promise<void>;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve();
    child.once("exit", () => resolve());
  });
}

function tryConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function ready(child: ChildProcess, port: number, name: string): Promise<number> {
  const started = performance.now();
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}`);
    if (await tryConnect(port)) return performance.now() - started;
    if (performance.now() - started > 20_000) throw new Error(`${name} did not open its port`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function start(
  name: string,
  cpu: string,
  command: readonly string[],
  port: number,
  cwd: string,
): Promise<Program> {
  const child = spawn("taskset", ["-c", cpu, ...command], { stdio: ["ignore", "ignore", "inherit"], cwd });
  process.once("exit", () => child.kill("SIGKILL"));
  const startedIn = await ready(child, port, name);
  const stop = async () => {
    child.kill("SIGTERM");
    await ended(child);
  };
  return { name, dir: cwd, port, pid: child.pid as number, startedIn, stop };
}

const node = path.join(root, "node_modules/.bin/node");

export async function startMock(): Promise<Program> {
  const port = await freePort();
  return start("mock upstream", LOAD_CPU, [node, path.join(root, "bench/mock-upstream.ts"), String(port)], port, root);
}

/** nginx as a plain reverse proxy with kept connections, one worker, no access log. */
export async function startNginx(upstream: number): Promise<Program> {
  const port = await freePort();
  const dir = mkdtempSync(path.join(tmpdir(), "bench-nginx-"));
  const config = `
daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log warn;
events { worker_connections 8192; }
http {
  access_log off; client_body_buffer_size 1m; client_max_body_size 110m; keepalive_requests 10000000;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  upstream mock { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}`;
  const file = path.join(dir, "nginx.conf");
  writeFileSync(file, config);
  return start("nginx", MEASURED_CPU, ["nginx", "-p", dir, "-c", file], port, dir);
}

/** `others`: so many virtual keys with budgets and limits of their own beside the one that is used. */
function gatewayConfig(upstream: number, others: number): string {
  const network_config = { base_url: `http://127.0.0.1:${upstream}` };
  const keys = [
    { name: "bench-1", value: "sk-bench-1", models: ["*"], weight: 0.7 },
    { name: "bench-2", value: "sk-bench-2", models: ["*"], weight: 0.3 },
  ];
  const provider_configs = [
    { provider: "openai", allowed_models: ["gpt-4o-mini", "paced"], key_ids: ["*"], weight: 1 },
  ];
  const budget = { max_limit: 1_000_000, reset_duration: "1d" };
  const rate_limit = {
    request_max_limit: 1_000_000_000,
    request_reset_duration: "1h",
    token_max_limit: 1_000_000_000_000,
    token_reset_duration: "1h",
  };
  const limited = { provider_configs, budgets: [budget], rate_limit };
  return JSON.stringify({
    providers: { openai: { keys, network_config } },
    governance: {
      virtual_keys: [
        { name: "bench", value: "vk-bench", ...limited },
        ...Array.from({ length: others }, (_, index) => ({ name: `other-${index}`, value: `vk-${index}`, ...limited })),
      ],
    },
  });
}

export interface GatewayOptions {
  /** So many virtual keys with limits of their own beside the one that is used. */
  readonly others?: number;
  /** Processors, as taskset takes them. */
  readonly cpus?: string;
  /** A module that Node loads before the gateway. */
  readonly preload?: string;
}

/** The packed gateway of a checkout with virtual key, budget, rate limit, request log and metrics. `dist` is built before. */
export async function startGateway(
  name: string,
  dist: string,
  upstream: number,
  { others = 0, cpus = MEASURED_CPU, preload }: GatewayOptions = {},
): Promise<Program> {
  const port = await freePort();
  const dir = mkdtempSync(path.join(tmpdir(), "bench-gateway-"));
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, "config.json"), gatewayConfig(upstream, others));
  return start(
    name,
    cpus,
    [
      node,
      ...(preload === undefined ? [] : ["--import", preload]),
      path.join(dist, "cli.js"),
      "-port",
      String(port),
      "-app-dir",
      dir,
      "-log-level",
      "error",
    ],
    port,
    dir,
  );
}

/** Bundles a checkout; returns its dist folder. */
export function build(checkout: string): string {
  const dist = path.join(checkout, "dist");
  execFileSync(node, [path.join(checkout, "scripts/build.ts"), dist], { cwd: checkout, stdio: "inherit" });
  return dist;
}

/** A worktree of another commit, with this checkout's dependencies; returns its folder. */
export function checkoutOf(commit: string): string {
  const dir = path.join(mkdtempSync(path.join(tmpdir(), "bench-against-")), "tree");
  execFileSync("git", ["worktree", "add", "--detach", dir, commit], { cwd: root, stdio: "ignore" });
  execFileSync("ln", ["-s", path.join(root, "node_modules"), path.join(dir, "node_modules")]);
  return dir;
}

export function dropCheckout(dir: string): void {
  execFileSync("git", ["worktree", "remove", "--force", dir], { cwd: root, stdio: "ignore" });
}

// How long the gateway takes from the start of its process to an open port and to a first answer, and what it holds idle.
// node bench/start.ts [--runs N] [--what packed,src] [--dist DIR]… [--config FILE] [--cold]
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { cpuNanoseconds, residentMegabytes } from "./cpu.ts";
import { median } from "./report.ts";

const root = path.resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "9" },
    what: { type: "string", default: "packed,src" },
    dist: { type: "string", multiple: true, default: [] },
    config: { type: "string" },
    cold: { type: "boolean", default: false },
  },
});

/** What is started: a program and its first arguments. */
interface Subject {
  readonly name: string;
  readonly command: readonly string[];
}

interface Start {
  /** ms from the start of the process. */
  readonly port: number;
  readonly answer: number;
  /** ms of processor time of all threads until the first answer. */
  readonly cpu: number;
  /** MB a second after the first answer. */
  readonly resident: number;
}

/** As far as a user's folders are concerned the runs of one subject share a home, unless `--cold`. */
function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: home, XDG_CACHE_HOME: path.join(home, "cache"), ...nodeOptions() };
}

function nodeOptions(): NodeJS.ProcessEnv {
  const passed = ["NODE_OPTIONS", "NODE_COMPILE_CACHE"].map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(passed.filter(([, value]) => value !== undefined));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The text of the answer, or null while nobody answers. */
function tryOnce(port: number, text: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    let answer = "";
    socket.once("connect", () => (text === "" ? finish("open") : socket.write(text)));
    socket.on("data", (data: Buffer) => (answer += data.toString("latin1")));
    socket.once("error", () => finish(null));
    socket.once("close", () => finish(answer));
    const finish = (result: string | null): void => {
      socket.destroy();
      resolve(result);
    };
  });
}

async function waitFor(port: number, text: string, good: (answer: string) => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const answer = await tryOnce(port, text);
    if (answer !== null && good(answer)) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error("the gateway did not answer within 30 s");
}

const body = '{"model":"demo/echo","messages":[{"role":"user","content":"hello"}]}';
const call = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

async function startOnce(subject: Subject, home: string): Promise<Start> {
  const port = await freePort();
  const dir = mkdtempSync(path.join(tmpdir(), "bench-start-"));
  if (values.config !== undefined) copyFileSync(values.config, path.join(dir, "config.json"));
  const [program = "", ...args] = [...subject.command, "-port", String(port), "-app-dir", dir, "-log-level", "error"];
  const started = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], env: environment(home) });
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  await waitFor(port, "", () => true);
  const opened = performance.now() - started;
  await waitFor(port, call, (answer) => answer.startsWith("HTTP/1.1 200"));
  const answered = performance.now() - started;
  const cpu = cpuNanoseconds(child.pid as number) / 1e6;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const resident = residentMegabytes(child.pid as number);
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
  process.off("exit", kill);
  rmSync(dir, { recursive: true });
  return { port: opened, answer: answered, cpu, resident };
}

async function measure(subjects: readonly Subject[], runs: number): Promise<void> {
  const homes = new Map(subjects.map(({ name }) => [name, mkdtempSync(path.join(tmpdir(), "bench-home-"))]));
  const all = new Map<string, Start[]>(subjects.map(({ name }) => [name, []]));
  // the first run of each fills caches; taking turns, so that a machine that changes its pace changes it for all
  for (let run = values.cold ? 1 : 0; run <= runs; run++)
    for (const subject of subjects) {
      const home = homes.get(subject.name) as string;
      if (values.cold) rmSync(path.join(home, "cache"), { recursive: true, force: true });
      const start = await startOnce(subject, home);
      if (run > 0) all.get(subject.name)?.push(start);
    }
  for (const home of homes.values()) rmSync(home, { recursive: true });
  console.log("medians           open port  first answer  lowest   CPU until then  idle memory");
  for (const [name, list] of all) {
    const of = (pick: (start: Start) => number): number => median(list.map(pick));
    const lowest = Math.min(...list.map((start) => start.answer));
    console.log(
      `${name.padEnd(18)}${cell(
        of((s) => s.port),
        "ms",
        9,
      )}${cell(
        of((s) => s.answer),
        "ms",
        14,
      )}${cell(lowest, "ms", 8)}${cell(
        of((s) => s.cpu),
        "ms",
        17,
      )}${cell(
        of((s) => s.resident),
        "MB",
        13,
      )}`,
    );
  }
}

function cell(value: number, unit: string, width: number): string {
  return `${value.toFixed(0)} ${unit}`.padStart(width);
}

function subjects(): Subject[] {
  const node = process.execPath;
  const known: Readonly<Record<string, () => Subject>> = {
    packed: () => ({ name: "packed", command: [node, path.join(packed(), "bin/drawbridge.js")] }),
    src: () => ({ name: "src", command: [node, path.join(root, "bin/drawbridge.js")] }),
  };
  const list = values.what.split(",").flatMap((name) => known[name]?.() ?? []);
  for (const dist of values.dist) list.push({ name: dist, command: [node, path.join(dist, "cli.js")] });
  return list;
}

/** A folder with what the package holds, as npm would unpack it. */
function packed(): string {
  const dir = mkdtempSync(path.join(tmpdir(), "bench-package-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  execFileSync(process.execPath, [path.join(root, "scripts/build.ts"), path.join(dir, "dist")]);
  execFileSync("cp", ["-r", path.join(root, "bin"), path.join(root, "package.json"), dir]);
  return dir;
}

await measure(subjects(), Number(values.runs));

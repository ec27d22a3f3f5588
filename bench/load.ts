// Puts load on a program: closed by wrk for CPU and the highest rate, open and on time for latency.
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { cpuNanoseconds } from "./cpu.ts";
import { LOAD_CPU, type Program } from "./programs.ts";
import type { Shape } from "./shapes.ts";

export interface Closed {
  /** Requests per second. */
  readonly rate: number;
  /** µs of CPU a request, all threads of the program. */
  readonly cpu: number;
  readonly errors: number;
}

function script(shape: Shape): string {
  const dir = mkdtempSync(path.join(tmpdir(), "bench-wrk-"));
  writeFileSync(path.join(dir, "body.json"), shape.body);
  const file = path.join(dir, "request.lua");
  writeFileSync(
    file,
    `local f = io.open("${dir}/body.json", "rb")
wrk.method = "POST"
wrk.path = "/v1/chat/completions"
wrk.body = f:read("*a")
f:close()
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer vk-bench"
done = function(summary)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d\\n", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
`,
  );
  return file;
}

function wrk(
  program: Program,
  shape: Shape,
  seconds: number,
): Promise<{ requests: number; micros: number; errors: number }> {
  return new Promise((resolve, reject) => {
    const args = [
      "-c",
      LOAD_CPU,
      "wrk",
      "-t1",
      `-c${shape.connections}`,
      `-d${seconds}s`,
      "--timeout",
      "10s",
      "-s",
      script(shape),
      `http://127.0.0.1:${program.port}`,
    ];
    const child = spawn("taskset", args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (data) => (text += data));
    child.once("exit", () => {
      const found = /RESULT (\d+) (\d+) (\d+)/.exec(text);
      if (found === null) reject(new Error(`wrk told nothing:\n${text}`));
      else resolve({ requests: Number(found[1]), micros: Number(found[2]), errors: Number(found[3]) });
    });
  });
}

/** As many requests as the program takes; `warm` seconds before are not counted. */
export async function closedLoop(program: Program, shape: Shape, seconds: number, warm: number): Promise<Closed> {
  if (warm > 0) await wrk(program, shape, warm);
  const before = cpuNanoseconds(program.pid);
  const { requests, micros, errors } = await wrk(program, shape, seconds);
  return { rate: requests / (micros / 1e6), cpu: (cpuNanoseconds(program.pid) - before) / 1000 / requests, errors };
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

/** Sends at fixed times whatever is still under way; each latency counts from the time at which it should have been sent. ms. */
export async function openLoop(program: Program, shape: Shape, rate: number, seconds: number): Promise<Latency> {
  const request = Buffer.from(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer vk-bench\r\ncontent-length: ${Buffer.byteLength(shape.body)}\r\n\r\n${shape.body}`,
  );
  const idle: Line[] = [];
  const latencies: number[] = [];
  const total = rate * seconds;
  const start = performance.now() + 50;
  let sent = 0;
  let done = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const finish = (line: Line, due: number): void => {
    latencies.push(performance.now() - due);
    idle.push(line);
    if (++done === total) resolve();
  };
  const tick = (): void => {
    const now = performance.now();
    while (sent < total && start + (sent * 1000) / rate <= now) {
      const due = start + (sent++ * 1000) / rate;
      (idle.pop() ?? new Line(program.port, finish)).send(request, due);
    }
    // Not a busy loop: the mock upstream shares this processor, and would wait for its turn behind it.
    if (sent < total) setTimeout(tick, 1);
  };
  tick();
  await promise;
  for (const line of idle) line.close();
  const sorted = latencies.slice(Math.floor(total / 10)).toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] as number;
  return { p50: at(0.5), p99: at(0.99), count: sorted.length };
}

/** One kept connection with at most one request under way; answers have a content-length. */
class Line {
  readonly #socket: net.Socket;
  readonly #done: (line: Line, due: number) => void;
  #due = 0;
  #have = 0;
  #need = 0;
  constructor(port: number, done: (line: Line, due: number) => void) {
    this.#done = done;
    this.#socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (data: Buffer) => this.#read(data));
    this.#socket.on("error", (error) => {
      throw error;
    });
  }
  send(request: Buffer, due: number): void {
    this.#due = due;
    this.#have = this.#need = 0;
    this.#socket.write(request);
  }
  close(): void {
    this.#socket.destroy();
  }
  #read(data: Buffer): void {
    if (this.#need === 0) {
      const text = data.toString("latin1", 0, 4096);
      const end = text.indexOf("\r\n\r\n");
      if (!text.startsWith("HTTP/1.1 200")) throw new Error(`answered: ${text.slice(0, 300)}`);
      this.#need = end + 4 + Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
    }
    this.#have += data.length;
    if (this.#have >= this.#need) this.#done(this, this.#due);
  }
}

export interface Streams {
  /** Streams that ended with the end marker. */
  readonly whole: number;
  /** Longest silence between two reads of one stream, ms. */
  readonly longestGap: number;
}

/** Many streams at once, one event each 20 ms. */
export async function manyStreams(program: Program, count: number): Promise<Streams> {
  const body = JSON.stringify({ model: "paced", stream: true, messages: [{ role: "user", content: "hi" }] });
  const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer vk-bench\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  let whole = 0;
  let longestGap = 0;
  const one = () =>
    new Promise<void>((resolve) => {
      let last = 0;
      const socket = net.connect({ port: program.port, host: "127.0.0.1" }, () => socket.write(request));
      socket.on("data", (data) => {
        const now = performance.now();
        if (last > 0) longestGap = Math.max(longestGap, now - last);
        last = now;
        if (!data.includes("data: [DONE]")) return;
        whole++;
        socket.destroy();
        resolve();
      });
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
    });
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, (i * 400) / count));
      await one();
    }),
  );
  return { whole, longestGap };
}

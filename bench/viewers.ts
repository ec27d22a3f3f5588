// What the record costs the data plane while it is looked at: 1,000 requests/s alone, with five viewers, and with a heavy query besides.
import { readFileSync, rmSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { firstThreadNanoseconds } from "./cpu.ts";
import { closedLoop, openLoop } from "./load.ts";
import { build, LOAD_CPU, MEASURED_CPU, type Program, startGateway, startMock } from "./programs.ts";
import { type Shape, shapes } from "./shapes.ts";

const RUNS = Number(process.env["RUNS"] ?? 5);
const RATE = Number(process.env["RATE"] ?? 1000);
const SECONDS = Number(process.env["SECONDS"] ?? 8);
/** s of full load before, whose rows the heavy query reads. */
const FILL = Number(process.env["FILL"] ?? 15);

interface Run {
  /** µs of CPU a request, of the thread that serves requests. */
  readonly cpu: number;
  /** ms. */
  readonly longest: number;
  readonly p50: number;
  readonly p99: number;
}

interface Mode {
  readonly name: string;
  readonly viewers: number;
  readonly isAsking: boolean;
  readonly runs: Run[];
}

/** A viewer that reads and throws away. */
function watch(port: number): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: "127.0.0.1", path: "/api/events?topics=requests" }, (answer) => {
      answer.resume();
      answer.on("error", () => {});
      resolve(() => request.destroy());
    });
    request.on("error", reject);
  });
}

/** Asks one heavy thing after another until it is ended; gives how many were answered. */
function ask(port: number): () => Promise<number> {
  const heavy = ["/api/logs?content_search=word-that-nobody-said&limit=100", "/api/logs/histogram?period=30d"];
  const stop = new AbortController();
  const loop = async () => {
    let answered = 0;
    while (!stop.signal.aborted) {
      const answer = await fetch(`http://127.0.0.1:${port}${heavy[answered % heavy.length]}`);
      if (answer.status !== 200) throw new Error(`${heavy[answered % heavy.length]}: ${await answer.text()}`);
      await answer.arrayBuffer();
      answered++;
    }
    return answered;
  };
  const done = loop();
  return async () => {
    stop.abort();
    return await done;
  };
}

/** ms since it was asked last. */
async function longestDelay({ pid, dir }: Program): Promise<number> {
  const file = path.join(dir, "loop-delay");
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  for (let tries = 0; tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    try {
      const text = readFileSync(file, "utf8");
      if (text !== "") return Number(text);
    } catch {
      // it is not written yet
    }
  }
  throw new Error("the gateway did not tell its loop's delay");
}

function told(name: string, runs: readonly Run[], member: keyof Run, digits: number): string {
  const values = runs.map((run) => run[member]).toSorted((a, b) => a - b);
  const at = (index: number) => values.at(index)?.toFixed(digits);
  return `${name} ${at(values.length >> 1)} (${at(0)} to ${at(-1)})`;
}

const mock = await startMock();
const gateway = await startGateway("gateway", build(process.cwd()), mock.port, {
  cpus: `${MEASURED_CPU},${LOAD_CPU}`,
  preload: path.join(import.meta.dirname, "loop-delay.ts"),
});
const shape = shapes[0] as Shape;
const modes: readonly Mode[] = [
  { name: "nobody looks", viewers: 0, isAsking: false, runs: [] },
  { name: "five viewers", viewers: 5, isAsking: false, runs: [] },
  { name: "five viewers and a heavy query", viewers: 5, isAsking: true, runs: [] },
];
try {
  await closedLoop(gateway, shape, FILL, 1);
  let answered = 0;
  for (let run = 0; run < RUNS; run++)
    for (const { viewers, isAsking, runs } of modes) {
      const ends = await Promise.all(Array.from({ length: viewers }, () => watch(gateway.port)));
      const stop = isAsking ? ask(gateway.port) : null;
      await longestDelay(gateway);
      const before = firstThreadNanoseconds(gateway.pid);
      const { p50, p99 } = await openLoop(gateway, shape, RATE, SECONDS);
      const cpu = (firstThreadNanoseconds(gateway.pid) - before) / 1000 / (RATE * SECONDS);
      runs.push({ cpu, longest: await longestDelay(gateway), p50, p99 });
      answered += (await stop?.()) ?? 0;
      for (const end of ends) end();
    }
  console.log(`${RATE} requests/s, ${RUNS} runs of ${SECONDS} s each; median (least to most)`);
  for (const { name, runs } of modes)
    console.log(
      `${name}: ${told("CPU µs a request", runs, "cpu", 1)}, ${told("longest delay ms", runs, "longest", 1)}, ${told("p50 ms", runs, "p50", 2)}, ${told("p99 ms", runs, "p99", 2)}`,
    );
  console.log(`heavy queries answered: ${answered}`);
} finally {
  await gateway.stop();
  await mock.stop();
}

// What viewers of the live stream cost the data plane: CPU a request and latency at 1,000 requests/s with none and with five.
import http from "node:http";
import { cpuNanoseconds } from "./cpu.ts";
import { openLoop } from "./load.ts";
import { build, startGateway, startMock } from "./programs.ts";
import { type Shape, shapes } from "./shapes.ts";

const RUNS = Number(process.env["RUNS"] ?? 5);
const RATE = Number(process.env["RATE"] ?? 1000);
const SECONDS = Number(process.env["SECONDS"] ?? 8);

interface Run {
  /** µs of CPU a request, all threads. */
  readonly cpu: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
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

function told(name: string, runs: readonly Run[], member: keyof Run, digits: number): string {
  const values = runs.map((run) => run[member]).toSorted((a, b) => a - b);
  const at = (index: number) => values.at(index)?.toFixed(digits);
  return `${name} ${at(values.length >> 1)} (${at(0)} to ${at(-1)})`;
}

const mock = await startMock();
const gateway = await startGateway("gateway", build(process.cwd()), mock.port);
const shape = shapes[0] as Shape;
const results = new Map<number, Run[]>([
  [0, []],
  [5, []],
]);
try {
  await openLoop(gateway, shape, RATE, 3);
  for (let run = 0; run < RUNS; run++)
    for (const [viewers, runs] of results) {
      const ends = await Promise.all(Array.from({ length: viewers }, () => watch(gateway.port)));
      const before = cpuNanoseconds(gateway.pid);
      const { p50, p99 } = await openLoop(gateway, shape, RATE, SECONDS);
      runs.push({ cpu: (cpuNanoseconds(gateway.pid) - before) / 1000 / (RATE * SECONDS), p50, p99 });
      for (const end of ends) end();
    }
  for (const [viewers, runs] of results)
    console.log(
      `${viewers} viewers: ${told("CPU µs a request, all threads", runs, "cpu", 1)}, ${told("p50 ms", runs, "p50", 2)}, ${told("p99 ms", runs, "p99", 2)}`,
    );
} finally {
  await gateway.stop();
  await mock.stop();
}

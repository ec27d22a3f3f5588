// The bench: nginx and the gateway in turn on one processor, load and a mock upstream on the other; figures as ratios.
// npm run bench [-- --quick] [--against COMMIT] [--rounds N] [--only chat,stream,prompt,turns,governance,keys]
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { residentMegabytes } from "./cpu.ts";
import { type Closed, closedLoop, type Latency, manyStreams, openLoop } from "./load.ts";
import { build, checkoutOf, dropCheckout, type Program, startGateway, startMock, startNginx } from "./programs.ts";
import { median, type Results, report } from "./report.ts";
import { type Shape, shapes } from "./shapes.ts";

const root = path.resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    against: { type: "string" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    out: { type: "string", default: "" },
  },
});
const rounds = values.quick ? 1 : Number(values.rounds);
const seconds = values.quick ? 2 : 4;
/** Optimised code is there after some ten thousand requests; before that a request costs twice as much. */
const warm = values.quick ? 3 : 12;
const MANY_KEYS = 100_000;
/** ms */
const STORING = 20_000;
const isWanted = (name: string): boolean => values.only === "" || values.only.split(",").includes(name);
const wanted = values.only === "" ? shapes : shapes.filter((shape) => values.only.split(",").includes(shape.name));

for (const tool of ["nginx", "wrk", "taskset"])
  if (spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0) {
    console.error(`The bench needs '${tool}'. Install it with:\n  sudo apt-get install -y nginx-light wrk util-linux`);
    process.exit(1);
  }

/** Each program in turn, round after round, so that a machine that changes its pace changes it for all. */
async function measureClosed(programs: readonly Program[], shape: Shape): Promise<Map<string, Closed>> {
  const all = new Map<string, Closed[]>(programs.map((program) => [program.name, []]));
  for (let round = 0; round < rounds; round++)
    for (const program of programs)
      all.get(program.name)?.push(await closedLoop(program, shape, seconds, round === 0 ? warm : 1));
  return new Map(
    [...all].map(([name, list]) => [
      name,
      {
        rate: median(list.map((c) => c.rate)),
        cpu: median(list.map((c) => c.cpu)),
        errors: list.reduce((sum, c) => sum + c.errors, 0),
      },
    ]),
  );
}

async function measureLatency(programs: readonly Program[], shape: Shape): Promise<Map<string, Latency>> {
  const all = new Map<string, Latency[]>(programs.map((program) => [program.name, []]));
  for (let round = 0; round < rounds; round++)
    for (const program of programs) all.get(program.name)?.push(await openLoop(program, shape, 1000, seconds));
  return new Map(
    [...all].map(([name, list]) => [
      name,
      {
        p50: median(list.map((l) => l.p50)),
        p99: median(list.map((l) => l.p99)),
        count: list.reduce((sum, l) => sum + l.count, 0),
      },
    ]),
  );
}

/** What governance takes of the loop, without sockets: see the program. */
function measureGovernance(): string {
  const node = path.join(root, "node_modules/.bin/node");
  return execFileSync(node, [path.join(root, "bench/micro/governance.ts")], { cwd: root, encoding: "utf8" }).trim();
}

/** A chat with one virtual key, beside the same with very many others in the configuration. */
async function measureKeys(dist: string, upstream: number): Promise<Map<string, Closed>> {
  const few = await startGateway("one virtual key", dist, upstream);
  const many = await startGateway(`${MANY_KEYS} more`, dist, upstream, { others: MANY_KEYS });
  // the keys of a first file are stored behind the open port
  await new Promise((resolve) => setTimeout(resolve, STORING));
  try {
    return await measureClosed([few, many], shapes[0] as Shape);
  } finally {
    await few.stop();
    await many.stop();
  }
}

const mock = await startMock();
const programs: Program[] = [await startNginx(mock.port)];
const others: string[] = [];
if (values.against !== undefined) {
  const tree = checkoutOf(values.against);
  others.push(tree);
  programs.push(await startGateway(`gateway at ${values.against}`, build(tree), mock.port));
}
const gateway = await startGateway("gateway", build(root), mock.port);
programs.push(gateway);
const results: Results = {
  closed: [],
  latency: null,
  streams: null,
  memory: { idle: residentMegabytes(gateway.pid), after: 0, requests: 0 },
  startedIn: gateway.startedIn,
  governance: null,
  keys: null,
};
try {
  for (const shape of wanted) {
    console.error(`measuring ${shape.label}`);
    results.closed.push({ shape, by: await measureClosed(programs, shape) });
  }
  if (isWanted("governance")) {
    console.error("measuring governance");
    results.governance = measureGovernance();
  }
  if (isWanted("keys")) {
    console.error(`measuring a chat among ${MANY_KEYS} virtual keys`);
    results.keys = await measureKeys(path.join(root, "dist"), mock.port);
  }
  if (values.only === "") {
    console.error("measuring latency at 1,000 requests/s");
    results.latency = await measureLatency(programs, shapes[0] as Shape);
    console.error("measuring 1,000 streams at once");
    results.streams = { count: 1000, ...(await manyStreams(gateway, 1000)) };
    const many = values.quick ? 3 : 40;
    console.error("measuring memory after many requests");
    const more = await closedLoop(gateway, shapes[0] as Shape, many, 0);
    results.memory.requests = Math.round(more.rate * many);
    results.memory.after = residentMegabytes(gateway.pid);
  }
} finally {
  for (const program of [...programs, mock]) await program.stop();
  for (const tree of others) dropCheckout(tree);
}
const text = report(
  results,
  programs.map((program) => program.name),
);
console.log(text);
const out = values.out === "" ? path.join(root, "bench/results") : values.out;
mkdirSync(out, { recursive: true });
writeFileSync(path.join(out, "latest.md"), text);

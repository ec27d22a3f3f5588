// What a scan of a request's body costs, by shape: `node bench/micro/scan.ts`. µs of CPU, the lowest of several rounds.
import { JsonScan } from "../../src/lib/json-scan.ts";
import { answer, shapes } from "../shapes.ts";

const names = ["model", "messages", "stream", "max_tokens", "temperature", "tools", "stop", "response_format"];
const items = { array: "messages", fields: ["role"], mark: "user" };
const kept = new JsonScan(names, items);
const plain = new JsonScan(names, items, false);

function micros(run: () => void, count: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const before = process.threadCpuUsage();
    for (let i = 0; i < count; i++) run();
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / count);
  }
  return best;
}

const documents = [
  ...shapes.filter(({ name }) => name !== "stream").map(({ name, body }) => ({ name, body })),
  { name: "answer", body: answer },
];
for (const { name, body } of documents) {
  const bytes = Buffer.from(body);
  const count = Math.ceil(20_000_000 / (bytes.length + 2000));
  const row = [
    ["scan", micros(() => void kept.read(bytes), count)],
    ["in TypeScript alone", micros(() => void plain.read(bytes), count)],
    ["JSON.parse", micros(() => void JSON.parse(bytes.toString("utf8")), count)],
  ] as const;
  console.log(name.padEnd(8), row.map(([what, us]) => `${what} ${us.toFixed(2)}`).join("   "));
}

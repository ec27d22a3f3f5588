// What governance costs a request on the loop: `node bench/micro/governance.ts [requests]`. µs for reserve, count, settle and entries at 5 levels.
import type { TargetPrice } from "../../src/core/request-size.ts";
import type { CounterSpec } from "../../src/governance/counter-spec.ts";
import { Estimator } from "../../src/governance/estimator.ts";
import type { TargetLevels } from "../../src/governance/levels.ts";
import { grantingAdmission } from "./granting.ts";

const count = Number(process.argv[2] ?? 200_000);

const { admission, turn } = grantingAdmission();

const owners = ["Provider config", "VK", "Team", "Customer", "Model"] as const;
const specs = owners.map(
  (kind): CounterSpec => ({
    id: kind,
    kind: "budget",
    owner: { kind, name: kind, entity: `team:${kind}` },
    limit: 1e15,
    reset: "1M",
    hard: false,
  }),
);
const levels: TargetLevels = {
  specs,
  live: specs.map(() => undefined),
  learned: new Map(),
  hasHard: false,
  hasBudget: true,
};
const price: TargetPrice = { cost: (input, output) => input * 150 + output * 600, bound: () => 1 };
const estimator = new Estimator();
const size = { textBytes: 500, media: [], maxTokens: 256, n: 1 };

let request = 0;
function one(): void {
  const { cost, inputTokens, outputTokens } = estimator.estimate("key", "openai/gpt", size, price);
  const asked = {
    levels,
    cost: cost ?? 0,
    bound: 0,
    tokens: inputTokens + outputTokens,
    unpriced: false,
    passed: null,
  };
  const outcome = admission.admit({ request: ++request, targets: [asked], bodyBytes: 500, onStoreDown: "serve" });
  if (outcome.type !== "admitted") {
    if (request > 20_000) throw new Error("a request had to wait: it is not the hot path that is measured");
    return;
  }
  outcome.sent();
  outcome.finish({ cost: 100_000, tokens: 300 });
}

for (let i = 0; i < 20_000; i++) {
  one();
  if (i % 50 === 0) turn();
}
const times = new Float64Array(Math.ceil(count / 50));
const before = process.cpuUsage();
for (let batch = 0; batch < times.length; batch++) {
  const started = performance.now();
  for (let i = 0; i < 50; i++) one();
  times[batch] = ((performance.now() - started) * 1000) / 50;
  turn();
}
const { user } = process.cpuUsage(before);
times.sort();
const at = (part: number): string => times[Math.floor(times.length * part)]!.toFixed(2);
console.log(
  `governance at 5 levels, estimate included: p50 ${at(0.5)} µs, p99 ${at(0.99)} µs a request (batches of 50); ${(user / (times.length * 50)).toFixed(2)} µs of CPU with posts`,
);

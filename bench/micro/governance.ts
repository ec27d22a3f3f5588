// What governance costs a request on the loop, by the way that live requests take: `node bench/micro/governance.ts [requests]`.
// Levels found, body measured, estimate, reservation, count, headers of limits, learning and settling; five owners with a budget each, one with
// rate limits too. Prices and charging are accounting's.
import type { PlannedTarget } from "../../src/core/decision.ts";
import type { BudgetEntity, OwnedLimits, VirtualKeyEntity } from "../../src/core/entities.ts";
import type { GovernanceBook } from "../../src/core/governance.ts";
import type { TargetPrice } from "../../src/core/request-size.ts";
import { testExchange, testSnapshot, testVirtualKey } from "../../src/core/testing.ts";
import { chatEndpoint } from "../../src/endpoints/openai/chat.ts";
import { Estimator } from "../../src/governance/estimator.ts";
import { GovernanceTally } from "../../src/governance/governance-tally.ts";
import { Governor } from "../../src/governance/governor.ts";
import { limitHeaders } from "../../src/governance/limit-headers.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { shapes } from "../shapes.ts";
import { grantingAdmission } from "./granting.ts";

const count = Number(process.argv[2] ?? 200_000);

const budget = (id: string): BudgetEntity => ({ id, maxLimitNano: "1000000000000000", resetDuration: "1M" });
const limited = (id: string): OwnedLimits => ({ budgets: [budget(id)], rateLimit: null });
const book: GovernanceBook = {
  findCustomer: () => ({ kind: "customer", id: "c", name: "c", ...limited("customer") }),
  findTeam: () => ({ kind: "team", id: "t", name: "t", customerId: "c", ...limited("team") }),
  findProviderLimit: () => undefined,
  modelLimitsOf: (key) =>
    key === null
      ? []
      : [{ kind: "model-limit", id: "m", model: "gpt", provider: null, virtualKeyId: key, ...limited("model") }],
};
const scope = { provider: "openai", weight: 1, allowedModels: null, blacklistedModels: [], keyIds: null };
const entity: VirtualKeyEntity = {
  kind: "virtual-key",
  id: "k",
  name: "k",
  valueHash: "h",
  active: true,
  expiresAt: null,
  providers: [{ ...scope, ...limited("config") }],
  budgets: [budget("key")],
  rateLimit: {
    id: "rate",
    tokenMaxLimit: 1e15,
    tokenResetDuration: "1h",
    requestMaxLimit: 1e15,
    requestResetDuration: "1h",
  },
  teamId: "t",
};
const { admission, turn } = grantingAdmission();
const price: TargetPrice = { cost: (input, output) => input * 150 + output * 600, bound: () => 1 };
const governor = new Governor({
  admission,
  tally: new GovernanceTally(),
  estimator: new Estimator(),
  offerOf: () => ({ price, maxOutputTokens: null }),
});
const snapshot = { ...testSnapshot(), governance: book };
const body = (shapes[0] as { body: string }).body;
const exchange = testExchange(chatEndpoint({ extraFields: true, ownProvider: null }), { body }, snapshot);
exchange.virtualKey = testVirtualKey("h", { id: "k", entity });
exchange.maxTokens = 256;
exchange.model = "gpt";
const target = { provider: { name: "openai" }, model: "gpt", askedModel: "gpt" } as unknown as PlannedTarget;
exchange.decision = {
  seed: 1,
  draw: null,
  engine: "governance",
  candidates: [],
  order: [target],
  snapshotVersion: 1,
  rules: [],
  rule: null,
  refusal: null,
};
const billed = { cost: 100_000, tokens: 300, inputTokens: 100, outputTokens: 200, inputCost: 15_000 };

let waited = 0;
let told = 0;
function one(): void {
  exchange.size = null;
  governor.usedUp(exchange);
  const outcome = governor.admit(exchange);
  if (outcome?.type !== "admitted") {
    if (outcome === null || ++waited > 2000) throw new Error("it is not the hot path that is measured");
    return;
  }
  outcome.sent();
  told += limitHeaders(outcome.lines, "openai", systemClock).length;
  governor.learn(exchange, target, outcome.target!.levels, billed);
  outcome.finish(billed);
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
if (told === 0) throw new Error("no caller was told of his limits");
times.sort();
const at = (part: number): string => times[Math.floor(times.length * part)]!.toFixed(2);
console.log(
  `governance at 5 levels: p50 ${at(0.5)} µs, p99 ${at(0.99)} µs a request (batches of 50); ${(user / (times.length * 50)).toFixed(2)} µs of CPU with posts`,
);

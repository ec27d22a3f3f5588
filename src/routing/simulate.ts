// Asks the planner what would happen: the same function as for live traffic, over a copy of the state and any assumptions.
import type { Assumptions, RequestFeatures, StateView } from "../core/decision.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { type DescribedDecision, describeDecision } from "./describe.ts";
import { plan } from "./plan.ts";

export interface SimulationInput {
  readonly features: RequestFeatures;
  readonly assume: Assumptions | null;
  readonly seed: number;
  /** How often to draw for the shares; 0 = the exact shares of the weights. */
  readonly draws: number;
}

export interface SimulationResult {
  readonly decision: DescribedDecision;
  /** `provider/model` → fraction of requests that go there first. */
  readonly shares: Readonly<Record<string, number>>;
}

export function simulate(input: SimulationInput, snapshot: Snapshot, view: StateView): SimulationResult {
  const convertText = input.features.convertText ?? snapshot.settings.convertTextToChat === true;
  const features = { ...input.features, convertText };
  const decide = (seed: number) => plan(features, snapshot, view, seed, input.assume);
  const decision = decide(input.seed);
  const counts = new Map<string, number>();
  if (input.draws <= 0) {
    for (const c of decision.candidates) if (c.share > 0) counts.set(`${c.provider}/${c.model}`, c.share);
    return { decision: describeDecision(decision), shares: Object.fromEntries(counts) };
  }
  for (let i = 0; i < input.draws; i++) {
    const first = decide((input.seed + i) >>> 0).order[0];
    if (first === undefined) continue;
    const name = `${first.provider.name}/${first.askedModel}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const shares = [...counts].map(([name, count]) => [name, count / input.draws]);
  return { decision: describeDecision(decision), shares: Object.fromEntries(shares) };
}

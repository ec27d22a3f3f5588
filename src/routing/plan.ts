// The planner: a pure function from what is asked, configured and known of the present to the order of targets to try.
import type {
  Assumptions,
  Decision,
  PlannedTarget,
  RequestFeatures,
  RuleVerdict,
  StateView,
  TargetReason,
} from "../core/decision.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { Random } from "../lib/random.ts";
import { weightedPick } from "../lib/weighted-pick.ts";
import { type Decided, type Found, follow, Planner } from "./planner.ts";
import { prospectOf } from "./prospects.ts";
import { refusal } from "./refuse.ts";
import { planByRules } from "./rules/plan-by-rules.ts";

const NO_VERDICTS: readonly RuleVerdict[] = [];

function primaryReason(found: Found, draw: number | null): TargetReason {
  if (found.engine === "explicit") return "named";
  if (found.engine === "model-catalog") return "catalogue";
  return found.options.length === 1 || draw === null ? "only candidate" : "drawn";
}

/**
 * Decides where a request goes. Pure: the same features, snapshot, view, seed and assumptions give the same decision,
 * in the data plane, in a simulation and in a replay. Never throws; without a target `refusal` says why.
 */
export function plan(
  features: RequestFeatures,
  snapshot: Snapshot,
  view: StateView,
  seed: number,
  assume: Assumptions | null = null,
): Decision {
  const planner = new Planner(features, snapshot, view, new Random(seed), assume);
  const ruled = snapshot.routingRules.length === 0 ? null : planByRules(planner);
  const decided = ruled?.decided ?? drawn(planner);
  return {
    seed,
    ...decided,
    snapshotVersion: snapshot.version,
    rules: ruled?.verdicts ?? NO_VERDICTS,
    rule: ruled?.rule ?? null,
  };
}

/** As the model, the virtual key and the catalogue say it. */
function drawn(planner: Planner): Decided {
  const { found, weights, total, undrawn, candidates: known } = prospectOf(planner);
  const draw = total > 0 ? planner.random.next() : null;
  const first = draw === null ? undrawn : weightedPick(weights, draw);
  const order: PlannedTarget[] = [];
  const primary = found.options[first];
  if (primary !== undefined) order.push(planner.target(primary, primaryReason(found, draw)));
  const behind = follow(planner, order, planner.fallbacks(found, first));
  const candidates = behind.length === 0 ? known : [...known, ...behind];
  const refused = order.length === 0 ? refusal(planner.features, candidates, planner.snapshot) : null;
  return { draw, engine: found.engine, candidates, order, refusal: refused };
}

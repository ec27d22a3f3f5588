// Which thresholds of a budget were reached since they were told of last.
import type { BudgetCrossing, Threshold } from "../../core/counters.ts";
import { type CounterState, endOf, limitOf, thresholdOf, uncertainOf, usedOf } from "./counter-state.ts";

const THRESHOLDS: readonly Threshold[] = [50, 80, 100];

/** In rising order; the state remembers that they were told. */
export function crossThresholds(state: CounterState, now: number): readonly Omit<BudgetCrossing, "id">[] {
  if (state.kind !== "budget") return NONE;
  const reached = thresholdOf(state);
  if (reached <= state.told) return NONE;
  const { told } = state;
  state.told = reached;
  const used = usedOf(state) + uncertainOf(state);
  const common = { at: now, counter: state.id, owner: state.owner, used, limit: limitOf(state) };
  return THRESHOLDS.filter((threshold) => threshold > told && threshold <= reached).map((threshold) => ({
    ...common,
    threshold,
    window: state.window,
    resetsAt: endOf(state),
  }));
}

const NONE: readonly Omit<BudgetCrossing, "id">[] = [];

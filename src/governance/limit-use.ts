// How much of the limits of a request is used, in percent: what routing rules go by.
import type { CounterStore } from "../core/counters.ts";
import type { LimitUse } from "../core/decision.ts";
import type { GovernanceBook } from "../core/governance.ts";
import type { Snapshot, VirtualKey } from "../core/snapshot.ts";
import type { CounterSpec } from "./counter-spec.ts";
import { LevelTable } from "./levels.ts";
import type { LoopCounter } from "./loop-counter.ts";
import { type AskedTarget, usedUp } from "./used-up.ts";

const NO_USE: LimitUse = Object.freeze({ budget: 0, tokens: 0, requests: 0 });

/** `used`: of a counter, in its own unit. */
function highest(specs: readonly CounterSpec[], used: (spec: CounterSpec) => number): LimitUse {
  if (specs.length === 0) return NO_USE;
  const use = { budget: 0, tokens: 0, requests: 0 };
  for (const spec of specs) {
    const { kind, limit } = spec;
    if (kind === "parallel") continue;
    const percent = limit <= 0 ? 100 : Math.min(100, Math.max(0, (used(spec) / limit) * 100));
    if (percent > use[kind]) use[kind] = percent;
  }
  return use;
}

/**
 * As far as a loop knows: what the store told it last, and what was spent here since. A counter that no request here has used
 * yet counts as unused.
 */
export function useOnLoop(
  specs: readonly CounterSpec[],
  find: (id: string) => LoopCounter | undefined,
  now: { readonly wall: number; readonly monotonic: number },
): LimitUse {
  return highest(specs, (spec) => {
    const counter = find(spec.id);
    if (counter === undefined) return 0;
    const { open, balance, rest } = counter;
    return spec.limit - rest.left(now.wall, now.monotonic, open) - balance - open;
  });
}

/** As the store has it, for simulations. `counters`: null = there are none. */
export async function limitUse(
  counters: Pick<CounterStore, "read"> | null,
  book: GovernanceBook,
  key: VirtualKey | null,
  targets: readonly AskedTarget[],
): Promise<readonly LimitUse[]> {
  const table = new LevelTable(book);
  const specs = targets.map(({ provider, model }) => table.of(key, provider, model).specs);
  const ids = [...new Set(specs.flat().map(({ id }) => id))];
  if (counters === null || ids.length === 0) return targets.map(() => NO_USE);
  const used = new Map<string, number>();
  for (const reading of await counters.read(ids)) {
    if (reading === null) continue;
    // Credits and overrides raise the limit: the share that is used is told of the raised one.
    const share = Number(reading.settled + reading.uncertain) / Math.max(1, Number(reading.limit));
    used.set(reading.id, share);
  }
  return specs.map((own) => highest(own, ({ id, limit }) => (used.get(id) ?? 0) * limit));
}

type Asked = readonly [key: VirtualKey | null, snapshot: Snapshot, targets: readonly AskedTarget[]];

/** What simulations ask of the counters. */
export function limitReads(counters: () => Pick<CounterStore, "read"> | null): {
  readonly usedUp: (...asked: Asked) => Promise<readonly boolean[]>;
  readonly limitUse: (...asked: Asked) => Promise<readonly LimitUse[]>;
} {
  return {
    usedUp: (key, { governance }, targets) => usedUp(counters(), governance, key, targets),
    limitUse: (key, { governance }, targets) => limitUse(counters(), governance, key, targets),
  };
}

// Which targets a request would be passed over at now, for a limit of theirs is used up: asked by simulations, off the hot path.
import type { CounterStore } from "../core/counters.ts";
import type { GovernanceBook } from "../core/governance.ts";
import type { VirtualKey } from "../core/snapshot.ts";
import { LevelTable } from "./levels.ts";

export interface AskedTarget {
  readonly provider: string;
  /** As it is asked, without provider. */
  readonly model: string;
}

/** For each target whether a limit of it is used up by what is settled. How many run at once is not looked at. `counters`: null = there are none. */
export async function usedUp(
  counters: Pick<CounterStore, "read"> | null,
  book: GovernanceBook,
  key: VirtualKey | null,
  targets: readonly AskedTarget[],
): Promise<readonly boolean[]> {
  const table = new LevelTable(book);
  const specs = targets.map(({ provider, model }) =>
    table.of(key, provider, model).specs.filter(({ kind }) => kind !== "parallel"),
  );
  const ids = [...new Set(specs.flat().map(({ id }) => id))];
  if (counters === null || ids.length === 0) return targets.map(() => false);
  const full = new Set<string>();
  for (const reading of await counters.read(ids))
    if (reading !== null && reading.settled + reading.uncertain >= reading.limit) full.add(reading.id);
  return specs.map((own) => own.some(({ id, limit }) => limit === 0 || full.has(id)));
}

// Helper of tests: spends from the counters as fast as it can and tells what it did, until it is killed or nothing is left.
import { writeSync } from "node:fs";
import { isTicket, ModelLoop, type Ticket } from "../contract/counter-loop.ts";
import { openCounterStore } from "./counters-store.ts";

/** Requests in flight at most, and what each reserves. */
export const IN_FLIGHT = 10;
export const ESTIMATE = 100;
export const COUNTERS = ["a", "b"] as const;

const [, , path, name, leaseMs] = process.argv;
if (path !== undefined && name !== undefined) await spend(path, name, Number(leaseMs));

async function spend(path: string, name: string, leaseMs: number): Promise<void> {
  const store = await openCounterStore({ path, leaseMs, log: () => {} });
  const loop = new ModelLoop(store, name);
  loop.want = 2000;
  await loop.attach();
  const open: Ticket[] = [];
  let seed = name.length;
  let renewed = performance.now();
  let isExhausted = false;
  while (!isExhausted) {
    while (open.length < IN_FLIGHT && !isExhausted) {
      const start = await loop.start(COUNTERS, ESTIMATE, open.length === 0);
      if (isTicket(start)) open.push(start);
      else if (start.type === "refused") {
        isExhausted = start.standings.some(({ state }) => state === "exhausted");
        break;
      }
    }
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    for (const ticket of open.splice(0, 1 + (seed % IN_FLIGHT))) loop.settle(ticket, seed % (ESTIMATE + 1));
    tell("spent", loop.spent.get("a") ?? 0);
    await loop.flush();
    tell("acknowledged", loop.acknowledged.get("a") ?? 0);
    if (performance.now() - renewed < leaseMs / 5) continue;
    renewed = performance.now();
    await loop.renew();
  }
  for (const ticket of open) loop.settle(ticket, 1);
  loop.endAll();
  await loop.flush();
  tell("spent", loop.spent.get("a") ?? 0);
  await store.close();
  tell("done", 1);
}

/** In one write: who is killed has told it or has not. */
function tell(what: string, amount: number): void {
  writeSync(1, `${what} ${amount}\n`);
}

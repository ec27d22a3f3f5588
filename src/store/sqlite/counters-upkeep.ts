// What the configuration and people do to counters, in transactions of a bounded size; leases are called back where need be.
import { setTimeout as sleep } from "node:timers/promises";
import type {
  BudgetCrossing,
  CounterDeclaration,
  CounterPosting,
  CounterReading,
  OwnerCounters,
} from "../../core/counters.ts";
import { readCrossings } from "./counters-crossings.ts";
import * as manage from "./counters-manage.ts";
import type { CounterPages } from "./counters-pages.ts";

/** The part of the store that no request waits for. */
export abstract class CounterUpkeep {
  abstract readonly leaseMs: number;
  /** One transaction. */
  protected abstract ask<T>(work: (pages: CounterPages) => T): Promise<T>;
  /** What loops were told of these counters before is not believed any more. */
  protected abstract tellChanged(ids: readonly string[]): void;

  async declare(counters: readonly CounterDeclaration[]): Promise<void> {
    const lowered: string[] = [];
    for (let at = 0; at < counters.length; at += manage.PAGE)
      lowered.push(...(await this.ask((pages) => manage.declare(pages, counters.slice(at, at + manage.PAGE)))));
    if (lowered.length > 0) await this.recall(lowered);
  }

  async change(owners: readonly OwnerCounters[]): Promise<void> {
    const told = new Set(owners.flatMap(({ counters }) => counters.map(({ id }) => id)));
    for (let at = 0; at < owners.length; at += manage.PAGE) {
      const some = owners.slice(at, at + manage.PAGE);
      const { lowered, gone } = await this.ask((pages) => manage.changeOwners(pages, some, told));
      await this.recall([...lowered, ...gone.map(({ id }) => id)]);
      if (gone.length > 0) await this.ask((pages) => manage.removeOwned(pages, gone));
      this.tellChanged(gone.map(({ id }) => id));
    }
    this.tellChanged([...told]);
  }

  crossings(limit: number, offset: number): Promise<readonly BudgetCrossing[]> {
    return this.ask(({ statements }) => readCrossings(statements, limit, offset));
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.recall(ids);
    for (let at = 0; at < ids.length; at += manage.PAGE)
      await this.ask((pages) => manage.remove(pages, ids.slice(at, at + manage.PAGE)));
  }

  async recall(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += manage.PAGE) {
      const some = ids.slice(at, at + manage.PAGE);
      let open = await this.ask((pages) => manage.callBack(pages, some));
      // A process that does not answer has no lease any more after this time.
      const end = performance.now() + this.leaseMs * 1.5;
      while (open.length > 0) {
        await sleep(5);
        const isLate = performance.now() > end;
        open = await this.ask((pages) => manage.stillCalledBack(pages, open, isLate));
      }
    }
  }

  async reset(id: string): Promise<void> {
    await this.recall([id]);
    await this.ask((pages) => manage.reset(pages, id));
    this.tellChanged([id]);
  }

  async postByHand(posting: CounterPosting): Promise<boolean> {
    const isNew = await this.ask((pages) => manage.post(pages, posting));
    this.tellChanged([posting.counter]);
    return isNew;
  }

  async countUnpriced(counts: readonly (readonly [counter: string, count: number])[]): Promise<void> {
    await this.ask((pages) => manage.countUnpriced(pages, counts));
  }

  async releaseUncertain(id: string): Promise<bigint> {
    const amount = await this.ask((pages) => manage.releaseUncertain(pages, id));
    this.tellChanged([id]);
    return amount;
  }

  async read(ids: readonly string[]): Promise<readonly (CounterReading | null)[]> {
    const readings: (CounterReading | null)[] = [];
    for (let at = 0; at < ids.length; at += manage.PAGE) {
      const some = ids.slice(at, at + manage.PAGE);
      readings.push(...(await this.ask((pages) => some.map((id) => manage.read(pages, id)))));
    }
    return readings;
  }

  async each(visit: (reading: CounterReading) => void): Promise<void> {
    for (let behind = 0; ; ) {
      const page = await this.ask((pages) => manage.readPage(pages, behind));
      for (const { reading } of page) visit(reading);
      if (page.length < manage.PAGE) return;
      behind = page.at(-1)!.handle;
    }
  }
}

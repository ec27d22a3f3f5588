// The governance of one loop, as the corridor sees it: a planned request comes in, a reservation, a place to wait or a refusal comes out.
import type { LimitUse, PlannedTarget } from "../core/decision.ts";
import type { Exchange } from "../core/exchange.ts";
import type { GovernanceBook } from "../core/governance.ts";
import { sizeOf } from "../core/measure-body.ts";
import type { Admission } from "./admission.ts";
import type { Estimator } from "./estimator.ts";
import type { GovernanceTally } from "./governance-tally.ts";
import { LevelTable, NO_LEVELS, type TargetLevels } from "./levels.ts";
import { type FindOffer, learnedAt, PlannedAsks } from "./planned-asks.ts";
import type { Reservation } from "./reservation.ts";
import type { Refused, Waiter } from "./waiter.ts";

export interface GovernorParts {
  readonly admission: Admission;
  readonly estimator: Estimator;
  readonly offerOf: FindOffer;
  readonly tally: GovernanceTally;
}

/** What an ended attempt used, as it was billed. */
export interface Billed {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly inputCost: number | null;
}

export class Governor {
  readonly admission: Admission;
  readonly tally: GovernanceTally;
  readonly #parts: GovernorParts;
  readonly #tables = new WeakMap<GovernanceBook, LevelTable>();
  #book: GovernanceBook | null = null;
  #table: LevelTable | null = null;
  #requests = 0;

  constructor(parts: GovernorParts) {
    this.#parts = parts;
    this.admission = parts.admission;
    this.tally = parts.tally;
  }

  /** Null: nothing limits this request. */
  admit(exchange: Exchange): Reservation | Refused | Waiter | null {
    const levels = this.#levelsOf(exchange);
    if (levels === null) return null;
    const { estimator, offerOf } = this.#parts;
    return this.admission.admit({
      request: ++this.#requests,
      targets: new PlannedAsks(exchange, levels, { estimator, offerOf }),
      bodyBytes: exchange.request.body.bytes.length,
      onStoreDown: exchange.virtualKey?.entity.onStoreDown ?? "serve",
    });
  }

  /** Providers of the caller's key that have no room for this model now, so that the plan prefers the others; null = none is known. */
  usedUp({ virtualKey, snapshot, model }: Exchange): ReadonlySet<string> | null {
    if (!this.admission.knowsUsedUp) return null;
    const table = this.#tableOf(snapshot.governance);
    const full = new Set<string>();
    for (const { provider } of virtualKey?.providers ?? [])
      if (this.admission.isUsedUp(table.of(virtualKey, provider, model))) full.add(provider);
    return full.size === 0 ? null : full;
  }

  /** How much of the limits of this caller at this target is used, in percent, as far as it is known here. */
  useOf({ virtualKey, snapshot }: Exchange, provider: string, model: string): LimitUse {
    const { specs } = this.#tableOf(snapshot.governance).of(virtualKey, provider, model);
    return this.admission.useOf(specs);
  }

  /** Estimates learn from answers whose provider told what they used. */
  learn(exchange: Exchange, target: PlannedTarget, levels: TargetLevels, billed: Billed): void {
    const { textBytes, media, n } = sizeOf(exchange);
    const { inputTokens, outputTokens, inputCost } = billed;
    const { estimator } = this.#parts;
    const learned = learnedAt(estimator, exchange, target, levels);
    estimator.learn(learned, { textBytes, media, n, inputTokens, outputTokens, inputCost });
  }

  /** The levels of each target; null = there is nothing to judge. */
  #levelsOf(exchange: Exchange): readonly TargetLevels[] | null {
    const { virtualKey, snapshot, decision, options } = exchange;
    const table = this.#tableOf(snapshot.governance);
    const levels: TargetLevels[] = [];
    let isLimited = options.maxCost !== null || this.#deniesUnpriced(exchange);
    for (const { provider, askedModel } of decision?.order ?? []) {
      const own = table.of(virtualKey, provider.name, askedModel);
      levels.push(own);
      if (own !== NO_LEVELS) isLimited = true;
    }
    return isLimited ? levels : null;
  }

  #deniesUnpriced({ virtualKey, snapshot }: Exchange): boolean {
    return (virtualKey?.entity.unpricedModels ?? snapshot.settings.unpricedModels) === "deny";
  }

  /** One table for each version of the owners; a version of something else has the one before. */
  #tableOf(book: GovernanceBook): LevelTable {
    if (book === this.#book && this.#table !== null) return this.#table;
    let table = this.#tables.get(book);
    if (table === undefined) this.#tables.set(book, (table = new LevelTable(book)));
    this.#book = book;
    this.#table = table;
    return table;
  }
}

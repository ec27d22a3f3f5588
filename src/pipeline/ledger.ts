// What a request has reserved and what its attempts cost, as they come and go: charged once each, and let go of at the end.
import { type Charged, chargeAttempt } from "../accounting/charge.ts";
import type { PlannedTarget } from "../core/decision.ts";
import type { Attempt, Exchange } from "../core/exchange.ts";
import type { PriceBook } from "../core/price.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import { limitHeaders } from "../governance/limit-headers.ts";
import { NOTHING_SPENT, type Reservation } from "../governance/reservation.ts";
import type { NoRoom, Refused, Waiter } from "../governance/waiter.ts";
import type { PipelineParts } from "./parts.ts";

export class RequestLedger {
  readonly #exchange: Exchange;
  readonly #parts: PipelineParts;
  readonly #reservation: Reservation | null;
  /** Those of its admission, whatever comes while it is under way. */
  readonly #prices: PriceBook;
  /** Of the attempt that ended last: charged when another one begins, or with the end. */
  #last: Charged | null = null;

  constructor(exchange: Exchange, parts: PipelineParts, reservation: Reservation | null) {
    this.#exchange = exchange;
    this.#parts = parts;
    this.#reservation = reservation;
    this.#prices = parts.prices.current;
  }

  /** The first target of the plan that room was found for. */
  get first(): number {
    return this.#reservation?.index ?? 0;
  }

  /** Room for the target with this index, in place of the one before; null = there is. */
  moveTo(index: number): NoRoom | Refused | Waiter | null {
    const reservation = this.#reservation;
    if (reservation === null || reservation.index === index) return null;
    this.#chargeLast();
    const outcome = this.#parts.governor.admission.raise(reservation, index);
    return outcome.type === "admitted" ? null : outcome;
  }

  /** Lines that tell the caller how his own rate limits stand; empty where he has none. */
  limitHeaders(): string {
    const reservation = this.#reservation;
    if (reservation === null) return "";
    const spelling = this.#exchange.endpoint.dialect === "anthropic" ? "anthropic" : "openai";
    return limitHeaders(reservation.lines, spelling, this.#parts.clock);
  }

  /** An attempt is about to be sent. */
  began(): void {
    this.#chargeLast();
    this.#reservation?.sent();
  }

  /** An attempt has ended, whatever came of it. */
  ended(attempt: Attempt, target: PlannedTarget, key: ProviderKey): void {
    const charged = chargeAttempt(this.#exchange, attempt, target, key, this.#prices);
    this.#last = charged;
    const levels = this.#reservation?.target?.levels;
    if (levels !== undefined && attempt.outcome === "" && attempt.usageOrigin === "reported")
      this.#parts.governor.learn(this.#exchange, target, levels, charged);
  }

  /** Everything is settled. Once. */
  finish(): void {
    this.#reservation?.finish(this.#last ?? NOTHING_SPENT);
    this.#last = null;
  }

  #chargeLast(): void {
    if (this.#last === null) return;
    this.#reservation?.charge(this.#last);
    this.#last = null;
  }
}

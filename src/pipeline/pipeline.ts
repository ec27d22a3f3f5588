// The corridor: the order of the phases, written once.
import type { RequestFeatures } from "../core/decision.ts";
import { type GatewayError, toGatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import type { Governor } from "../governance/governor.ts";
import type { Reservation } from "../governance/reservation.ts";
import { admit, withUsedUp } from "./admit.ts";
import { answerError } from "./answer-error.ts";
import { Dispatch } from "./dispatch.ts";
import { HeldBudget } from "./held-body.ts";
import type { PipelineParts } from "./parts.ts";
import { LiveRuleFacts } from "./rule-facts.ts";

export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #held = new HeldBudget();
  #inFlight = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Requests between accept and settle. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * One request from decode to settle. `refused` is set when it could not be decoded: it is answered and recorded like
   * every other. identify → plan → admit → dispatch → relay → settle; lookup (cache) has no room behind it yet. Admit reserves
   * for the targets of the plan, and relay is what dispatch's attempts do with the answer.
   */
  run(exchange: Exchange, refused: GatewayError | null): void {
    this.#inFlight++;
    this.#parts.active.add(exchange.endpoint.operation, exchange.stream, 1);
    try {
      if (refused !== null) throw refused;
      this.#parts.identify(exchange, this.#parts.clock.now());
      this.#plan(exchange);
      this.#parts.live.tap?.started(exchange);
      const admitted = admit(exchange, this.#parts.governor, this.#parts.clock);
      if (!(admitted instanceof Promise)) return this.#dispatch(exchange, admitted);
      const since = exchange.elapsed();
      admitted.then(
        (reservation) => {
          exchange.waited = exchange.elapsed() - since;
          this.#dispatch(exchange, reservation);
        },
        (error: unknown) => {
          exchange.waited = exchange.elapsed() - since;
          this.#refuse(exchange, error);
        },
      );
    } catch (error) {
      this.#refuse(exchange, error);
    }
  }

  #dispatch(exchange: Exchange, reservation: Reservation | null): void {
    const dispatch = new Dispatch(exchange, this.#parts, this.#held, reservation);
    dispatch.run().then(
      () => {
        dispatch.ledger.finish();
        this.#settle(exchange, dispatch.flushed);
      },
      (error: unknown) => {
        dispatch.ledger.finish();
        this.#crash(exchange, error);
      },
    );
  }

  #plan(exchange: Exchange): void {
    const { plan, state, clock, seed } = this.#parts;
    const usedUp = this.#parts.governor.usedUp(exchange);
    const features = featuresOf(exchange, this.#parts.governor, usedUp);
    const decision = plan(features, exchange.snapshot, state.view(clock.now()), seed());
    exchange.decision = usedUp === null ? decision : withUsedUp(decision, usedUp);
    if (decision.refusal !== null) throw decision.refusal;
  }

  #refuse(exchange: Exchange, error: unknown): void {
    const told = toGatewayError(error);
    if (told.code === "internal") this.#report(error);
    if (told.code === "request_cancelled") exchange.outcome = "cancelled";
    answerError(exchange, told);
    this.#settle(exchange, true);
  }

  /** A fault of ours while a request was under way: that request fails, the process lives. */
  #crash(exchange: Exchange, error: unknown): void {
    this.#report(error);
    const told = toGatewayError(error);
    exchange.outcome = "error";
    if (exchange.reply.started) exchange.reply.fail();
    answerError(exchange, told);
    this.#settle(exchange, false);
  }

  #report(error: unknown): void {
    this.#parts.log("error", "a request failed inside the gateway", {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  /** Once per exchange. The body's memory is given back only when no socket still reads from it. */
  #settle(exchange: Exchange, flushed: boolean): void {
    this.#inFlight--;
    this.#parts.active.add(exchange.endpoint.operation, exchange.stream, -1);
    this.#parts.accounting.settle(exchange);
    this.#parts.live.tap?.finished(exchange);
    exchange.answerOwner?.release();
    if (flushed) exchange.request.body.release();
  }
}

/** What the planner looks at. */
export function featuresOf(
  exchange: Exchange,
  governor: Governor,
  usedUp: ReadonlySet<string> | null = null,
): RequestFeatures {
  const { headers } = exchange.request;
  return {
    operation: exchange.endpoint.operation,
    stream: exchange.stream,
    model: exchange.model,
    fallbacks: exchange.fallbacks,
    ownProvider: exchange.ownProvider,
    virtualKey: exchange.virtualKey,
    convertText: exchange.options.convertText,
    usedUp,
    ruleFacts: exchange.snapshot.routingRules.length === 0 ? undefined : new LiveRuleFacts(exchange, governor),
    pinnedKey: headers.get("x-bf-api-key-id") ?? headers.get("x-bf-api-key") ?? null,
  };
}

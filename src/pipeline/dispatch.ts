// The attempt loop: target after target, key after key, as the policy says, until one has answered or nothing is left.
import type { PlannedTarget } from "../core/decision.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Attempt as AttemptRecord, Exchange } from "../core/exchange.ts";
import type { AttemptFailure } from "../core/failure.ts";
import type { ReplyListener } from "../core/http.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import { refusalError } from "../governance/refusal.ts";
import type { Reservation } from "../governance/reservation.ts";
import type { NoRoom, Refused, Waiter } from "../governance/waiter.ts";
import { Random } from "../lib/random.ts";
import { chooseKey, wireModel } from "../routing/choose-key.ts";
import { gone, markPassedOver, outcomeOf, timedOut } from "./admit.ts";
import { answerError, answerProviderError } from "./answer-error.ts";
import { Attempt, type AttemptResult } from "./attempt.ts";
import { backoff } from "./backoff.ts";
import { mostUseful, type TargetFailure, toError } from "./final-error.ts";
import type { HeldBudget } from "./held-body.ts";
import { RequestLedger } from "./ledger.ts";
import { prepareBody } from "./outbound.ts";
import type { PipelineParts } from "./parts.ts";
import { nextStep, type Situation, type Step } from "./retry-policy.ts";

/** What a target's tries have used up so far. */
interface TargetState {
  readonly target: PlannedTarget;
  readonly index: number;
  key: ProviderKey;
  /** Ids of the keys that failed; null: none yet, the usual case. */
  tried: Set<string> | null;
  counted: number;
  refreshed: boolean;
  stripped: boolean;
  fresh: boolean;
  reason: string;
  /** ms before the next try, when there is one to wait for. */
  wait: number;
}

function newTarget(target: PlannedTarget, index: number): TargetState {
  return {
    target,
    index,
    key: target.key,
    tried: null,
    counted: 0,
    refreshed: false,
    stripped: false,
    fresh: false,
    reason: index === 0 ? "planned" : "next provider",
    wait: 0,
  };
}

/** `over`: the client has its answer or is gone. `wait`: the same target again after `wait` ms. */
type TargetEnd = "next" | "larger" | "over" | "wait";

/** Waits only for room at the next target. */
type Next = Attempt | null | Promise<Attempt | null>;

export class Dispatch implements ReplyListener {
  readonly #exchange: Exchange;
  readonly #parts: PipelineParts;
  readonly #held: HeldBudget;
  readonly #random: Random;
  readonly #failures: TargetFailure[] = [];
  /** The last reason why a target could not even be called. */
  #unsent: GatewayError | null = null;
  readonly #order: readonly PlannedTarget[];
  #index = -1;
  /** Set by the first `#advance`. */
  #current!: TargetState;
  /** Targets whose context window is known to be no larger are passed over. */
  #needed = 0;
  #attempt: Attempt | null = null;
  #gone = false;
  #expired = false;
  #timer: NodeJS.Timeout | null = null;
  #wake: (() => void) | null = null;
  readonly ledger: RequestLedger;
  /** True once every body that was sent has left: its memory may be used again. */
  flushed = true;

  constructor(exchange: Exchange, parts: PipelineParts, held: HeldBudget, reservation: Reservation | null) {
    this.ledger = new RequestLedger(exchange, parts, reservation);
    this.#exchange = exchange;
    this.#parts = parts;
    this.#held = held;
    this.#order = exchange.decision?.order ?? [];
    this.#random = new Random((exchange.decision?.seed ?? 0) ^ 0x9e3779b9);
    exchange.reply.listener = this;
    if (exchange.options.timeout > 0)
      this.#timer = setTimeout(() => this.#expire(), Math.max(0, exchange.options.timeout - exchange.elapsed()));
    if (exchange.reply.gone) this.#gone = true;
  }

  onGone(): void {
    this.#gone = true;
    this.#attempt?.abandon();
    this.#wake?.();
  }

  onDrain(): void {
    this.#attempt?.drained();
  }

  /** Ends when the client has its answer, whatever it is, or is gone. The one loop: it waits for attempts and backoffs only. */
  async run(): Promise<void> {
    this.#exchange.dispatchedAt = this.#exchange.elapsed();
    this.#index = this.ledger.first - 1;
    let next = this.#advance("next");
    for (;;) {
      const attempt = next instanceof Promise ? await next : next;
      if (attempt === null) break;
      const result = await attempt.run();
      let end = this.#after(attempt, result);
      if (end === "wait") {
        await this.#pause(this.#current.wait);
        end = this.#gone || this.#expired ? this.#cancelled(null) : null;
      }
      next = end === null ? this.#again() : this.#advance(end);
    }
    this.#stopTimer();
  }

  /** The current target once more. */
  #again(): Next {
    return this.#begin(this.#current) ?? this.#advance("next");
  }

  /** The first attempt at the next target that may serve and has room; null when it is over. */
  #advance(end: TargetEnd): Next {
    if (end === "over") return null;
    if (this.#gone || this.#expired) {
      this.#cancelled(null);
      return null;
    }
    if (end === "larger") this.#needed = this.#current.target.contextWindow ?? 0;
    while (++this.#index < this.#order.length) {
      const target = this.#order[this.#index] as PlannedTarget;
      if (this.#needed > 0 && (target.contextWindow ?? 0) <= this.#needed) continue;
      const held = this.ledger.moveTo(this.#index);
      if (held?.type === "waiting") return this.#whenDecided(held, target);
      if (held !== null) {
        this.#passOver(held);
        continue;
      }
      const attempt = this.#enter(target);
      if (attempt !== null) return attempt;
    }
    this.#giveUp();
    return null;
  }

  #enter(target: PlannedTarget): Attempt | null {
    this.#current = newTarget(target, this.#index);
    return this.#begin(this.#current);
  }

  /** Grants for this target are not known here: the store is asked, which takes milliseconds. */
  async #whenDecided(waiter: Waiter, target: PlannedTarget): Promise<Attempt | null> {
    const since = this.#exchange.elapsed();
    try {
      const outcome = await outcomeOf(this.#exchange, waiter);
      if (this.#exchange.attempts.length === 0) this.#exchange.waited += this.#exchange.elapsed() - since;
      if (outcome.type !== "admitted") this.#passOver(outcome);
      else {
        const attempt = this.#enter(target);
        if (attempt !== null) return attempt;
      }
    } catch {
      // the client has left, or the time is up: the next step tells it
      if (this.#exchange.reply.gone) this.#gone = true;
      else this.#expired = true;
    }
    return await this.#advance("next");
  }

  /** A budget or limit leaves no room for the target. */
  #passOver(held: NoRoom | Refused): void {
    markPassedOver(this.#exchange, this.#index, held.type === "refused" ? null : held.passed);
    if (held.type !== "refused") return;
    this.#unsent ??= refusalError(held, this.#parts.clock.now(), this.#parts.clock.monotonic());
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Makes one attempt; null when the request cannot be told to this target. */
  #begin(state: TargetState): Attempt | null {
    const { target, key } = state;
    const exchange = this.#exchange;
    const model = wireModel(key, target.askedModel);
    try {
      const prepared = prepareBody(exchange, target, model, state.stripped);
      const record = newRecord(exchange, state, model);
      exchange.attempts.push(record);
      const attempt = new Attempt({
        exchange,
        target,
        key,
        model,
        prepared,
        record,
        parts: this.#parts,
        held: this.#held,
        fresh: state.fresh,
        remaining: exchange.options.timeout > 0 ? Math.max(1, exchange.options.timeout - exchange.elapsed()) : 0,
        ledger: this.ledger,
        oneKeyOnly:
          (exchange.decision?.order.length ?? 0) === 1 &&
          target.keys.length === 1 &&
          (exchange.virtualKey === null || exchange.virtualKey.entity.rateLimit === null),
      });
      this.#attempt = attempt;
      this.ledger.began();
      this.#parts.state.began(key.id, this.#parts.clock.now());
      this.#parts.live.tap?.attempted(exchange);
      return attempt;
    } catch (error) {
      this.#unsent = toGatewayError(error);
      return null;
    }
  }

  /** Where an ended attempt leads; null: try this target again at once. */
  #after(attempt: Attempt, result: AttemptResult): TargetEnd | null {
    const state = this.#current;
    this.#attempt = null;
    if (attempt.call !== null && !attempt.call.flushed) this.flushed = false;
    this.#learn(state.key, attempt.record, result);
    this.ledger.ended(attempt.record, state.target, state.key);
    this.#parts.live.tap?.attempted(this.#exchange);
    if (result.type === "answered") return "over";
    if (this.#gone || this.#expired || result.type === "gone") return this.#cancelled(result);
    if (result.type === "broken") return this.#broken(result.error);
    return this.#step(state, result.failure);
  }

  /** What the attempt tells of its key and for the record. */
  #learn(key: ProviderKey, record: AttemptRecord, result: AttemptResult): void {
    const { state, clock } = this.#parts;
    if (result.type === "answered") return;
    if (result.type === "gone") {
      record.outcome = this.#expired ? "timeout" : "cancelled";
      record.error = this.#expired ? "the time limit of the request passed" : "the client left";
      return state.ended(key.id);
    }
    const { failure } = result;
    record.outcome = failure.kind;
    record.error = failure.error.message;
    record.possiblyBilled = failure.possiblyBilled;
    const now = clock.now();
    switch (failure.kind) {
      case "rate-limited":
        return state.throttled(key.id, now, failure.restHint);
      case "key-rejected":
        return state.rejected(key.id, now);
      case "server-error":
      case "timeout":
      case "transport":
        return failure.stale ? state.ended(key.id) : state.failed(key.id, now);
      default:
        return state.ended(key.id);
    }
  }

  /** Does what the policy says; null: try this target again. */
  #step(state: TargetState, failure: AttemptFailure): TargetEnd | null {
    const { network } = state.target.provider.entity;
    state.tried ??= new Set();
    state.tried.add(state.key.id);
    const other = chooseKey(
      state.target.keys,
      state.tried,
      this.#parts.state.view(this.#parts.clock.now()),
      this.#random,
    );
    const window = state.target.contextWindow;
    const rest = this.#order.slice(state.index + 1);
    const situation: Situation = {
      retriesLeft: network.maxRetries - state.counted,
      otherKey: other !== null,
      otherTarget: rest.length > 0,
      largerTarget: window !== null && rest.some((target) => (target.contextWindow ?? 0) > window),
      refreshed: state.refreshed,
      stripped: state.stripped,
      backoff: backoff(network.backoffInitial, network.backoffMax, state.counted, this.#random.next()),
    };
    const step = nextStep(failure, situation);
    if (step.type === "next-target" || step.type === "larger-target" || step.type === "give-up")
      return this.#leave(state, failure, step);
    return this.#retry(state, step, other, situation.backoff);
  }

  #leave(state: TargetState, failure: AttemptFailure, step: Step): TargetEnd {
    this.#failures.push({ provider: state.target.provider.name, model: state.target.model, failure });
    if (step.type === "larger-target") return "larger";
    if (step.type === "next-target") return "next";
    this.#giveUp();
    return "over";
  }

  #retry(state: TargetState, step: Step, other: ProviderKey | null, wait: number): TargetEnd | null {
    state.fresh = false;
    if (step.type === "strip-signatures") {
      state.stripped = true;
      state.reason = "without signatures";
    } else if (step.type === "other-key" && other !== null) {
      state.key = other;
      state.counted += step.counted ? 1 : 0;
      state.refreshed = false;
      state.reason = "other key";
    } else if (step.type === "same-key") {
      state.counted += step.counted ? 1 : 0;
      state.fresh = step.fresh;
      state.refreshed = step.fresh;
      state.reason = step.fresh ? "fresh connection" : "same key again";
      state.wait = wait;
      if (step.wait) return "wait";
    }
    return null;
  }

  /** Waits, but not beyond the client or the deadline. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #expire(): void {
    this.#expired = true;
    this.#attempt?.abandon();
    this.#wake?.();
  }

  /** The client is gone, or the request's own time is up. */
  #cancelled(result: AttemptResult | null): TargetEnd {
    const exchange = this.#exchange;
    if (this.#gone || !this.#expired) {
      exchange.outcome = "cancelled";
      exchange.error = gone();
      if (!exchange.reply.started) exchange.status = exchange.error.status;
      return "over";
    }
    if (result?.type === "broken") return this.#broken(result.error);
    const error = timedOut(exchange.options.timeout);
    exchange.outcome = "error";
    exchange.error = error;
    if (!exchange.reply.started) answerError(exchange, error);
    else {
      exchange.reply.write([exchange.endpoint.encodeStreamError(error, exchange)]);
      exchange.reply.fail();
    }
    return "over";
  }

  #broken(error: GatewayError): TargetEnd {
    this.#exchange.outcome = "error";
    this.#exchange.error = error;
    return "over";
  }

  /** Nothing is left: the most useful of the failures is the answer. */
  #giveUp(): void {
    const exchange = this.#exchange;
    const told = mostUseful(this.#failures);
    exchange.outcome = "error";
    if (told === null)
      return answerError(exchange, this.#unsent ?? new GatewayError("internal", "no target was tried"));
    answerProviderError(exchange, told, toError(told));
  }
}

function newRecord(exchange: Exchange, state: TargetState, model: string): AttemptRecord {
  return {
    provider: state.target.provider.name,
    model,
    keyId: state.key.id,
    keyName: state.key.name,
    fallbackIndex: state.index,
    startedAt: exchange.elapsed(),
    connectedAt: -1,
    headAt: -1,
    firstTokenAt: -1,
    endedAt: -1,
    status: 0,
    outcome: "",
    error: "",
    reason: state.reason,
    possiblyBilled: false,
    usage: null,
    rawUsage: null,
    usageOrigin: "none",
    cost: null,
  };
}

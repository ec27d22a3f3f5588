// Admit: what a planned request may spend is reserved before anything is sent, or it waits, or it is refused.
import type { Candidate, Decision, RemovalReason } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import type { Clock } from "../core/ports.ts";
import type { PassedOver } from "../governance/admission-ask.ts";
import type { Governor } from "../governance/governor.ts";
import { limitHeaders } from "../governance/limit-headers.ts";
import { refusalError } from "../governance/refusal.ts";
import type { Reservation } from "../governance/reservation.ts";
import type { Outcome, Refused, Waiter } from "../governance/waiter.ts";

/** Null: nothing limits it. Throws the refusal. A promise only where it must wait. */
export function admit(
  exchange: Exchange,
  governor: Governor,
  clock: Clock,
): Reservation | null | Promise<Reservation | null> {
  const outcome = governor.admit(exchange);
  if (outcome === null) return null;
  const take = (known: Reservation | Refused): Reservation => admitted(exchange, known, governor, clock);
  if (outcome.type !== "waiting") return take(outcome);
  return outcomeOf(exchange, outcome).then((known) => take(known as Reservation | Refused));
}

function admitted(exchange: Exchange, outcome: Reservation | Refused, { tally }: Governor, clock: Clock): Reservation {
  if (outcome.type === "refused") {
    if (outcome.reason === "limits")
      for (const [index, { passed }] of outcome.targets.entries()) markPassedOver(exchange, index, passed);
    const error = refusalError(outcome, clock.now(), clock.monotonic());
    tally.refused(error.code);
    const spelling = exchange.endpoint.dialect === "anthropic" ? "anthropic" : "openai";
    const blocks = outcome.targets.flatMap((target) => target.blocks);
    exchange.limitLines = limitHeaders(blocks, spelling, clock);
    throw error;
  }
  for (let index = 0; index < outcome.index; index++)
    markPassedOver(exchange, index, outcome.ask.targets.at(index)?.passed ?? null);
  return outcome;
}

/** Ends with the wait, and at once when the client leaves or the request's own time is up. */
export function outcomeOf(exchange: Exchange, waiter: Waiter): Promise<Outcome> {
  const { reply, options } = exchange;
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | null = null;
    const before = reply.listener;
    const leave = (error: GatewayError): void => {
      stop();
      waiter.cancel();
      reject(error);
    };
    const stop = (): void => {
      if (timer !== null) clearTimeout(timer);
      reply.listener = before;
    };
    if (reply.gone) return leave(gone());
    reply.listener = { onGone: () => leave(gone()), onDrain() {} };
    if (options.timeout > 0)
      timer = setTimeout(() => leave(timedOut(options.timeout)), Math.max(0, options.timeout - exchange.elapsed()));
    waiter.onOutcome((outcome) => {
      stop();
      resolve(outcome);
    });
  });
}

/** The client left. */
export function gone(): GatewayError {
  return new GatewayError("request_cancelled", "The client closed the connection before the answer was complete.");
}

export function timedOut(ms: number): GatewayError {
  return new GatewayError("request_timed_out", `The request's own time limit of ${ms} ms passed (x-bf-timeout-ms).`);
}

const REASONS: Readonly<Record<PassedOver["reason"], RemovalReason>> = {
  "max-cost": "estimated dearer than x-bf-max-cost",
  unpriced: "models without a price are not allowed",
  "no-bound": "a hard budget needs a bound that is not known",
};

/** The record tells why providers come last: a limit of theirs is used up. Admission has the last word on the one that comes first. */
export function withUsedUp(decision: Decision, providers: ReadonlySet<string>): Decision {
  const first = decision.order[0]?.provider.name;
  const candidates = decision.candidates.map((each) =>
    each.removed === undefined && each.provider !== first && providers.has(each.provider)
      ? { ...each, removed: "budget or limit used up" as const }
      : each,
  );
  return { ...decision, candidates };
}

/** The record tells why a target of the plan was not tried. `passed`: null = a limit left no room. */
export function markPassedOver(exchange: Exchange, index: number, passed: PassedOver | null): void {
  const { decision } = exchange;
  const target = decision?.order[index];
  if (decision === null || target === undefined) return;
  const reason = passed === null ? "budget or limit used up" : REASONS[passed.reason];
  const isMeant = (each: Candidate): boolean =>
    each.provider === target.provider.name && each.removed === undefined && each.model === target.askedModel;
  const candidates = decision.candidates.map((each) => (isMeant(each) ? { ...each, removed: reason } : each));
  exchange.decision = { ...decision, candidates } satisfies Decision;
}

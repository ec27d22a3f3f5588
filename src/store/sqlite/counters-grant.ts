// Grants what a request asks of its counters, all or nothing, within one transaction.
import type { EntryLevel } from "../../core/counter-entries.ts";
import type { CounterStanding, Grant, GrantAsk, GrantReply, GrantRequest } from "../../core/counters.ts";
import { type CounterState, endOf } from "../counters/counter-state.ts";
import { decide, leftOf, standingOf, unknownStanding, type Verdict } from "../counters/decide.ts";
import type { Ledger } from "../counters/ledger.ts";
import type { CounterPages } from "./counters-pages.ts";

export interface Decided {
  readonly reply: GrantReply;
  /** What is reserved in the counters now, and must stand in the journal before the answer goes out. */
  readonly reserved: readonly EntryLevel[];
}

interface Asked {
  readonly ask: GrantAsk;
  readonly state: CounterState | null;
  readonly verdict: Verdict;
  readonly own: number;
}

export interface Granting {
  readonly pages: CounterPages;
  readonly node: string;
  readonly ledger: Ledger;
}

export function grantRequest(granting: Granting, request: GrantRequest): Decided {
  const asked = request.asks.map((ask) => judge(granting, request, ask));
  if (!asked.every(({ verdict }) => verdict.type === "lease" || verdict.type === "exact")) {
    const standings = asked.map((each) => standing(each, granting.pages.now));
    return { reply: { type: "refused", standings }, reserved: [] };
  }
  const reserved: EntryLevel[] = [];
  const grants = asked.map((each) => hold(granting, request.loop, each, reserved));
  return { reply: { type: "granted", grants }, reserved };
}

function judge({ pages, ledger }: Granting, { loop, request }: GrantRequest, ask: GrantAsk): Asked {
  const state = pages.byId(ask.counter);
  if (state === null) return { ask, state, verdict: { type: "exhausted" }, own: 0 };
  const lease = pages.leases(state.handle).get(loop);
  if (lease !== undefined && lease.term <= ask.ended && lease.held > lease.reserved) pages.end(lease);
  const isLeaseAlone = ask.estimate === 0 && ask.want > 0;
  const own = isLeaseAlone ? 0 : (ledger.find(request, state.handle)?.amount ?? 0);
  return { ask, state, verdict: decide(ask, state, { held: pages.held(state.handle), own }), own };
}

function standing({ ask, state, verdict }: Asked, now: number): CounterStanding {
  return state === null ? unknownStanding(ask.counter) : standingOf(state, verdict, { ask, now });
}

function hold({ pages, node }: Granting, loop: string, asked: Asked, reserved: EntryLevel[]): Grant {
  const { ask, verdict, own } = asked;
  const state = asked.state as CounterState;
  const common = { counter: ask.counter, handle: state.handle, window: state.window, endsAt: endOf(state) };
  if (verdict.type === "lease") {
    const lease = pages.lease(state, loop, node);
    lease.held += verdict.amount;
    lease.ahead = Math.max(lease.ahead, verdict.ahead);
    const left = leftOf(state, pages.held(state.handle));
    return { ...common, term: lease.term, mode: "lease", amount: verdict.amount, ahead: lease.ahead, left };
  }
  const more = ask.estimate - own;
  if (more !== 0) {
    const lease = pages.lease(state, loop, node);
    lease.held += more;
    lease.reserved += more;
    reserved.push({ handle: state.handle, term: 0, amount: ask.estimate });
  }
  const left = leftOf(state, pages.held(state.handle));
  return { ...common, term: 0, mode: "exact", amount: ask.estimate, ahead: 0, left };
}

// What callers are told of their limits: as their dialect spells it, the tightest, counted down without asking anybody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Agenda, LoopRig, levels, limited, target } from "../../test/support/loop-rig.ts";
import { SimulatedCounters } from "../../test/support/simulated-counters.ts";
import { limitHeaders } from "./limit-headers.ts";
import { LimitText } from "./limit-text.ts";
import type { Reservation } from "./reservation.ts";

const HOUR = 3_600_000;
const window = { type: "sliding", ms: HOUR } as const;

test("what is left goes down with each request, comes back when it costs less, and the tightest limit is told", () => {
  const agenda = new Agenda();
  const store = new SimulatedCounters(agenda.clock);
  const loop = new LoopRig("one", agenda, store);
  const of = levels(
    limited(store, "key", 1000, { kind: "requests", window }),
    limited(store, "team", 40, { kind: "requests", owner: "Team", window }),
    limited(store, "everybody", 20, { kind: "requests", owner: "Provider", window }),
    limited(store, "tokens", 5000, { kind: "tokens", window }),
  );
  const one = (tokens: number, cost: number): string => {
    let text = "";
    const use = (held: Reservation): void => {
      held.sent();
      text = limitHeaders(held.lines, "openai", agenda.clock);
      held.finish({ cost: 0, tokens: cost });
    };
    const outcome = loop.admission.admit(loop.ask([target(of, 0, { tokens })]));
    if (outcome.type === "admitted") use(outcome);
    else if (outcome.type === "waiting") outcome.onOutcome((known) => known.type === "admitted" && use(known));
    agenda.pass(200);
    return text;
  };
  assert.equal(
    one(100, 30),
    "x-ratelimit-limit-requests: 40\r\nx-ratelimit-remaining-requests: 39\r\nx-ratelimit-reset-requests: 1h0m0s\r\n" +
      "x-ratelimit-limit-tokens: 5000\r\nx-ratelimit-remaining-tokens: 4900\r\nx-ratelimit-reset-tokens: 1h0m0s\r\n",
  );
  for (let left = 38; left > 30; left--) assert.match(one(100, 30), new RegExp(`remaining-requests: ${left}\r`));
  assert.match(one(100, 30), /remaining-tokens: 46\d\d\r/);
});

test("OpenAI's clients are told the time to go, Anthropic's the moment, and what does not end tells none", () => {
  const now = Date.UTC(2026, 0, 1);
  const state = { limit: 10, remaining: 3, resetsAt: now + 61_500, now, monotonic: 0 };
  assert.match(new LimitText().lines("openai", "tokens", state), /x-ratelimit-reset-tokens: 1m2s\r\n$/);
  assert.equal(
    new LimitText().lines("anthropic", "requests", state),
    "anthropic-ratelimit-requests-limit: 10\r\nanthropic-ratelimit-requests-remaining: 3\r\n" +
      "anthropic-ratelimit-requests-reset: 2026-01-01T00:01:02Z\r\n",
  );
  assert.doesNotMatch(new LimitText().lines("openai", "tokens", { ...state, resetsAt: null }), /reset/);
});

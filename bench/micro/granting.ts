// An admission whose keeper of counters grants whatever is asked, at once: so that only the loop is measured.
import type { CountersToLoop, LoopToCounters } from "../../src/core/leases.ts";
import { Admission } from "../../src/governance/admission.ts";
import { LeaseDesk } from "../../src/governance/lease-desk.ts";
import { systemClock } from "../../src/lib/clock.ts";

const LEASE = 1e12;

export interface Granting {
  readonly admission: Admission;
  /** What happens between two turns of the loop: asks go out, answers come in. */
  turn(): void;
}

export function grantingAdmission(): Granting {
  const answers: CountersToLoop[] = [];
  const deferred: (() => void)[] = [];
  const port = {
    send(message: LoopToCounters): void {
      if (message.type === "counter-post") answers.push({ type: "counter-posted", seq: message.post.seq });
      if (message.type !== "counter-ask") return;
      for (const { seq, asks } of message.requests) {
        const grants = asks.map(({ counter }, at) => ({
          counter,
          handle: at + 1,
          term: 1,
          window: 1,
          mode: "lease" as const,
          amount: LEASE,
          ahead: LEASE,
          endsAt: null,
        }));
        answers.push({ type: "counter-reply", seq, reply: { type: "granted", grants } });
      }
    },
  };
  const desk = new LeaseDesk({
    port,
    clock: systemClock,
    loop: "bench",
    defer: (work) => deferred.push(work),
    leaseMs: 1e9,
  });
  return {
    admission: new Admission({ desk, clock: systemClock }),
    turn() {
      for (const work of deferred.splice(0)) work();
      desk.posts.flush();
      for (const answer of answers.splice(0)) desk.receive(answer);
    },
  };
}

// The control plane's end of the talk about counters: takes the messages of loops to a store, and its answers back.
import { type CounterStore, CountersUnavailableError } from "../../core/counters.ts";
import type { CountersToLoop, LoopToCounters } from "../../core/leases.ts";

export interface LoopService {
  /** To the loop that the message is for; ordered. */
  readonly send: (message: CountersToLoop) => void;
  /** Something that loops of ours do not do; what it was about is not answered. */
  readonly onFault: (error: unknown) => void;
}

/** Answers one loop. What it returns takes the loop's messages, in order. */
export function serveLoop(store: CounterStore, { send, onFault }: LoopService): (message: LoopToCounters) => void {
  let loop: string | null = null;
  let attached: Promise<void> = Promise.resolve();
  let stopListening: (() => void) | null = null;
  let counted = 0;

  /** Not answered while the store is down: it comes again. */
  const countUnpriced = async ({
    seq,
    counts,
  }: Extract<LoopToCounters, { type: "counter-unpriced" }>): Promise<void> => {
    if (seq > counted) {
      const before = counted;
      counted = seq;
      try {
        await store.countUnpriced?.(counts);
      } catch (error) {
        counted = before;
        if (error instanceof CountersUnavailableError) return;
        throw error;
      }
    }
    send({ type: "counter-unpriced-taken", seq });
  };

  const attach = async (name: string): Promise<void> => {
    stopListening?.();
    loop = name;
    stopListening = store.onLeases((notice) => {
      if (notice.loop === loop) send({ type: "counter-leases", notice });
    });
    for (;;) {
      try {
        const { taken } = await store.attach(name);
        return send({ type: "counter-welcome", taken, leaseMs: store.leaseMs });
      } catch (error) {
        if (!(error instanceof CountersUnavailableError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, ATTACH_RETRY));
      }
    }
  };

  return (message) => {
    if (message.type === "counter-attach") attached = attach(message.loop);
    // Nothing overtakes the welcome; behind it messages are handed over in their order.
    attached
      .then(() => (message.type === "counter-unpriced" ? countUnpriced(message) : answer(store, message, send)))
      .catch(onFault);
  };
}

/** Between two tries while the store is down. ms */
const ATTACH_RETRY = 250;

function answer(
  store: CounterStore,
  message: Exclude<LoopToCounters, { type: "counter-unpriced" }>,
  send: LoopService["send"],
): Promise<unknown> {
  switch (message.type) {
    case "counter-attach":
      return Promise.resolve();
    case "counter-ask":
      return Promise.all(
        message.requests.map(async (request) =>
          send({ type: "counter-reply", seq: request.seq, reply: await store.grant(request) }),
        ),
      );
    case "counter-post":
      return store.post(message.post).then(() => send({ type: "counter-posted", seq: message.post.seq }));
    case "counter-renew":
      return store.renew(message.loop).then(
        (holds) => send({ type: "counter-renewed", seq: message.seq, leaseMs: holds ? store.leaseMs : 0 }),
        (error: unknown) => {
          // Unanswered: the leases end by themselves.
          if (!(error instanceof CountersUnavailableError)) throw error;
        },
      );
  }
}

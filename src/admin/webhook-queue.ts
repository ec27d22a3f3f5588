// Webhooks that are on their way: tried again with growing pauses, bounded in number, never in the way of anything else.
import type { Upstream } from "../core/http.ts";
import { type Posted, postWebhook, type WebhookMessage, type WebhookTarget } from "./webhook-post.ts";

export interface WebhookQueueParts {
  readonly upstream: Upstream;
  /** Where they go now; null = nowhere. */
  target(): WebhookTarget | null;
  log(level: "warn", text: string, fields: Readonly<Record<string, string | number>>): void;
  now(): number;
  /** ms before each further try. */
  readonly pauses?: readonly number[];
}

/** About a quarter of an hour in all. */
const PAUSES = [1000, 5000, 30_000, 120_000, 600_000];
/** Beyond, the oldest is given up. */
const MOST = 200;
const AT_ONCE = 4;
/** It wants no more of them. */
const GONE = 410;

interface Waiting {
  readonly message: WebhookMessage;
  tries: number;
}

export class WebhookQueue {
  readonly #parts: WebhookQueueParts;
  readonly #pauses: readonly number[];
  readonly #alive = new Set<Waiting>();
  #ready: Waiting[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #active = 0;
  #isStopped = false;

  constructor(parts: WebhookQueueParts) {
    this.#parts = parts;
    this.#pauses = parts.pauses ?? PAUSES;
  }

  /** Messages that are not delivered and not given up. */
  get size(): number {
    return this.#alive.size;
  }

  add(message: WebhookMessage): void {
    if (this.#isStopped || this.#parts.target() === null) return;
    for (const oldest of this.#alive) {
      if (this.#alive.size < MOST) break;
      this.#giveUp(oldest, "too many are waiting");
    }
    const waiting = { message, tries: 0 };
    this.#alive.add(waiting);
    this.#ready.push(waiting);
    this.#pump();
  }

  #pump(): void {
    while (this.#active < AT_ONCE) {
      const next = this.#ready.shift();
      if (next === undefined) return;
      if (!this.#alive.has(next)) continue;
      this.#active++;
      void this.#try(next).finally(() => {
        this.#active--;
        this.#pump();
      });
    }
  }

  async #try(waiting: Waiting): Promise<void> {
    const { upstream, now } = this.#parts;
    const target = this.#parts.target();
    if (target === null) return this.#giveUp(waiting, "no address is configured any more");
    waiting.tries++;
    try {
      this.#judge(waiting, await postWebhook(upstream, target, waiting.message, now()));
    } catch {
      // the address itself may hold a secret: it is not shown
      this.#giveUp(waiting, "governance.alerts.webhook_url is no address; write it as https://host/path");
    }
  }

  #judge(waiting: Waiting, posted: Posted): void {
    if (posted.type === "status" && posted.status >= 200 && posted.status < 300) {
      this.#alive.delete(waiting);
      return;
    }
    const reason = posted.type === "status" ? `it answered with status ${posted.status}` : posted.kind;
    const pause = this.#pauses[waiting.tries - 1];
    if (pause === undefined || (posted.type === "status" && posted.status === GONE))
      return this.#giveUp(waiting, reason);
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#ready.push(waiting);
      this.#pump();
    }, pause);
    this.#timers.add(timer.unref());
  }

  #giveUp(waiting: Waiting, reason: string): void {
    if (!this.#alive.delete(waiting)) return;
    const { tries, message } = waiting;
    this.#parts.log("warn", "a webhook about a budget was not delivered", { id: message.id, tries, reason });
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#alive.size > 0)
      this.#parts.log("warn", "webhooks about budgets were not delivered before the end", { count: this.#alive.size });
  }
}

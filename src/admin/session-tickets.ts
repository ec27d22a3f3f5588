// One-time tickets by which a page that is logged in opens a WebSocket: browsers give those no headers of their own.
import { randomBytes } from "node:crypto";

const LIFE = 30_000;
const MOST_OPEN = 1000;

/** Kept in memory: a ticket is used at once or never. */
export class Tickets {
  readonly #open = new Map<string, number>();

  issue(now: number): string {
    const ticket = randomBytes(24).toString("base64url");
    this.#open.set(ticket, now + LIFE);
    if (this.#open.size > MOST_OPEN) this.#open.delete(this.#open.keys().next().value as string);
    return ticket;
  }

  /** True once for each ticket, within its life. */
  redeem(ticket: string, now: number): boolean {
    const until = this.#open.get(ticket) ?? 0;
    this.#open.delete(ticket);
    return until > now;
  }
}

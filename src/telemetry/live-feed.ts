// Tells viewers of running requests while there are any: gathers on the loop what happens, hands it over every 20 ms, sums up what is too much.
import type { Exchange } from "../core/exchange.ts";
import type { LiveRequest } from "../core/live.ts";
import type {
  LiveHook,
  LiveLens,
  LiveMessage,
  LiveNews,
  LiveRequestType,
  LiveSum,
  LiveTap,
  LiveWatch,
} from "../core/live-watch.ts";
import { LensView } from "./live-lens.ts";
import { isWanted, liveRequest } from "./live-request.ts";

export interface LiveFeedOptions {
  /** To the control plane; false when it is not there. */
  send(message: LiveMessage): boolean;
  /** Unix ms. */
  now(): number;
}

/** ms from the first event to its hand-over. */
const HAND_OVER = 20;
/** Sums go out, and a lens that had too much is looked at again, this often; ms. */
const SECOND = 1000;
/** Requests of one hand-over; with more, those that are new are summed up. */
const MOST_PENDING = 512;
/** Requests of one hand-over at all: what is beyond is lost, and told as such. */
const HARD_LIMIT = 4096;
/** Hand-overs that the control plane has not taken: it is busy, and what happens meanwhile is merged here. */
const MOST_UNDER_WAY = 25;
/** Requests that are shown somewhere and not finished. */
const MOST_SHOWN = 20_000;

interface Pending {
  type: LiveRequestType;
  /** Null once the request is settled: then it has been read. */
  exchange: Exchange | null;
  request: LiveRequest | null;
  readonly lenses: readonly number[];
}

/** One for each loop. Without a viewer it holds nothing, and the corridor sees only that `tap` is null. */
export class LiveFeed implements LiveHook {
  tap: LiveTap | null = null;
  readonly #options: LiveFeedOptions;
  #watching: Watching | null = null;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** A message of the control plane. */
  receive(message: LiveWatch): void {
    if (message.type === "live-taken") this.#watching?.taken();
    else if (message.lenses.length === 0) this.stop();
    else {
      this.#watching ??= new Watching(this.#options);
      this.#watching.look(message.lenses);
      this.tap = this.#watching;
    }
  }

  /** Nobody watches any more, or the control plane is gone. */
  stop(): void {
    this.#watching?.stop();
    this.#watching = null;
    this.tap = null;
  }
}

class Watching implements LiveTap {
  readonly #options: LiveFeedOptions;
  #lenses = new Map<number, LensView>();
  /** By id of the request. */
  #pending = new Map<string, Pending>();
  /** Requests that are not over, and the lenses that show them. */
  readonly #shown = new Map<string, readonly number[]>();
  #sums: LiveSum[] = [];
  #lost = 0;
  #underWay = 0;
  #isStopped = false;
  #handOver: NodeJS.Timeout | null = null;
  readonly #second: NodeJS.Timeout;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#second = setInterval(() => this.#tick(), SECOND).unref();
  }

  /** From now on through these lenses; those that stay keep what they know. */
  look(lenses: readonly LiveLens[]): void {
    const now = this.#options.now();
    this.#lenses = new Map(lenses.map((lens) => [lens.id, this.#lenses.get(lens.id) ?? new LensView(lens, now)]));
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#handOver !== null) clearTimeout(this.#handOver);
    clearInterval(this.#second);
  }

  taken(): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
    if (this.#pending.size > 0 || this.#sums.length > 0) this.#arm();
  }

  started(exchange: Exchange): void {
    this.#note(exchange, "request.started");
  }

  attempted(exchange: Exchange): void {
    this.#note(exchange, "request.attempt");
  }

  firstToken(exchange: Exchange): void {
    this.#note(exchange, "request.first_token");
  }

  finished(exchange: Exchange): void {
    const shown = this.#see(exchange);
    this.#shown.delete(exchange.id);
    for (const lens of this.#lenses.values())
      if (lens.isBusy && !shown.includes(lens.id) && isWanted(lens.filter, exchange)) lens.sumUp(exchange);
    if (shown.length > 0) this.#keep(exchange, "request.finished", shown);
  }

  #note(exchange: Exchange, type: LiveRequestType): void {
    const shown = this.#see(exchange);
    if (shown.length > 0) this.#keep(exchange, type, shown);
  }

  /** The lenses that show it, those included that want it from now on. */
  #see(exchange: Exchange): readonly number[] {
    const before = this.#shown.get(exchange.id) ?? NONE;
    const isFull = this.#pending.size >= MOST_PENDING || this.#shown.size >= MOST_SHOWN;
    let shown = before;
    for (const lens of this.#lenses.values()) {
      if (lens.isBusy || before.includes(lens.id) || !isWanted(lens.filter, exchange)) continue;
      if (lens.admits(isFull)) shown = [...shown, lens.id];
    }
    if (shown !== before && !exchange.settled) this.#shown.set(exchange.id, shown);
    return shown;
  }

  #keep(exchange: Exchange, type: LiveRequestType, lenses: readonly number[]): void {
    const before = this.#pending.get(exchange.id);
    if (before === undefined && this.#pending.size >= HARD_LIMIT) {
      this.#lost++;
      return;
    }
    // What is settled is read now: its memory is given back before the hand-over.
    const request = exchange.settled ? liveRequest(exchange) : null;
    this.#pending.set(exchange.id, { type, exchange: request === null ? exchange : null, request, lenses });
    this.#arm();
  }

  #arm(): void {
    if (this.#handOver !== null || this.#isStopped) return;
    this.#handOver = setTimeout(() => this.#send(), HAND_OVER).unref();
  }

  #send(): void {
    this.#handOver = null;
    if (this.#isStopped || this.#underWay >= MOST_UNDER_WAY) return;
    if (this.#pending.size === 0 && this.#sums.length === 0 && this.#lost === 0) return;
    const news: LiveNews[] = [];
    for (const { type, exchange, request, lenses } of this.#pending.values())
      news.push({ type, request: request ?? liveRequest(exchange as Exchange), lenses });
    const message: LiveMessage = { type: "live", news, sums: this.#sums, lost: this.#lost };
    this.#pending = new Map();
    this.#sums = [];
    this.#lost = 0;
    if (this.#options.send(message)) this.#underWay++;
  }

  #tick(): void {
    const now = this.#options.now();
    for (const lens of this.#lenses.values()) {
      const sum = lens.endSecond(now);
      if (sum !== null) this.#sums.push(sum);
    }
    if (this.#sums.length > this.#lenses.size * MOST_SUMS) this.#lost += this.#sums.splice(0).length;
    if (this.#sums.length > 0 || this.#lost > 0) this.#arm();
  }
}

/** Seconds of sums of a control plane that takes nothing. */
const MOST_SUMS = 10;
const NONE: readonly number[] = [];

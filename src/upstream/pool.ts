// Keeps the connections of one origin: hands them out last in, first out, and lets calls wait when there are enough.

import type { OriginSettings } from "../core/http.ts";
import type { Turn } from "../lib/turn.ts";
import type { Call, CallOwner } from "./call.ts";
import { Connection, type ConnectionHome } from "./connection.ts";
import type { DialPlan } from "./dial.ts";
import { encodeRequestHead } from "./request-head.ts";
import type { Scratch } from "./request-writer.ts";

/** What a pool needs of the door. */
export interface PoolHouse {
  readonly scratch: Scratch;
  readonly turn: Turn;
  readonly closed: boolean;
  now(): number;
  log(level: "warn" | "error", text: string): void;
  /** The call is over. */
  forget(call: Call): void;
  /** Gives the connection back by `settle` after the next look at the sockets. */
  cool(connection: Connection, pool: Pool): void;
  onCapacity(url: string, waiting: number, refused: boolean): void;
}

/** More calls than this do not wait for a connection of one origin: they fail. */
export const MAX_WAITING = 1024;

/** The connections that equal settings share. */
export class Pool implements ConnectionHome, CallOwner {
  readonly settings: OriginSettings;
  readonly plan: DialPlan;
  readonly scratch: Scratch;
  readonly turn: Turn;
  /** It was dropped for want of use; who still holds it asks for another. */
  retired: boolean;
  lastUsed: number;
  private readonly house: PoolHouse;
  /** Oldest rest first. */
  private readonly idle: Connection[];
  private readonly waiting: Set<Call>;
  private readonly limit: number;
  private open: number;
  /** Connections whose answer has just ended; each will settle in this turn of the loop. */
  private cooling: number;

  constructor(settings: OriginSettings, plan: DialPlan, house: PoolHouse) {
    this.settings = settings;
    this.plan = plan;
    this.scratch = house.scratch;
    this.turn = house.turn;
    this.retired = false;
    this.lastUsed = house.now();
    this.house = house;
    this.idle = [];
    this.waiting = new Set();
    this.limit = settings.maxConnections > 0 ? settings.maxConnections : Number.POSITIVE_INFINITY;
    this.open = 0;
    this.cooling = 0;
  }

  /** Gives the call a connection, a new one, or a place in the queue; nothing reaches its handler before the next tick. */
  start(call: Call): void {
    if (!call.request.fresh) {
      const connection = this.idle.pop();
      if (connection !== undefined) return connection.serve(call, true);
      // One that settles at once is cheaper than a new one: a retry in the same turn finds it here.
      if (this.cooling > this.waiting.size) return void this.waiting.add(call);
    }
    if (this.open >= this.limit && !this.makeRoom()) return this.queue(call);
    this.connect(call);
  }

  headOf(call: Call): string {
    return encodeRequestHead(this.plan.route, call.request);
  }

  onRest(connection: Connection): void {
    const { house, settings } = this;
    if (house.closed || settings.keepAlive <= 0) connection.destroy();
    else {
      this.cooling++;
      house.cool(connection, this);
    }
  }

  /** A rested connection on which nothing more came: for the next in the queue, or for later. */
  settle(connection: Connection): void {
    this.cooling--;
    if (connection.gone) return;
    if (this.house.closed) return connection.destroy();
    const [next] = this.waiting;
    if (next === undefined) {
      connection.idleSince = this.house.now();
      this.idle.push(connection);
    } else if (next.request.fresh) connection.destroy();
    else {
      this.waiting.delete(next);
      connection.serve(next, false);
    }
  }

  onGone(connection: Connection): void {
    this.open--;
    const at = this.idle.lastIndexOf(connection);
    if (at >= 0) this.idle.splice(at, 1);
    const [next] = this.waiting;
    if (next === undefined || this.open >= this.limit) return;
    this.waiting.delete(next);
    this.connect(next);
  }

  now(): number {
    return this.house.now();
  }

  log(level: "warn" | "error", text: string): void {
    this.house.log(level, text);
  }

  forget(call: Call): void {
    this.waiting.delete(call);
    this.house.forget(call);
  }

  /** Closes connections that have rested for too long. */
  sweep(now: number): void {
    const { idle, settings } = this;
    while (idle.length > 0 && now - (idle[0] as Connection).idleSince >= settings.keepAlive)
      (idle[0] as Connection).destroy();
  }

  closeIdle(): void {
    while (this.idle.length > 0) (this.idle[0] as Connection).destroy();
  }

  isUnused(): boolean {
    return this.open === 0 && this.waiting.size === 0;
  }

  private connect(call: Call): void {
    this.open++;
    // It lives on in its call and its socket; the pool counts it and sees it again when it rests.
    void new Connection(this, call);
  }

  /** A fresh connection is asked for and all places are taken: one that rests goes. */
  private makeRoom(): boolean {
    const [oldest] = this.idle;
    if (oldest === undefined) return false;
    oldest.destroy();
    return this.open < this.limit;
  }

  private queue(call: Call): void {
    const isFull = this.waiting.size >= MAX_WAITING;
    this.house.onCapacity(this.settings.url, this.waiting.size, isFull);
    if (isFull) process.nextTick(refuse, call);
    else this.waiting.add(call);
  }
}

function refuse(call: Call): void {
  call.fail("connect", `${MAX_WAITING} calls wait for a connection already`);
}

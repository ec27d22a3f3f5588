// What all connections of one listener share: the gate, the limits, the slabs, the coarse time and the set of themselves.
import type { Clock } from "../core/ports.ts";
import { Turn } from "../lib/turn.ts";
import { READ_BYTES } from "./adopt.ts";
import type { Gate } from "./gate.ts";
import type { DoorLimits } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import { Slabs } from "./slabs.ts";

/** A connection as the door sees it. */
export interface Guest {
  /** Looks after its deadlines; called every 100 ms. */
  sweep(now: number): void;
  /** The door is closing: leave now if idle, else after the answer in progress. */
  drain(): void;
  destroy(): void;
}

/** How often deadlines are looked at, ms: one sweep over all connections is cheaper than a timer per request. */
export const SWEEP_INTERVAL = 100;

/** The shared state of one listener. */
export class Door {
  readonly gate: Gate;
  readonly limits: DoorLimits;
  readonly slabs: Slabs;
  /** What all connections read into; never held beyond the read. */
  readonly readBuffer: Buffer;
  /** Writes of this turn of the loop. */
  readonly turn: Turn;
  /** Where they are put together. */
  readonly outbox: Outbox;
  readonly guests: Set<Guest>;
  /** Monotonic ms, as of the last sweep. */
  now: number;
  /** The `date` line of answers, with its CR LF, as of the last sweep. */
  dateLine: string;
  draining: boolean;
  /** Bytes of pipelined requests that wait on all connections. */
  readAhead: number;
  private readonly clock: Clock;
  private second: number;
  private emptied: (() => void) | null;

  constructor(gate: Gate, limits: DoorLimits, clock: Clock) {
    this.gate = gate;
    this.limits = limits;
    this.slabs = new Slabs();
    this.readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
    this.outbox = new Outbox();
    this.turn = new Turn(() => this.outbox.empty());
    this.guests = new Set();
    this.now = 0;
    this.dateLine = "";
    this.draining = false;
    this.readAhead = 0;
    this.clock = clock;
    this.second = -1;
    this.emptied = null;
    this.tick();
  }

  /** Moves the coarse time on and lets every connection look after its deadlines. */
  sweep(): void {
    this.tick();
    for (const guest of this.guests) guest.sweep(this.now);
  }

  leave(guest: Guest): void {
    this.guests.delete(guest);
    if (this.guests.size === 0) this.emptied?.();
  }

  /** Resolves once the last connection has left; after `limit` ms those that are left are cut off. */
  async drain(limit: number): Promise<void> {
    this.draining = true;
    for (const guest of this.guests) guest.drain();
    if (this.guests.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.emptied = resolve;
      timer = setTimeout(() => this.destroyAll(), limit);
    });
    clearTimeout(timer);
  }

  destroyAll(): void {
    for (const guest of this.guests) guest.destroy();
  }

  private tick(): void {
    this.now = this.clock.monotonic();
    const wall = this.clock.now();
    const second = Math.floor(wall / 1000);
    if (second === this.second) return;
    this.second = second;
    this.dateLine = `date: ${new Date(wall).toUTCString()}\r\n`;
  }
}

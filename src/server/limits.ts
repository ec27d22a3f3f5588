// The bounds of the inbound door: how long it waits, how much it holds, how many it lets in.
import { readFileSync } from "node:fs";

/** Times in ms. */
export interface DoorLimits {
  /** A kept connection without a request. */
  readonly idle: number;
  /** From the first byte of a head to its blank line. */
  readonly head: number;
  /** The longest silence within a body. */
  readonly bodySilence: number;
  /** From the first to the last byte of a body. */
  readonly bodyTotal: number;
  /** A client that takes nothing of its answer. */
  readonly writeStall: number;
  /** After a last answer: silence until the connection is cut off, and the longest time in all. */
  readonly lingerSilence: number;
  readonly lingerTotal: number;
  /** Bytes of pipelined requests kept while one is in progress, per connection and for all together. */
  readonly readAhead: number;
  readonly readAheadTotal: number;
  readonly maxConnections: number;
}

const MB = 1024 * 1024;

/** The limits in service, some of them replaced. */
export function doorLimits(changes: Partial<DoorLimits> = {}): DoorLimits {
  return {
    idle: 75_000,
    head: 15_000,
    bodySilence: 30_000,
    bodyTotal: 600_000,
    writeStall: 120_000,
    lingerSilence: 1_000,
    lingerTotal: 10_000,
    readAhead: MB,
    readAheadTotal: 32 * MB,
    maxConnections: changes.maxConnections ?? defaultMaxConnections(),
    ...changes,
  };
}

/** 80 % of the descriptors that the system grants this process; 8,000 where it does not say. */
export function defaultMaxConnections(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return soft === undefined ? 8_000 : Math.floor(Number(soft) * 0.8);
  } catch {
    return 8_000; // no /proc here
  }
}

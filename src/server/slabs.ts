// Pools of large buffers for bodies that came in several reads: a fresh one per request costs page faults and garbage.

const KB = 1024;
const MB = 1024 * KB;
/** Size of each pool's slabs and how many free ones it keeps: at most 24 MB lie idle. */
const POOLS = [
  { size: 128 * KB, keep: 64 },
  { size: MB, keep: 8 },
  { size: 8 * MB, keep: 1 },
] as const;

/** The slabs of one door. What is taken is given back once; `limit` bounds what is out at the same time. */
export class Slabs {
  /** Bytes taken and not given back. */
  inUse: number;
  private readonly limit: number;
  private readonly free: Buffer[][];

  constructor(limit = 2048 * MB) {
    this.inUse = 0;
    this.limit = limit;
    this.free = POOLS.map(() => []);
  }

  /** A buffer of at least `size` bytes with any content, or null when too much is out already. */
  take(size: number): Buffer | null {
    const pool = POOLS.findIndex((each) => size <= each.size);
    const bytes = pool < 0 ? size : (POOLS[pool] as (typeof POOLS)[number]).size;
    if (this.inUse + bytes > this.limit) return null;
    this.inUse += bytes;
    // Never from Node's shared pool: a slab is written, handed on and reused as a whole.
    return (pool < 0 ? undefined : this.free[pool]?.pop()) ?? Buffer.allocUnsafeSlow(bytes);
  }

  /** Takes a slab back; one of no pool's size goes to the collector. */
  give(slab: Buffer): void {
    this.inUse -= slab.length;
    const pool = POOLS.findIndex((each) => slab.length === each.size);
    const free = this.free[pool];
    if (free !== undefined && free.length < (POOLS[pool] as (typeof POOLS)[number]).keep) free.push(slab);
  }
}

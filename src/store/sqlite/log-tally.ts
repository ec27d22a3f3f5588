// Adds rows up: counts, sums, and a histogram of latencies from which percentiles are read.
import type { LogSums } from "../../core/stores.ts";
import type { LogBlock } from "./log-block.ts";
import { FACT, NO_COUNT } from "./row-facts.ts";

/** Latencies are counted in buckets, each ends at 1.1 times the one before: their middle is within 5 % of all in them. */
const GROWTH = Math.log(1.1);
const SMALLEST = 0.01;
const MOST_BUCKETS = 256;
const BYTES = 2 ** 7;

/** The bucket of a latency (ms). */
function bucketOf(ms: number): number {
  if (!(ms > SMALLEST)) return 0;
  return Math.min(1 + Math.floor(Math.log(ms / SMALLEST) / GROWTH), MOST_BUCKETS - 1);
}

/** The latency that stands for a bucket, ms. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : SMALLEST * Math.exp((bucket - 0.5) * GROWTH);
}

/** What some rows sum up to; more can be added at any time. */
export class LogTally {
  requests = 0;
  success = 0;
  error = 0;
  cancelled = 0;
  promptTokens = 0;
  completionTokens = 0;
  cachedTokens = 0;
  costNano = 0;
  unpriced = 0;
  latencyMs = 0;
  overheadUs = 0;
  overheadCount = 0;
  retried = 0;
  /** Requests by bucket; it grows as far as it is needed. Of a rank it stays empty. */
  buckets: number[] = [];
  /** It only finds out which values are wanted: without percentiles, which cost most of it. */
  readonly isRank: boolean;

  constructor(isRank = false) {
    this.isRank = isRank;
  }

  addRow(block: LogBlock, row: number): void {
    const flags = block.flags[row] as number;
    const latency = block.latency[row] as number;
    const input = block.input[row] as number;
    const output = block.output[row] as number;
    const cached = block.cached[row] as number;
    const overhead = block.overhead[row] as number;
    const cost = block.cost[row] as number;
    this.requests++;
    if ((flags & FACT.error) !== 0) this.error++;
    else if ((flags & FACT.cancelled) !== 0) this.cancelled++;
    else this.success++;
    if (input !== NO_COUNT) this.promptTokens += input;
    if (output !== NO_COUNT) this.completionTokens += output;
    if (cached !== NO_COUNT) this.cachedTokens += cached;
    // Not a number: it has none.
    if (cost > 0) this.costNano += cost;
    if ((flags & FACT.unpriced) !== 0) this.unpriced++;
    if ((flags & FACT.retried) !== 0) this.retried++;
    this.latencyMs += latency;
    if (overhead !== NO_COUNT) {
      this.overheadUs += overhead;
      this.overheadCount++;
    }
    if (!this.isRank) this.#count(bucketOf(latency), 1);
  }

  add(other: LogTally): void {
    this.requests += other.requests;
    this.success += other.success;
    this.error += other.error;
    this.cancelled += other.cancelled;
    this.promptTokens += other.promptTokens;
    this.completionTokens += other.completionTokens;
    this.cachedTokens += other.cachedTokens;
    this.costNano += other.costNano;
    this.unpriced += other.unpriced;
    this.latencyMs += other.latencyMs;
    this.overheadUs += other.overheadUs;
    this.overheadCount += other.overheadCount;
    this.retried += other.retried;
    if (this.isRank) return;
    for (let bucket = 0; bucket < other.buckets.length; bucket++) this.#count(bucket, other.buckets[bucket] as number);
  }

  /** Takes away what is part of it. */
  subtract(other: LogTally): void {
    this.requests -= other.requests;
    this.success -= other.success;
    this.error -= other.error;
    this.cancelled -= other.cancelled;
    this.promptTokens -= other.promptTokens;
    this.completionTokens -= other.completionTokens;
    this.cachedTokens -= other.cachedTokens;
    this.costNano -= other.costNano;
    this.unpriced -= other.unpriced;
    this.latencyMs -= other.latencyMs;
    this.overheadUs -= other.overheadUs;
    this.overheadCount -= other.overheadCount;
    this.retried -= other.retried;
    for (let bucket = 0; bucket < other.buckets.length; bucket++)
      this.#count(bucket, -(other.buckets[bucket] as number));
  }

  sums(isExact: boolean): LogSums {
    return {
      requests: this.requests,
      success: this.success,
      error: this.error,
      cancelled: this.cancelled,
      promptTokens: this.promptTokens,
      completionTokens: this.completionTokens,
      totalTokens: this.promptTokens + this.completionTokens,
      cachedReadTokens: this.cachedTokens,
      costNano: this.costNano,
      unpriced: this.unpriced,
      latencyMs: this.latencyMs,
      p50: this.#percentile(0.5),
      p90: this.#percentile(0.9),
      p95: this.#percentile(0.95),
      p99: this.#percentile(0.99),
      overheadUs: this.overheadUs,
      overheadCount: this.overheadCount,
      retried: this.retried,
      exact: isExact,
    };
  }

  /** The counts of the buckets as bytes: pairs of how many empty ones come before, and the count. */
  encodeBuckets(): Uint8Array {
    const bytes: number[] = [];
    let last = -1;
    this.buckets.forEach((count, bucket) => {
      if (!(count > 0)) return;
      pushNumber(bytes, bucket - last - 1);
      pushNumber(bytes, count);
      last = bucket;
    });
    return Uint8Array.from(bytes);
  }

  addBuckets(bytes: Uint8Array): void {
    if (this.isRank) return;
    let at = 0;
    let bucket = -1;
    const next = (): number => {
      let value = 0;
      let weight = 1;
      for (;;) {
        const byte = bytes[at++] ?? 0;
        value += (byte & (BYTES - 1)) * weight;
        if (byte < BYTES) return value;
        weight *= BYTES;
      }
    };
    while (at < bytes.length) {
      bucket += 1 + next();
      this.#count(bucket, next());
    }
  }

  #count(bucket: number, count: number): void {
    const { buckets } = this;
    while (buckets.length <= bucket) buckets.push(0);
    buckets[bucket] = (buckets[bucket] as number) + count;
  }

  #percentile(part: number): number | null {
    let left = Math.ceil(part * this.requests);
    if (left === 0) return null;
    for (let bucket = 0; bucket < this.buckets.length; bucket++) {
      left -= this.buckets[bucket] as number;
      if (left <= 0) return middleOf(bucket);
    }
    return null;
  }
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= BYTES) {
    bytes.push((rest % BYTES) | BYTES);
    rest = Math.floor(rest / BYTES);
  }
  bytes.push(rest);
}

// Slows guessing down: who failed five times within a minute waits until the first of these failures is a minute old.

/** Failures that are let through within the window. */
const WINDOW = 60_000;
const MOST_KEPT = 10_000;

/** Failures by a key of the caller's (its address, its address and name). Of many keys the ones that failed last are kept. */
export class FailureCounter {
  readonly #most: number;
  readonly #kept: number;
  /** Times of the failures, oldest first, at most `most`; the key that failed last stands last. */
  readonly #failures = new Map<string, number[]>();

  constructor(most: number, kept = MOST_KEPT) {
    this.#most = most;
    this.#kept = kept;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  /** ms until this key may try again; 0 = now. */
  wait(key: string, now: number): number {
    const times = this.#failures.get(key)?.filter((time) => time > now - WINDOW && time <= now) ?? [];
    if (times.length === 0) this.#failures.delete(key);
    return times.length < this.#most ? 0 : (times[0] as number) + WINDOW - now;
  }

  /** Counts a try as failed until `forgive` takes it back: tries at the same time cannot outrun the count. */
  count(key: string, now: number): void {
    const times = this.#failures.get(key)?.filter((time) => time > now - WINDOW && time <= now) ?? [];
    times.push(now);
    this.#failures.delete(key);
    this.#failures.set(key, times.slice(-this.#most));
    if (this.#failures.size > this.#kept) this.#failures.delete(this.#failures.keys().next().value as string);
  }

  /** The try at `time` did not fail. */
  forgive(key: string, time: number): void {
    const times = this.#failures.get(key);
    const index = times?.lastIndexOf(time) ?? -1;
    if (times === undefined || index < 0) return;
    times.splice(index, 1);
    if (times.length === 0) this.#failures.delete(key);
  }
}

/** What of an address belongs to one caller: an IPv4 address, or the 64 bits of IPv6 that one network has. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().split("%")[0]?.split("::") ?? [];
  const first = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const last = tail === "" ? [] : tail.split(":");
    while (first.length + last.length < 8) first.push("0");
    first.push(...last);
  }
  return first
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, ""))
    .join(":");
}

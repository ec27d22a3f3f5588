// Counts the bytes of one answer that are under way, and lets the sender wait until the other side took some.

/** Bytes of one bridged answer that may be under way without the client having taken them. */
export const BRIDGE_CREDIT = 256 * 1024;

/** The sender's side of one answer. */
export class Credit {
  #left: number;
  #cancelled = false;
  #waiting: (() => void) | null = null;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Bytes that may be sent now, `wanted` at most; waits while there are none. 0 = the answer is not wanted any more. */
  async take(wanted: number): Promise<number> {
    while (this.#left <= 0 && !this.#cancelled) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    if (this.#cancelled) return 0;
    const taken = Math.min(wanted, this.#left);
    this.#left -= taken;
    return taken;
  }

  give(bytes: number): void {
    this.#left += bytes;
    this.#wake();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }
}

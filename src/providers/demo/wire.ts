// The demo server's end of one byte stream: writes with backpressure, waits that end when the other side goes, resets.
import type { Duplex } from "node:stream";

const TURN_AFTER = 64 * 1024;

/** One connection's way out. Every wait resolves to false as soon as the other side is gone. */
export class Wire {
  gone = false;
  /** It was broken off from here. */
  broken = false;
  /** The next byte that arrives breaks the connection. */
  breakOnInput = false;
  bytesSent = 0;
  private readonly stream: Duplex;
  private sinceTurn = 0;
  private readonly wakers = new Set<() => void>();

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("drain", () => this.wake());
  }

  /** The other side is gone: whoever waits goes on. */
  lose(): void {
    this.gone = true;
    this.wake();
  }

  /** False when the other side is gone. Waits while the stream's buffer is full. */
  async write(bytes: Buffer | string): Promise<boolean> {
    if (this.gone || this.stream.destroyed) return false;
    const buffer = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
    this.bytesSent += buffer.length;
    if (!this.stream.write(buffer)) await this.wakened();
    // A pair of streams in one process never waits for a socket: without a turn of the loop nobody else would run.
    this.sinceTurn += buffer.length;
    if (this.sinceTurn >= TURN_AFTER) await this.turn();
    return !this.gone;
  }

  async sleep(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (!this.gone) {
      const left = until - performance.now();
      if (left <= 0) break;
      await this.wakened(left);
    }
    return !this.gone;
  }

  /** Silence until the other side gives up. */
  async stall(): Promise<void> {
    while (!this.gone) await this.wakened();
  }

  /** Breaks the connection off: a TCP reset on a socket, an abrupt end on a pair of streams. */
  reset(): void {
    this.broken = true;
    const socket = this.stream as Duplex & { resetAndDestroy?: () => void };
    if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
    // Without an error the other end of a pair of streams would see a clean end.
    else this.stream.destroy(new Error("reset by the demo provider"));
  }

  /** Closes the connection in order, whether or not the answer was whole. */
  end(): void {
    if (!this.stream.destroyed) this.stream.end();
  }

  private turn(): Promise<void> {
    this.sinceTurn = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }

  private wake(): void {
    for (const waker of this.wakers) waker();
  }

  private wakened(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? null : setTimeout(() => waker(), ms);
      const waker = (): void => {
        if (timer !== null) clearTimeout(timer);
        this.wakers.delete(waker);
        resolve();
      };
      this.wakers.add(waker);
    });
  }
}

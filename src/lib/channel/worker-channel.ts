// Starts a worker thread and is the parent's end of the channel to it.
import { Worker } from "node:worker_threads";
import type { Channel } from "../../core/channel.ts";
import { Inbox } from "./inbox.ts";

/** How a worker thread is started. */
export interface WorkerSettings {
  /** Shown by debuggers and process lists. */
  readonly name: string;
  /** Plain data that the thread finds as `workerData`. */
  readonly data: unknown;
  /** MB for objects that were just made; absent = as much as Node thinks fit, which a thread that once works hard keeps. */
  readonly youngMegabytes?: number;
  /** An error that nobody caught ends the thread; it is told here, before `onClose`. */
  readonly onError: (error: unknown) => void;
}

class WorkerEnd<In, Out> implements Channel<In, Out> {
  readonly #worker: Worker;
  readonly #inbox = new Inbox<In>();

  constructor(url: URL, settings: WorkerSettings) {
    const { name, data: workerData, youngMegabytes } = settings;
    const limits = youngMegabytes === undefined ? {} : { maxYoungGenerationSizeMb: youngMegabytes };
    this.#worker = new Worker(url, { workerData, name, resourceLimits: limits });
    this.#worker.on("message", (message: In) => {
      // What a thread sent before this side closed is nobody's business any more.
      if (!this.#inbox.closed) this.#inbox.deliver(message);
    });
    this.#worker.on("error", (error) => {
      if (!this.#inbox.closed) settings.onError(error);
    });
    this.#worker.on("exit", () => this.#inbox.lost());
  }

  send(message: Out, transfer: readonly ArrayBuffer[] = []): boolean {
    if (this.#inbox.closed) return false;
    this.#worker.postMessage(message, transfer);
    return true;
  }

  onMessage(handler: (message: In) => void): void {
    this.#inbox.listen(handler);
  }

  onClose(handler: () => void): void {
    this.#inbox.onClose(handler);
  }

  /** Ends the thread at once, whatever it is doing. */
  close(): void {
    if (this.#inbox.shut()) void this.#worker.terminate();
  }
}

/**
 * Starts the file at `url` (`.ts` from a clone, `.js` from the package) in a thread of its own. `onClose` is told when
 * the thread ended, by itself or by an error.
 */
export function startWorker<In, Out>(url: URL, settings: WorkerSettings): Channel<In, Out> {
  return new WorkerEnd<In, Out>(url, settings);
}

// An end of a channel on a MessagePort: the side of a worker thread, which reaches its parent by it.
import { type MessagePort, parentPort } from "node:worker_threads";
import type { Channel } from "../../core/channel.ts";
import { Inbox } from "./inbox.ts";

class PortEnd<In, Out> implements Channel<In, Out> {
  readonly #port: MessagePort;
  readonly #inbox = new Inbox<In>();

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (message: unknown) => this.#inbox.deliver(message as In));
    port.on("close", () => this.#inbox.lost());
  }

  send(message: Out, transfer: readonly ArrayBuffer[] = []): boolean {
    if (this.#inbox.closed) return false;
    this.#port.postMessage(message, [...transfer]);
    return true;
  }

  onMessage(handler: (message: In) => void): void {
    this.#inbox.listen(handler);
  }

  onClose(handler: () => void): void {
    this.#inbox.onClose(handler);
  }

  close(): void {
    if (this.#inbox.shut()) this.#port.close();
  }
}

/** This end of a MessageChannel. */
export function portChannel<In, Out>(port: MessagePort): Channel<In, Out> {
  return new PortEnd<In, Out>(port);
}

/** In a worker thread: the way to the thread that started it. Throws in the main thread, which has no parent. */
export function parentChannel<In, Out>(): Channel<In, Out> {
  if (parentPort === null) throw new Error("this file runs in a worker thread and was started without one");
  return new PortEnd<In, Out>(parentPort);
}

// Two ends of a channel inside one thread, with the same copying and the same lateness as between threads; for tests.
import type { Channel } from "../../core/channel.ts";
import { Inbox } from "./inbox.ts";

class MemoryEnd<In, Out> implements Channel<In, Out> {
  readonly inbox = new Inbox<In>();
  #peer: MemoryEnd<Out, In> | null = null;

  connect(peer: MemoryEnd<Out, In>): void {
    this.#peer = peer;
  }

  send(message: Out, transfer: readonly ArrayBuffer[] = []): boolean {
    const peer = this.#peer;
    if (this.inbox.closed || peer === null) return false;
    const copy = structuredClone(message, { transfer: [...transfer] });
    setImmediate(() => {
      if (!peer.inbox.closed) peer.inbox.deliver(copy);
    });
    return true;
  }

  onMessage(handler: (message: In) => void): void {
    this.inbox.listen(handler);
  }

  onClose(handler: () => void): void {
    this.inbox.onClose(handler);
  }

  close(): void {
    const peer = this.#peer;
    if (this.inbox.shut() && peer !== null) setImmediate(() => peer.inbox.lost());
  }
}

/** Both ends of one channel: what is sent at one arrives at the other in a later turn of the loop. */
export function memoryChannel<A, B>(): [Channel<A, B>, Channel<B, A>] {
  const left = new MemoryEnd<A, B>();
  const right = new MemoryEnd<B, A>();
  left.connect(right);
  right.connect(left);
  return [left, right];
}

// Keeps what arrives at an end of a channel until somebody listens, and tells once that the other side is gone.

/** The receiving half that all ends share. */
export class Inbox<In> {
  #waiting: In[] = [];
  #handler: ((message: In) => void) | null = null;
  #closeHandler: (() => void) | null = null;
  #closed = false;
  #told = false;

  /** True once either side closed the channel. */
  get closed(): boolean {
    return this.#closed;
  }

  deliver(message: In): void {
    if (this.#handler === null) this.#waiting.push(message);
    else this.#handler(message);
  }

  listen(handler: (message: In) => void): void {
    this.#handler = handler;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) handler(message);
  }

  onClose(handler: () => void): void {
    this.#closeHandler = handler;
    // The other side may have gone before anybody asked.
    if (this.#told) queueMicrotask(handler);
  }

  /** The other side is gone: told once, and never after this side closed by itself. */
  lost(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#told = true;
    this.#closeHandler?.();
  }

  /** This side closes. False when the channel was closed before. */
  shut(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#handler = ignore;
    this.#waiting = [];
    return true;
  }
}

function ignore(): void {}

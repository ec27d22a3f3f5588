// The port through which the planes talk: plain data, ordered, buffers transferred. Nobody above it knows threads.

/** One end of a channel. `In` is what arrives, `Out` what may be sent. */
export interface Channel<In, Out> {
  /** Ordered. ArrayBuffers in `transfer` belong to the other side afterwards. A closed channel drops it and returns false. */
  send(message: Out, transfer?: readonly ArrayBuffer[]): boolean;
  /** One handler at a time; messages that arrived before are given to it. */
  onMessage(handler: (message: In) => void): void;
  /** The other side is gone. */
  onClose(handler: () => void): void;
  close(): void;
}

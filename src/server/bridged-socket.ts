// The answer of another thread as messages of a WebSocket: each of its lines is one.
import type { MessageSocket } from "./message-socket.ts";

const NEWLINE = 10;

export class BridgedSocket {
  readonly #socket: MessageSocket;
  readonly #taken: (bytes: number) => void;
  /** Of a line whose end has not come. */
  #rest: Uint8Array[] = [];

  /** `taken` is told of bytes that the client has taken. */
  constructor(socket: MessageSocket, taken: (bytes: number) => void) {
    this.#socket = socket;
    this.#taken = taken;
  }

  /** More of the answer. */
  receive(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#rest.push(bytes.subarray(from, end));
      const line = Buffer.concat(this.#rest);
      this.#rest = [];
      from = end + 1;
      if (line.length > 0) this.#socket.send(line.toString("utf8"), () => this.#taken(line.length + 1));
      else this.#taken(1);
    }
    if (from < bytes.length) this.#rest.push(bytes.subarray(from));
  }

  /** The other thread has said all that it will. */
  end(): void {
    this.#socket.close();
  }

  /** The client is too slow, or the other thread is gone. */
  cut(): void {
    this.#socket.terminate();
  }
}

// Sends an answer too large to be copied: references to its parts, a window at a time, so that progress can be seen.
import type { Socket } from "node:net";

/** What is handed to the socket at once: large enough to keep it busy, small enough to tell a slow client from a dead one. */
const WINDOW = 512 * 1024;

/** One large answer under way. `done` is called once: when the socket took the last byte, or when it closed. */
export class LargeAnswer {
  private readonly socket: Socket;
  private readonly parts: readonly Uint8Array[];
  private readonly sent: () => void;
  private done: (() => void) | undefined;
  private part: number;
  private offset: number;

  /** `sent` is called before `done` when everything was taken, and never when the connection broke. */
  constructor(socket: Socket, parts: readonly Uint8Array[], sent: () => void, done: (() => void) | undefined) {
    this.socket = socket;
    this.parts = parts;
    this.sent = sent;
    this.done = done;
    this.part = 0;
    this.offset = 0;
  }

  /** Sends the head and the first window in one go. */
  start(head: string): void {
    this.socket.cork();
    this.socket.write(head, "latin1");
    this.window();
    this.socket.uncork();
  }

  /** The connection is closed: the parts are not needed any more. */
  stop(): void {
    const { done } = this;
    this.done = undefined;
    this.part = this.parts.length;
    done?.();
  }

  /** Hands over references to at most WINDOW bytes in one system call; the last write asks for the next window. */
  private window(): void {
    this.socket.cork();
    this.writeWindow();
    this.socket.uncork();
  }

  private writeWindow(): void {
    let left = WINDOW;
    while (this.part < this.parts.length) {
      const bytes = this.parts[this.part] as Uint8Array;
      const end = Math.min(bytes.length, this.offset + left);
      const piece = bytes.subarray(this.offset, end);
      left -= piece.length;
      this.offset = end;
      if (end === bytes.length) {
        this.part++;
        this.offset = 0;
      }
      if (left === 0 || this.part === this.parts.length) {
        this.socket.write(piece, (error) => this.taken(error));
        return;
      }
      this.socket.write(piece);
    }
  }

  private taken(error: Error | null | undefined): void {
    if (error) return; // the connection's close calls stop()
    if (this.part < this.parts.length) return this.window();
    const { done } = this;
    if (this.part === this.parts.length) this.sent();
    this.done = undefined;
    done?.();
  }
}

// Writes one request after another to a connection: small ones in one buffer, large ones by reference in batches.
import type { Duplex } from "node:stream";
import { copyParts, totalLength } from "../lib/http1/write.ts";
import { writeLatin1 } from "../lib/latin1.ts";

/** Learns how the writing goes. */
export interface WriterSink {
  /** The kernel took a part. */
  onWriteProgress(): void;
  /** The kernel took the whole request. */
  onSent(): void;
}

/** One buffer for the small requests of all plain sockets: the kernel has usually copied it when `write` returns. */
export class Scratch {
  bytes: Buffer;

  constructor() {
    this.bytes = Buffer.allocUnsafeSlow(SMALL);
  }

  /** The buffer is still being written: the next request gets another one. */
  giveAway(): void {
    this.bytes = Buffer.allocUnsafeSlow(SMALL);
  }
}

/** Requests up to this many bytes are copied into one buffer and written at once. */
const SMALL = 64 * 1024;
/** Larger ones go in batches of this size, so that a slow upload is seen to move. */
const BATCH = 1024 * 1024;
const NO_PARTS: readonly Uint8Array[] = [];

/** The writing half of one connection. */
export class RequestWriter {
  private readonly stream: Duplex;
  private readonly sink: WriterSink;
  /** For plain sockets; null where the stream may keep what it is given. */
  private readonly scratch: Scratch | null;
  /** The stream passes buffers on by reference (memory): it gets copies. */
  private readonly copies: boolean;
  private readonly onWritten: (error?: Error | null) => void;
  private parts: readonly Uint8Array[];
  private part: number;
  private offset: number;
  private left: number;

  constructor(stream: Duplex, sink: WriterSink, scratch: Scratch | null, copies: boolean) {
    this.stream = stream;
    this.sink = sink;
    this.scratch = scratch;
    this.copies = copies;
    this.onWritten = (error) => {
      if (!error) this.wrote();
    };
    this.parts = NO_PARTS;
    this.part = 0;
    this.offset = 0;
    this.left = 0;
  }

  /** Writes a latin1 head and the body behind it. One request at a time. */
  write(head: string, body: readonly Uint8Array[]): void {
    const length = totalLength(body);
    if (head.length + length <= SMALL) return this.writeSmall(head, body, head.length + length);
    this.parts = body;
    this.part = 0;
    this.offset = 0;
    this.left = length;
    this.stream.cork();
    this.stream.write(head, "latin1");
    this.writeBatch();
    this.stream.uncork();
  }

  private writeSmall(head: string, body: readonly Uint8Array[], length: number): void {
    const { stream, scratch } = this;
    const out = scratch === null ? Buffer.allocUnsafe(length) : scratch.bytes.subarray(0, length);
    copyParts(out, writeLatin1(out, head, 0), body);
    this.left = 0;
    // Memory may answer within the write, and it has its copy.
    if (this.copies) this.sink.onSent();
    stream.write(out, this.onWritten);
    if (stream.writableLength > 0 || stream.errored !== null) scratch?.giveAway();
  }

  private writeBatch(): void {
    let room = BATCH;
    while (this.left > 0 && room > 0) {
      const part = this.parts[this.part] as Uint8Array;
      const end = Math.min(part.length, this.offset + room);
      const slice = part.subarray(this.offset, end);
      room -= slice.length;
      this.left -= slice.length;
      this.offset = end;
      if (end === part.length) {
        this.part++;
        this.offset = 0;
      }
      if (slice.length === 0) continue;
      const isLast = this.left === 0 || room === 0;
      this.stream.write(this.copies ? Buffer.from(slice) : slice, isLast ? this.onWritten : undefined);
    }
  }

  private wrote(): void {
    this.sink.onWriteProgress();
    if (this.left === 0) {
      this.parts = NO_PARTS;
      this.sink.onSent();
      return;
    }
    this.stream.cork();
    this.writeBatch();
    this.stream.uncork();
  }
}

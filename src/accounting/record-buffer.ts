// Gathers the records of settled exchanges on the loop and sends them away by the buffer; a row without room is dropped, never waited for.
import type { Exchange } from "../core/exchange.ts";
import type { RecordsMessage } from "../core/plane-messages.ts";
import { RECORD_BUFFER_BYTES } from "../core/record.ts";
import { RecordPacker } from "../core/record-pack.ts";

/** Rows are readable within 250 ms of the answer: this is the first part of it. Shorter costs more than it gives. */
const SEND_AFTER = 50;

/** Buffers that exist at most, the one being filled included; with the control plane away they are all our memory for rows. */
const MAX_BUFFERS = 8;

export interface RecordBufferOptions {
  /** Sends to the control plane; false when the channel is closed: the buffer is then kept for the next one. */
  readonly send: (message: RecordsMessage, transfer: readonly ArrayBuffer[]) => boolean;
  /** For tests. */
  readonly bufferBytes?: number;
  readonly maxBuffers?: number;
  readonly sendAfter?: number;
}

export class RecordBuffer {
  /** Records dropped since the start, for want of a free buffer. */
  dropped = 0;
  readonly #packer = new RecordPacker();
  readonly #send: RecordBufferOptions["send"];
  readonly #bytes: number;
  readonly #maxBuffers: number;
  readonly #timer: NodeJS.Timeout;
  readonly #free: ArrayBuffer[] = [];
  /** Full ones that no control plane was there to take. */
  readonly #unsent: ArrayBuffer[] = [];
  #current: ArrayBuffer | null = null;
  /** Buffers that were made and not lost: free, being filled or under way. */
  #made = 0;
  #underWay = 0;
  #droppedTold = 0;
  #isArmed = false;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: RecordBufferOptions) {
    this.#send = options.send;
    this.#bytes = options.bufferBytes ?? RECORD_BUFFER_BYTES;
    this.#maxBuffers = options.maxBuffers ?? MAX_BUFFERS;
    // One timer for ever, wound up again by the first record of each buffer.
    this.#timer = setTimeout(() => this.flush(), options.sendAfter ?? SEND_AFTER).unref();
  }

  /** Takes a settled exchange. Reads it now and keeps nothing of it. */
  add(exchange: Exchange): void {
    if (!exchange.snapshot.settings.loggingEnabled || this.#closed) return;
    if (this.#ready() && this.#packer.pack(exchange)) return this.#arm();
    this.flush();
    if (this.#ready() && this.#packer.pack(exchange)) return this.#arm();
    this.dropped++;
  }

  /** Sends what there is now. */
  flush(): void {
    this.#isArmed = false;
    if (this.#current !== null && this.#packer.count > 0) {
      this.#packer.close();
      this.#unsent.push(this.#current);
      this.#current = null;
    }
    while (this.#unsent.length > 0 && this.#sendFirst());
    if (this.#unsent.length > 0 && !this.#closed) this.#arm();
  }

  /** A buffer comes back from the control plane. */
  release(buffer: ArrayBuffer): void {
    if (this.#underWay === 0 || buffer.byteLength !== this.#bytes) return;
    this.#underWay--;
    this.#free.push(buffer);
    this.#wake();
  }

  /** The control plane began anew: what was under way is gone with the old one, and the new one knows no words. */
  restart(): void {
    this.#made -= this.#underWay;
    this.#underWay = 0;
    this.#packer.forgetSent();
    if (this.#unsent.length > 0) this.#arm();
    this.#wake();
  }

  /** Takes no more, sends the rest, and resolves when every buffer came back or after `timeout` ms. */
  async drain(timeout: number): Promise<void> {
    this.#closed = true;
    this.flush();
    clearTimeout(this.#timer);
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** A buffer to pack into is at hand. */
  #ready(): boolean {
    if (this.#current !== null) return true;
    const buffer = this.#free.pop() ?? this.#make();
    if (buffer === null) return false;
    this.#current = buffer;
    this.#packer.begin(buffer);
    return true;
  }

  #make(): ArrayBuffer | null {
    if (this.#made >= this.#maxBuffers) return null;
    this.#made++;
    return new ArrayBuffer(this.#bytes);
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#timer.refresh();
  }

  /** False when there is nobody to send to. */
  #sendFirst(): boolean {
    const buffer = this.#unsent[0] as ArrayBuffer;
    const rows = new Float64Array(buffer)[0] as number;
    const dropped = this.dropped - this.#droppedTold;
    const { firstWord, words } = this.#packer.takeWords();
    const isSent = this.#send({ type: "records", buffer, dropped, droppedContent: 0, firstWord, words }, [buffer]);
    if (!isSent) {
      this.#packer.forgetSent();
      // A channel that closed in the middle may have taken it away.
      if (buffer.byteLength === 0) this.#lose(rows);
      return false;
    }
    this.#unsent.shift();
    this.#underWay++;
    this.#droppedTold += dropped;
    return true;
  }

  #lose(rows: number): void {
    this.#unsent.shift();
    this.#made--;
    this.dropped += rows;
  }

  #wake(): void {
    if (this.#underWay > 0) return;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}

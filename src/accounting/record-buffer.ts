// Gathers the records of settled exchanges on the loop and sends them away by the buffer; what has no room is dropped, content before rows.
import { contentLevelOf } from "../core/content-level.ts";
import type { ContentLevel } from "../core/entities.ts";
import type { Exchange } from "../core/exchange.ts";
import type { ContentMessage, RecordsMessage } from "../core/plane-messages.ts";
import { RECORD_BUFFER_BYTES } from "../core/record.ts";
import { type ContentLoss, RecordPacker } from "../core/record-pack.ts";
import { WholeContents } from "./whole-contents.ts";

/** Rows are readable within 250 ms of the answer: this is the first part of it. Shorter costs more than it gives. */
const SEND_AFTER = 50;

/** Buffers that exist at most, the one being filled included; with the control plane away they are all our memory for rows. */
const MAX_BUFFERS = 8;
/** Of so many buffers one is for rows without content: they go on while nothing else does. */
const BUFFERS_TO_A_RESERVE = 4;

export interface RecordBufferOptions {
  /** Sends to the control plane; false when the channel is closed: the buffer is then kept for the next one. */
  readonly send: (message: RecordsMessage | ContentMessage, transfer: readonly ArrayBuffer[]) => boolean;
  /** For tests. */
  readonly bufferBytes?: number;
  readonly maxBuffers?: number;
  readonly sendAfter?: number;
  readonly maxWholeBytes?: number;
}

export class RecordBuffer {
  /** Records dropped since the start, for want of a free buffer. */
  dropped = 0;
  /** Contents dropped since the start while their rows were kept. */
  droppedContent = 0;
  readonly #packer = new RecordPacker();
  readonly #send: RecordBufferOptions["send"];
  readonly #whole: WholeContents;
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
  #droppedContentTold = 0;
  #isArmed = false;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: RecordBufferOptions) {
    this.#send = options.send;
    const { send, maxWholeBytes } = options;
    this.#whole = new WholeContents(maxWholeBytes === undefined ? { send } : { send, maxBytes: maxWholeBytes });
    this.#bytes = options.bufferBytes ?? RECORD_BUFFER_BYTES;
    this.#maxBuffers = options.maxBuffers ?? MAX_BUFFERS;
    // One timer for ever, wound up again by the first record of each buffer.
    this.#timer = setTimeout(() => this.flush(), options.sendAfter ?? SEND_AFTER).unref();
  }

  /** Takes a settled exchange. Reads it now and keeps nothing of it. */
  add(exchange: Exchange): void {
    if (!exchange.snapshot.settings.loggingEnabled || this.#closed) return;
    if (this.#tryAdding(exchange)) return;
    this.flush();
    if (!this.#tryAdding(exchange)) this.dropped++;
  }

  #tryAdding(exchange: Exchange): boolean {
    if (!this.#ready()) return false;
    const level = contentLevelOf(exchange);
    const loss = level === "off" ? "none" : this.#lossFor(exchange, level);
    if (!this.#packer.pack(exchange, loss)) return false;
    if (loss !== "none") this.droppedContent++;
    else if (level === "full") this.#whole.add(exchange);
    this.#arm();
    return true;
  }

  /** What of the content has no room now. */
  #lossFor(exchange: Exchange, level: ContentLevel): ContentLoss {
    const left = this.#maxBuffers - this.#made + this.#free.length;
    if (left < Math.floor(this.#maxBuffers / BUFFERS_TO_A_RESERVE)) return "all";
    return level === "full" && !this.#whole.hasRoomFor(exchange) ? "whole" : "none";
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
    // a content follows its row
    if (this.#unsent.length === 0 && this.#whole.isWaiting) this.droppedContent += this.#whole.flush();
    if ((this.#unsent.length > 0 || this.#whole.isWaiting) && !this.#closed) this.#arm();
  }

  /** The control plane has let go of so many bytes of whole contents. */
  releaseContent(bytes: number): void {
    this.#whole.release(bytes);
    this.#wake();
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
    this.#whole.restart();
    this.#packer.forgetSent();
    if (this.#unsent.length > 0 || this.#whole.isWaiting) this.#arm();
    this.#wake();
  }

  /** Takes no more, sends the rest, and resolves when every buffer came back or after `timeout` ms. */
  async drain(timeout: number): Promise<void> {
    this.#closed = true;
    this.flush();
    clearTimeout(this.#timer);
    if (this.#isQuiet) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** The control plane holds nothing of ours. */
  get #isQuiet(): boolean {
    return this.#underWay === 0 && this.#whole.underWay === 0;
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
    const droppedContent = this.droppedContent - this.#droppedContentTold;
    const { firstWord, words } = this.#packer.takeWords();
    const isSent = this.#send({ type: "records", buffer, dropped, droppedContent, firstWord, words }, [buffer]);
    if (!isSent) {
      this.#packer.forgetSent();
      // A channel that closed in the middle may have taken it away.
      if (buffer.byteLength === 0) this.#lose(rows);
      return false;
    }
    this.#unsent.shift();
    this.#underWay++;
    this.#droppedTold += dropped;
    this.#droppedContentTold += droppedContent;
    return true;
  }

  #lose(rows: number): void {
    this.#unsent.shift();
    this.#made--;
    this.dropped += rows;
  }

  #wake(): void {
    if (!this.#isQuiet) return;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}

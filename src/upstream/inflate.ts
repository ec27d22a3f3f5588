// Inflates a compressed answer as it arrives, in order and with bounded memory, by zlib's own threads.

import type { Transform } from "node:stream";
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  type Zlib,
} from "node:zlib";

/** Gets what comes out. After `onInflateFailure` or `stop` nothing comes any more. */
export interface InflateSink {
  /** A view that is not used again. */
  onInflated(bytes: Buffer): void;
  /** Room again after `feed` returned false. */
  onInflateDrain(): void;
  onInflateEnd(): void;
  /** `unfinished`: the data ended within the compressed stream. */
  onInflateFailure(unfinished: boolean, detail: string): void;
}

type Decoder = Transform & Zlib;

/** 64 KB: what is made of one read in one step of a thread, and what waits at most for a paused reader. */
const OPTIONS = { chunkSize: 64 * 1024 };

const CODINGS: Readonly<Record<string, (first: number) => Decoder>> = {
  gzip: () => createGunzip(OPTIONS),
  "x-gzip": () => createGunzip(OPTIONS),
  br: () => createBrotliDecompress(OPTIONS),
  zstd: () => createZstdDecompress(OPTIONS),
  // "deflate" means zlib's format; some servers send the raw one. The first byte tells them apart.
  deflate: (first) => ((first & 0x0f) === 8 ? createInflate(OPTIONS) : createInflateRaw(OPTIONS)),
};

/** `identity` for no coding, the coding's name, or null for one that is not understood. */
export function readCoding(contentEncoding: string | undefined): string | null {
  if (contentEncoding === undefined) return "identity";
  const name = contentEncoding.trim().toLowerCase();
  if (name === "" || name === "identity") return "identity";
  return Object.hasOwn(CODINGS, name) ? name : null;
}

/** One compressed body. */
export class Inflater {
  private readonly coding: string;
  private readonly sink: InflateSink;
  private decoder: Decoder | null;
  private paused: boolean;
  private stopped: boolean;

  constructor(coding: string, sink: InflateSink) {
    this.coding = coding;
    this.sink = sink;
    this.decoder = null;
    this.paused = false;
    this.stopped = false;
  }

  /** Takes a copy of these bytes. False: no more until `onInflateDrain`. */
  feed(bytes: Buffer): boolean {
    this.decoder ??= this.open(bytes[0] as number);
    return this.decoder.write(Buffer.from(bytes));
  }

  /** All bytes were fed; `onInflateEnd` follows when all came out. A body without a byte needs no end of its stream. */
  finish(): void {
    if (this.decoder === null) process.nextTick(endOf, this);
    else this.decoder.end();
  }

  pause(): void {
    this.paused = true;
    this.decoder?.pause();
  }

  resume(): void {
    this.paused = false;
    this.decoder?.resume();
  }

  stop(): void {
    this.stopped = true;
    this.decoder?.destroy();
  }

  /** Tells the end, unless it was stopped. */
  end(): void {
    if (!this.stopped) this.sink.onInflateEnd();
  }

  private open(firstByte: number): Decoder {
    const decoder = (CODINGS[this.coding] as (first: number) => Decoder)(firstByte);
    decoder.on("data", (bytes: Buffer) => {
      if (!this.stopped) this.sink.onInflated(bytes);
    });
    decoder.on("drain", () => {
      if (!this.stopped) this.sink.onInflateDrain();
    });
    decoder.on("end", () => this.end());
    decoder.on("error", (error: NodeJS.ErrnoException) => this.fail(error));
    if (this.paused) decoder.pause();
    return decoder;
  }

  private fail(error: NodeJS.ErrnoException): void {
    if (this.stopped) return;
    this.stopped = true;
    // zlib, brotli and zstd each have a word of their own for it.
    const unfinished = error.code === "Z_BUF_ERROR" || /unexpected end/i.test(error.message);
    this.sink.onInflateFailure(unfinished, `${this.coding}: ${error.code ?? ""} ${error.message}`);
  }
}

function endOf(inflater: Inflater): void {
  inflater.end();
}

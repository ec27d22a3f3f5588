// Takes chunked bodies apart as their bytes arrive, strictly, without keeping or copying a byte of the data.
import { FIELD_VALUE, isWord, LOWER, TOKEN } from "./bytes.ts";

/** Gets the data: bytes[from, end) is valid until the call returns and never empty. */
export interface ChunkSink {
  onData(bytes: Buffer, from: number, end: number): void;
}

const SIZE = 0;
const SIZE_LF = 1;
const DATA = 2;
const DATA_CR = 3;
const DATA_LF = 4;
const EXTENSION_NAME = 5;
const EXTENSION_VALUE = 6;
const QUOTED = 7;
const QUOTED_PAIR = 8;
const QUOTED_END = 9;
const TRAILER_START = 10;
const TRAILER_NAME = 11;
const TRAILER_VALUE = 12;
const TRAILER_LF = 13;
const LAST_LF = 14;

/** A chunk is at most 4 GB, told in eight digits; a longer size is an attempt at an overflow. */
const MAX_DIGITS = 8;
/** All extensions of a body together; more would be work without data. */
const MAX_EXTENSIONS = 4096;
/** All trailer fields of a body together. */
const MAX_TRAILERS = 8192;
/** Fields that steer the connection or the message's bounds mean nothing good behind its body. */
const FRAMING = [
  "content-length",
  "transfer-encoding",
  "host",
  "connection",
  "trailer",
  "te",
  "upgrade",
  "expect",
  "content-encoding",
  "content-type",
];
const LONGEST = 17;

/** One chunked body after another: `reset`, then `feed` each read until it returns true or `error` is set. */
export class ChunkedDecoder {
  error: string | null;
  /** Index after the last byte that was used, counted in the bytes of the last feed. */
  consumed: number;
  private state: number;
  private left: number;
  private digits: number;
  private extensions: number;
  private trailers: number;
  private name: Buffer;
  private nameLength: number;

  constructor() {
    this.error = null;
    this.consumed = 0;
    this.state = SIZE;
    this.left = 0;
    this.digits = 0;
    this.extensions = 0;
    this.trailers = 0;
    this.name = Buffer.alloc(LONGEST);
    this.nameLength = 0;
  }

  /** Makes it ready for the next body. */
  reset(): void {
    this.error = null;
    this.consumed = 0;
    this.state = SIZE;
    this.left = 0;
    this.digits = 0;
    this.extensions = 0;
    this.trailers = 0;
    this.nameLength = 0;
  }

  /** Reads bytes[from, end). True: the body is complete and `consumed` stands behind it. Nothing is read after an error. */
  feed(bytes: Buffer, from: number, end: number, sink: ChunkSink): boolean {
    let at = from;
    while (at < end && this.error === null) {
      if (this.state === DATA) {
        const stop = end - at < this.left ? end : at + this.left;
        this.left -= stop - at;
        if (this.left === 0) this.state = DATA_CR;
        sink.onData(bytes, at, stop);
        at = stop;
      } else if (this.step(bytes[at++] as number)) {
        this.consumed = at;
        return true;
      }
    }
    this.consumed = at;
    return false;
  }

  /** One byte outside the data. True: it was the last of the body. */
  private step(byte: number): boolean {
    switch (this.state) {
      case SIZE:
        this.readSize(byte);
        return false;
      case SIZE_LF:
        if (byte !== 10) this.fail("a chunk size is not ended by CR LF");
        this.state = this.left > 0 ? DATA : TRAILER_START;
        this.digits = 0;
        return false;
      case DATA_CR:
        if (byte !== 13) this.fail("a chunk is longer than its size says");
        this.state = DATA_LF;
        return false;
      case DATA_LF:
        if (byte !== 10) this.fail("a chunk's data is not ended by CR LF");
        this.state = SIZE;
        return false;
      case LAST_LF:
        if (byte === 10) return true;
        this.fail("the last chunk is not ended by CR LF");
        return false;
      default:
        if (this.state >= TRAILER_START) this.readTrailer(byte);
        else this.readExtension(byte);
        return false;
    }
  }

  private readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      if (++this.digits > MAX_DIGITS) this.fail("a chunk size is longer than eight digits");
      else this.left = this.left * 16 + digit;
    } else if (this.digits === 0) this.fail("a chunk size is no hexadecimal number");
    else this.endSizeLine(byte, "a chunk size is followed by something else than CR LF or an extension");
  }

  /** After a size or an extension: the line ends or another extension begins. */
  private endSizeLine(byte: number, otherwise: string): void {
    if (byte === 13) this.state = SIZE_LF;
    else if (byte === 59) {
      this.state = EXTENSION_NAME;
      this.nameLength = 0;
    } else this.fail(otherwise);
  }

  private readExtension(byte: number): void {
    if (++this.extensions > MAX_EXTENSIONS) return this.fail("the chunk extensions are too long");
    const bad = "a chunk extension is malformed";
    switch (this.state) {
      case EXTENSION_NAME:
        if (TOKEN[byte]) this.nameLength = 1;
        else if (this.nameLength === 0) this.fail(bad);
        else if (byte === 61) {
          this.state = EXTENSION_VALUE;
          this.nameLength = 0;
        } else this.endSizeLine(byte, bad);
        return;
      case EXTENSION_VALUE:
        if (TOKEN[byte]) this.nameLength = 1;
        else if (this.nameLength > 0) this.endSizeLine(byte, bad);
        else if (byte === 34) this.state = QUOTED;
        else this.fail(bad);
        return;
      case QUOTED:
        if (byte === 34) this.state = QUOTED_END;
        else if (byte === 92) this.state = QUOTED_PAIR;
        else if (!FIELD_VALUE[byte]) this.fail(bad);
        return;
      case QUOTED_PAIR:
        if (FIELD_VALUE[byte]) this.state = QUOTED;
        else this.fail(bad);
        return;
      default:
        this.endSizeLine(byte, bad);
    }
  }

  /** Trailer fields are checked like header fields and dropped: nothing that comes after a body is acted on. */
  private readTrailer(byte: number): void {
    if (++this.trailers > MAX_TRAILERS) return this.fail("the trailer fields are too long");
    switch (this.state) {
      case TRAILER_START:
        this.nameLength = 0;
        if (byte === 13) this.state = LAST_LF;
        else if (TOKEN[byte]) {
          this.state = TRAILER_NAME;
          this.keepName(byte);
        } else this.fail("a trailer field has no name");
        return;
      case TRAILER_NAME:
        if (TOKEN[byte]) this.keepName(byte);
        else if (byte !== 58) this.fail("a trailer field's name is not ended by a colon");
        else if (this.isFramingName()) this.fail("a trailer field names a field that belongs into the head");
        else this.state = TRAILER_VALUE;
        return;
      case TRAILER_VALUE:
        if (byte === 13) this.state = TRAILER_LF;
        else if (!FIELD_VALUE[byte]) this.fail("a trailer field's value holds a control character");
        return;
      default:
        if (byte === 10) this.state = TRAILER_START;
        else this.fail("a trailer field is not ended by CR LF");
    }
  }

  private keepName(byte: number): void {
    if (this.nameLength < LONGEST) this.name[this.nameLength] = LOWER[byte] as number;
    this.nameLength++;
  }

  private isFramingName(): boolean {
    return this.nameLength <= LONGEST && FRAMING.some((name) => isWord(this.name, 0, this.nameLength, name));
  }

  private fail(reason: string): void {
    this.error ??= reason;
  }
}

function hexDigit(byte: number): number {
  const digit = byte - 48;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (byte | 32) - 87;
  return letter >= 10 && letter <= 15 ? letter : -1;
}

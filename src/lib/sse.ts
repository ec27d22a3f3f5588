// Splits server-sent events out of the chunks of a byte stream: as ranges of bytes, or parsed.

const EMPTY = Buffer.alloc(0);
const LF = 10;
const CR = 13;
const COLON = 58;
const DATA = Buffer.from("data");
const EVENT = Buffer.from("event");
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** One event may be this long unless the maker says otherwise: images and tool arguments are. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** A tail buffer larger than this is let go once its event is over. */
const KEPT_TAIL_BYTES = 256 * 1024;

/**
 * A cursor over whole events. `feed` a chunk, then call `next` until it is false: each time the fields tell one event
 * as ranges of `bytes`. An unfinished event at the end of the chunk is copied and goes on with the next one, so the
 * chunk's memory may be reused then. `bytes` and the ranges hold until the next `feed`; what is to outlive it, also
 * what is handed to a socket, must be copied.
 */
export class SseSplitter {
  /** What the ranges point into: the chunk itself, or our own copy where an event began in an earlier one. */
  bytes: Buffer = EMPTY;
  /** The event with the blank line that ends it. */
  eventStart = 0;
  eventEnd = 0;
  /** From the first data line's first byte to the last one's end; one range only where `dataLines` is 1. */
  dataStart = -1;
  dataEnd = -1;
  /** 0: a block of comments or of other fields. */
  dataLines = 0;
  /** The event field's value; -1: none. */
  nameStart = -1;
  nameEnd = -1;
  /** The event grew beyond the limit; nothing more is taken. */
  tooLong = false;

  readonly #limit: number;
  /** Copy of the unfinished event: own[tailFrom, tailTo). */
  #own: Buffer = EMPTY;
  #tailFrom = 0;
  #tailTo = 0;
  /** Start of the line being read, and up to where its end was looked for. */
  #line = 0;
  #searched = 0;
  /** The next CR known; the length where there is none. */
  #carriage = -1;
  /** A CR ended the last line at the very end of the chunk: a LF that follows belongs to it. */
  #skipsLf = false;
  #started = false;
  /** The fields tell an event that is over; the next one begins behind it. */
  #done = false;
  /** The ranges point into our own copy. */
  #inOwn = false;

  constructor(limit: number = MAX_EVENT_BYTES) {
    this.#limit = limit;
  }

  /** Takes the next chunk; false when an event is longer than the limit. */
  feed(chunk: Buffer): boolean {
    if (this.tooLong) return false;
    const tail = this.#tailTo - this.#tailFrom;
    if (tail > 0) this.#append(chunk, tail);
    else {
      if (this.#own.length > KEPT_TAIL_BYTES) this.#own = EMPTY;
      this.bytes = chunk;
      this.#move(this.eventStart);
    }
    this.#inOwn = tail > 0;
    this.#carriage = -1;
    return true;
  }

  /** Goes to the next whole event; false when the chunk has no other. */
  next(): boolean {
    if (this.tooLong || !this.#begin()) return false;
    if (this.#done) this.#clear();
    return this.#lines();
  }

  /** Where the next event begins, when nothing of it has been read; -1: in the middle of one. */
  get boundary(): number {
    if (!this.#started || this.#skipsLf || this.tooLong) return -1;
    if (this.#done) return this.eventEnd;
    return this.#line === this.eventStart && this.#searched === this.eventStart ? this.eventStart : -1;
  }

  /** Goes on at `to`, behind whole events that begin at the boundary and were looked at elsewhere. */
  jump(to: number): void {
    this.eventEnd = to;
    this.#clear();
  }

  /** After the last chunk: true when an event stands at the end without its blank line; the fields tell it. */
  finish(): boolean {
    const tail = this.#tailTo - this.#tailFrom;
    if (this.tooLong || tail === 0) return false;
    this.feed(Buffer.from("\n\n"));
    return this.next() && this.dataLines > 0;
  }

  /** The event's name, or empty. */
  name(): string {
    return this.nameStart < 0 ? "" : this.bytes.toString("utf8", this.nameStart, this.nameEnd);
  }

  /** The event's data as text, its lines joined. */
  data(): string {
    if (this.dataLines === 0) return "";
    if (this.dataLines === 1) return this.bytes.toString("utf8", this.dataStart, this.dataEnd);
    const text = this.bytes.toString("utf8", this.dataStart, this.dataEnd);
    const [first, ...rest] = text.split(/\r\n|\r|\n/);
    const more = rest.filter((line) => line === "data" || line.startsWith("data:"));
    return [first, ...more.map((line) => line.replace(/^data:? ?/, ""))].join("\n");
  }

  /** Skips a byte order mark, once; false when the bytes may be the half of one. */
  #begin(): boolean {
    if (this.#started) return true;
    const length = Math.min(BOM.length, this.bytes.length);
    const isBom = BOM.compare(this.bytes, 0, length, 0, length) === 0;
    if (isBom && length < BOM.length) return this.#keep();
    if (isBom) this.eventStart = this.#line = this.#searched = BOM.length;
    this.#started = true;
    return true;
  }

  /** Forgets the event that is over. */
  #clear(): void {
    this.#done = false;
    this.eventStart = this.#line = this.#searched = this.eventEnd;
    this.dataStart = this.dataEnd = this.nameStart = this.nameEnd = -1;
    this.dataLines = 0;
  }

  /** Reads lines up to a blank one that ends an event. */
  #lines(): boolean {
    const bytes = this.bytes;
    for (;;) {
      if (this.#skipsLf && this.#line < bytes.length) {
        this.#skipsLf = false;
        if (bytes[this.#line] === LF) {
          if (this.eventStart === this.#line) this.eventStart++;
          this.#searched = ++this.#line;
        }
      }
      const end = this.#lineEnd();
      if (end < 0) return this.#keep();
      const from = this.#line;
      this.#skipsLf = bytes[end] === CR && end + 1 === bytes.length;
      this.#line = this.#searched = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1;
      if (end > from) this.#field(from, end);
      else if (from === this.eventStart) this.eventStart = this.#line;
      else {
        this.eventEnd = this.#line;
        this.#done = true;
        return true;
      }
    }
  }

  /** Index of the LF or CR that ends the current line; -1: it is not there yet. */
  #lineEnd(): number {
    const bytes = this.bytes;
    const from = this.#searched;
    if (from < bytes.length && bytes[from] === LF) return from;
    if (this.#carriage < from) {
      const found = bytes.indexOf(CR, from);
      this.#carriage = found < 0 ? bytes.length : found;
    }
    const feed = bytes.indexOf(LF, from);
    if (feed >= 0 && feed < this.#carriage) return feed;
    if (this.#carriage < bytes.length) return this.#carriage;
    this.#searched = bytes.length;
    return -1;
  }

  #field(from: number, to: number): void {
    const bytes = this.bytes;
    if (startsWith(bytes, DATA, from, to)) {
      const start = valueStart(bytes, from + DATA.length, to);
      if (this.dataLines++ === 0) this.dataStart = start;
      this.dataEnd = to;
    } else if (startsWith(bytes, EVENT, from, to)) {
      this.nameStart = valueStart(bytes, from + EVENT.length, to);
      this.nameEnd = to;
    }
  }

  /** Keeps the unfinished event for the next chunk; always false. */
  #keep(): false {
    const length = this.bytes.length - this.eventStart;
    if (length > this.#limit) this.tooLong = true;
    if (this.tooLong || length === 0) {
      this.#tailFrom = this.#tailTo = 0;
      if (this.tooLong) this.#own = EMPTY;
    } else if (this.#inOwn) {
      // Events before it may still be read: it is moved with the next chunk.
      this.#tailFrom = this.eventStart;
      this.#tailTo = this.bytes.length;
    } else {
      this.#reserve(length);
      this.bytes.copy(this.#own, 0, this.eventStart);
      this.#tailFrom = 0;
      this.#tailTo = length;
      this.#move(this.eventStart);
    }
    return false;
  }

  #append(chunk: Buffer, tail: number): void {
    const from = this.#tailFrom;
    if (from > 0) {
      this.#own.copyWithin(0, from, this.#tailTo);
      this.#move(from);
    }
    this.#tailFrom = 0;
    this.#tailTo = tail;
    this.#reserve(tail + chunk.length);
    chunk.copy(this.#own, tail);
    this.bytes = this.#own.subarray(0, tail + chunk.length);
  }

  /** Makes room for `length` bytes, keeping the tail. */
  #reserve(length: number): void {
    if (this.#own.length >= length) return;
    const grown = Buffer.allocUnsafe(Math.max(length, this.#own.length * 2, 4096));
    this.#own.copy(grown, 0, 0, this.#tailTo);
    this.#own = grown;
  }

  /** Moves all positions back by as many bytes as stand before the event. */
  #move(by: number): void {
    this.eventStart -= by;
    this.#line -= by;
    this.#searched -= by;
    if (this.dataLines > 0) {
      this.dataStart -= by;
      this.dataEnd -= by;
    }
    if (this.nameStart >= 0) {
      this.nameStart -= by;
      this.nameEnd -= by;
    }
  }
}

/** Whether the line bytes[from, to) is the field of this name. */
function startsWith(bytes: Buffer, name: Buffer, from: number, to: number): boolean {
  const after = from + name.length;
  if (after > to || (after < to && bytes[after] !== COLON)) return false;
  for (let k = 0; k < name.length; k++) if (bytes[from + k] !== name[k]) return false;
  return true;
}

/** Where the value begins behind a field's name: after the colon and one space. */
function valueStart(bytes: Buffer, i: number, to: number): number {
  if (i >= to) return to;
  return i + 1 < to && bytes[i + 1] === 32 ? i + 2 : i + 1;
}

/** One event as text. `name` is empty where the event has none. */
export interface SseEvent {
  readonly name: string;
  readonly data: string;
}

/** Parses a byte stream to events that carry data, for the decoders. */
export class SseReader {
  readonly #splitter: SseSplitter;

  constructor(limit: number = MAX_EVENT_BYTES) {
    this.#splitter = new SseSplitter(limit);
  }

  /** The events that this chunk completes. Throws RangeError when one is longer than the limit. */
  push(chunk: Buffer): SseEvent[] {
    const events: SseEvent[] = [];
    const splitter = this.#splitter;
    splitter.feed(chunk);
    while (splitter.next()) {
      if (splitter.dataLines > 0) events.push({ name: splitter.name(), data: splitter.data() });
    }
    if (splitter.tooLong) throw new RangeError("an event of the stream is too long");
    return events;
  }

  /** After the last chunk: the event that stands there without its blank line, if any. */
  finish(): SseEvent[] {
    const splitter = this.#splitter;
    return splitter.finish() ? [{ name: splitter.name(), data: splitter.data() }] : [];
  }
}

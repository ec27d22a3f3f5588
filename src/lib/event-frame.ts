// Knows the events of one stream that bring nothing but text by what stands around the text, and steps over them together.

import { findRepeats, found } from "./json-scan-wasm.ts";
import { escapeBytes } from "./json-text.ts";

/** Halves shorter than this are compared with what stands beside them: there are none that short. */
const SHORTEST_HALF = 16;
/** So many tries without a hit in a row, and no more is tried: this provider's events differ from one another. */
const MOST_MISSES = 4;
const LONGEST = 4096;
const NOTHING = Buffer.alloc(0);

/**
 * Most providers repeat everything but the text byte for byte from event to event. An event that has the same frame as one that was looked
 * at, with a whole JSON string in the place of its text, need not be looked at.
 */
export class EventFrame {
  readonly #textName: string;
  #frame: Buffer = NOTHING;
  #before = 0;
  /** By how much escapes in the frame itself lengthen it. */
  #escaped = 0;
  #misses = 0;

  /** `textName`: what stands before the text, up to its opening quote. */
  constructor(textName: string) {
    this.#textName = textName;
  }

  /** Whether learning another event can help. */
  get isOpen(): boolean {
    return this.#misses < MOST_MISSES;
  }

  /** Takes the frame of bytes[from, to): one whole event, known to bring text alone. */
  learn(bytes: Buffer, from: number, to: number): void {
    if (to - from > LONGEST) return;
    const text = bytes.toString("latin1", from, to);
    const start = text.indexOf(this.#textName) + this.#textName.length;
    if (start < this.#textName.length) return;
    const end = closingQuote(text, start);
    if (end >= 0) this.learnAround(bytes, from, to, from + start, from + end);
  }

  /** The same where it is known that the text is bytes[textFrom, textTo). */
  learnAround(bytes: Buffer, from: number, to: number, textFrom: number, textTo: number): void {
    const before = textFrom - from;
    const after = to - textTo;
    if (to - from > LONGEST || before < SHORTEST_HALF || after < SHORTEST_HALF) return;
    const frame = Buffer.allocUnsafe(before + after);
    bytes.copy(frame, 0, from, textFrom);
    bytes.copy(frame, before, textTo, to);
    this.#frame = frame;
    this.#before = before;
    this.#escaped = escapeBytes(frame, 0, frame.length);
  }

  /** The number of events of this frame that stand at `from`, one behind the other; `end` is then the index behind them. */
  run(bytes: Buffer, from: number): number {
    if (this.#frame.length === 0 || bytes.length - from < this.#frame.length || bytes.length - from > MOST_BYTES)
      return 0;
    findRepeats(bytes, from, bytes.length, this.#frame, this.#before);
    this.#misses = found.count === 0 ? this.#misses + 1 : 0;
    if (this.#misses >= MOST_MISSES) this.#frame = NOTHING;
    return found.count;
  }

  /** UTF-8 bytes of the texts of the events that `run` found at `from`. */
  textBytes(bytes: Buffer, from: number): number {
    const { count, end } = found;
    return end - from - count * this.#frame.length - escapeBytes(bytes, from, end) + count * this.#escaped;
  }

  /** Behind the events that `run` found. */
  get end(): number {
    return found.end;
  }
}

/** What the scanner's memory takes in one go. */
const MOST_BYTES = 512 * 1024;

function closingQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text.charCodeAt(i) === 34) return i;
    if (text.charCodeAt(i) === 92) i++;
  }
  return -1;
}

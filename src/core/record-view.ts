// Looks at packed records (record-codec.ts) where they lie: what the request log filters and sums by, without unpacking them.
import type { ContentLevel } from "./entities.ts";
import type { RequestRecord } from "./record.ts";
import {
  ATTEMPT_FIELD,
  ATTEMPT_FLAG,
  ATTEMPT_SLOTS,
  CONTENT_LEVELS,
  COST_SLOTS,
  COUNT_SLOTS,
  FIELD,
  FIXED_SLOTS,
  FLAG,
  LIST,
  PART_SLOTS,
  SIZE,
  STRING_FIELDS,
  USAGE_SLOTS,
} from "./record-codec.ts";
import { unpackRecordAt } from "./record-unpack.ts";
import type { Words } from "./record-words.ts";

const NO_TAGS: RequestRecord["tags"] = [];

/** Where the bytes of a content stand. */
export interface ContentPlace {
  readonly from: number;
  readonly to: number;
}

/** The packed records of one buffer, looked at one after the other: one view serves them all. */
export class RecordView {
  readonly numbers: Float64Array;
  readonly bytes: Buffer;
  readonly words: Words;
  /** The first slot of the record. */
  start = 0;
  #text: string | null = null;
  /** An attempt's text is in no dictionary: rare enough to unpack the whole. */
  #unpacked: RequestRecord | null = null;

  constructor(buffer: ArrayBuffer, words: Words) {
    this.numbers = new Float64Array(buffer);
    this.bytes = Buffer.from(buffer);
    this.words = words;
  }

  /** Records in the buffer. */
  get count(): number {
    return this.numbers[0] as number;
  }

  /** Goes to the record that begins at a slot, and returns the slot behind it. Throws a RangeError where there is none. */
  move(start: number): number {
    const slots = this.numbers[start + SIZE.slots] as number;
    if (!(slots >= FIXED_SLOTS && start + slots <= this.numbers.length))
      throw new RangeError("a record has a wrong length");
    this.start = start;
    this.#text = null;
    this.#unpacked = null;
    return start + slots;
  }

  number(field: number): number {
    return this.numbers[this.start + field] as number;
  }

  numberOrNull(field: number): number | null {
    const value = this.numbers[this.start + field] as number;
    return value === -1 ? null : value;
  }

  has(flag: number): boolean {
    return ((this.numbers[this.start + SIZE.flags] as number) & flag) !== 0;
  }

  /** Of one of STRING_FIELDS. */
  string(field: number): string | null {
    const value = this.numbers[this.start + field] as number;
    if (value >= 0) return this.words.get(value);
    if (value === -1) return null;
    let from = 0;
    for (const before of STRING_FIELDS) {
      if (before >= field) break;
      const slot = this.numbers[this.start + before] as number;
      if (slot < -1) from += -2 - slot;
    }
    return this.text.slice(from, from - 2 - value);
  }

  /** All text of the record that is in no dictionary. */
  get text(): string {
    const from = this.dataFrom;
    return (this.#text ??= this.bytes.toString("utf8", from, from + this.number(SIZE.textBytes)));
  }

  /** The byte at which the text begins; the slots end there. */
  get dataFrom(): number {
    const bytes = this.number(SIZE.textBytes) + this.number(SIZE.inputBytes) + this.number(SIZE.outputBytes);
    return ((this.start + this.number(SIZE.slots)) << 3) - ((bytes + 7) & ~7);
  }

  get input(): ContentPlace | null {
    if (!this.has(FLAG.hasInput)) return null;
    const from = this.dataFrom + this.number(SIZE.textBytes);
    return { from, to: from + this.number(SIZE.inputBytes) };
  }

  get output(): ContentPlace | null {
    if (!this.has(FLAG.hasOutput)) return null;
    const from = this.dataFrom + this.number(SIZE.textBytes) + this.number(SIZE.inputBytes);
    return { from, to: from + this.number(SIZE.outputBytes) };
  }

  get attempts(): number {
    return this.number(SIZE.attempts);
  }

  get firstAttempt(): number {
    return this.start + FIXED_SLOTS;
  }

  /** The slot behind the attempt that begins at a slot. */
  behindAttempt(at: number): number {
    const { numbers } = this;
    const flags = numbers[at + ATTEMPT_FIELD.flags] as number;
    let next = at + ATTEMPT_SLOTS;
    if ((flags & ATTEMPT_FLAG.hasRawUsage) !== 0)
      next += USAGE_SLOTS + (numbers[next + 3] as number) * COUNT_SLOTS + (numbers[next + 4] as number);
    if ((flags & ATTEMPT_FLAG.hasCost) !== 0)
      next += COST_SLOTS + (numbers[next + 5] as number) * PART_SLOTS + (numbers[next + 6] as number);
    return next;
  }

  /** What an attempt cost; null = nothing of it is known. Nano-dollars. */
  attemptCost(at: number): number | null {
    const flags = this.numbers[at + ATTEMPT_FIELD.flags] as number;
    if ((flags & ATTEMPT_FLAG.hasCost) === 0) return null;
    let cost = at + ATTEMPT_SLOTS;
    if ((flags & ATTEMPT_FLAG.hasRawUsage) !== 0)
      cost += USAGE_SLOTS + (this.numbers[cost + 3] as number) * COUNT_SLOTS + (this.numbers[cost + 4] as number);
    return this.numbers[cost] as number;
  }

  /** A name of the attempt with this number, which begins at this slot. */
  attemptName(index: number, at: number, field: "provider" | "model" | "keyId"): string {
    const value = this.numbers[at + ATTEMPT_FIELD[field]] as number;
    return value >= 0 ? this.words.get(value) : (this.unpacked().attempts[index]?.[field] ?? "");
  }

  /** The attempt that a row speaks of: the one that answered, or the last; -1 = there was none. */
  get shownAttempt(): number {
    const { attempts } = this;
    const answered = this.number(FIELD.answeredBy);
    return answered >= 0 && answered < attempts ? answered : attempts - 1;
  }

  /** What is kept of the content. */
  get contentLevel(): ContentLevel {
    return CONTENT_LEVELS[this.number(FIELD.contentLevel)] ?? "ends";
  }

  /** Names and values; most records have none, and those that have are unpacked for it. */
  tags(): RequestRecord["tags"] {
    return this.number(LIST.tags) === 0 ? NO_TAGS : this.unpacked().tags;
  }

  /** The record as an object. */
  unpacked(): RequestRecord {
    return (this.#unpacked ??= unpackRecordAt(this.numbers, this.bytes, this.start, this.words));
  }

  /** A buffer of this record alone. */
  copy(): ArrayBuffer {
    const slots = this.number(SIZE.slots);
    const alone = new Float64Array(1 + slots);
    alone[0] = 1;
    alone.set(this.numbers.subarray(this.start, this.start + slots), 1);
    return alone.buffer;
  }

  /** The same without its content. */
  copyBare(): ArrayBuffer {
    const from = this.dataFrom;
    const textBytes = this.number(SIZE.textBytes);
    const fixed = (from >> 3) - this.start;
    const slots = fixed + ((textBytes + 7) >> 3);
    const alone = new Float64Array(1 + slots);
    alone[0] = 1;
    alone.set(this.numbers.subarray(this.start, this.start + fixed), 1);
    alone[1 + SIZE.slots] = slots;
    alone[1 + SIZE.inputBytes] = 0;
    alone[1 + SIZE.outputBytes] = 0;
    const kept = this.number(SIZE.flags) & ~(FLAG.hasInput | FLAG.hasOutput);
    alone[1 + SIZE.flags] = kept | FLAG.contentDropped;
    Buffer.from(alone.buffer).set(this.bytes.subarray(from, from + textBytes), (1 + fixed) << 3);
    return alone.buffer;
  }
}

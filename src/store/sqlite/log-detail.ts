// What of a row is in no column: the slots and the text of its packed record, with numbers as few bytes.
import type { RequestRecord } from "../../core/record.ts";
import { ATTEMPT_FIELD, FIELD, FIXED_SLOTS, FLAG, fixedSlotsOf, RECORD_LAYOUT, SIZE } from "../../core/record-codec.ts";
import { unpackRecordAt } from "../../core/record-unpack.ts";
import type { RecordView } from "../../core/record-view.ts";
import type { Words } from "../../core/record-words.ts";
import { PACKED_NUMBER_BYTES, PackedNumbers, packNumber } from "../../lib/packed-numbers.ts";

/*
 * Layout: the layout of the record, its dictionary, the count of its slots, the slots from the second one on, its text.
 * Times stand as whole µs, an absent one as -1. Id and time of the request stand in columns and are left out; so are the bytes of its content.
 */

/** Grows with the largest record. */
let scratch = new Uint8Array(4096);

/** ms with three places: more is noise and costs room. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The detail of the record that the view looks at. Valid until the next one is asked for. */
export function encodeDetail(view: RecordView, dictionary: number): Uint8Array {
  const { numbers, bytes, start } = view;
  const from = view.dataFrom;
  const textEnd = from + (numbers[start + SIZE.textBytes] as number);
  const end = from >> 3;
  const most = (end - start + 3) * PACKED_NUMBER_BYTES + textEnd - from;
  if (most > scratch.length) scratch = new Uint8Array(most * 2);
  const into = scratch;
  const idBytes = leadingId(view);
  let at = packNumber(into, 0, RECORD_LAYOUT);
  at = packNumber(into, at, dictionary);
  at = packNumber(into, at, end - start);
  at = packSlots(into, at, numbers, start + 1, start + FIELD.id);
  at = packNumber(into, at, idBytes > 0 ? -2 : (numbers[start + FIELD.id] as number));
  at = packNumber(into, at, 0);
  at = packTimes(into, at, numbers, start + FIELD.endedAt, start + FIELD.firstTokenAt);
  let done = start + FIELD.firstTokenAt + 1;
  let attempt = start + FIXED_SLOTS;
  for (let left = view.attempts; left > 0; left--) {
    at = packSlots(into, at, numbers, done, attempt + ATTEMPT_FIELD.startedAt);
    at = packTimes(into, at, numbers, attempt + ATTEMPT_FIELD.startedAt, attempt + ATTEMPT_FIELD.endedAt);
    done = attempt + ATTEMPT_FIELD.endedAt + 1;
    attempt = view.behindAttempt(attempt);
  }
  at = packSlots(into, at, numbers, done, end);
  for (let byte = from + idBytes; byte < textEnd; byte++) into[at++] = bytes[byte] as number;
  return into.subarray(0, at);
}

function packSlots(into: Uint8Array, at: number, numbers: Float64Array, from: number, to: number): number {
  let next = at;
  for (let slot = from; slot < to; slot++) next = packNumber(into, next, numbers[slot] as number);
  return next;
}

/** `last` is among them. */
function packTimes(into: Uint8Array, at: number, numbers: Float64Array, first: number, last: number): number {
  let next = at;
  for (let slot = first; slot <= last; slot++) {
    const ms = numbers[slot] as number;
    next = packNumber(into, next, ms < 0 ? -1 : Math.round(ms * 1000));
  }
  return next;
}

/** Bytes of the id at the beginning of the text; 0 where they are not its letters one by one. */
function leadingId(view: RecordView): number {
  const id = view.string(FIELD.id) ?? "";
  return view.number(FIELD.id) < -1 && Buffer.byteLength(id) === id.length ? id.length : 0;
}

/** The record without its content, and without the id and the time of the request. Throws a RangeError on what is no detail. */
export function decodeDetail(detail: Uint8Array, wordsOf: (dictionary: number) => Words): RequestRecord {
  const packed = new PackedNumbers(detail);
  const layout = packed.next();
  const fixed = fixedSlotsOf(layout);
  if (fixed === 0) throw new RangeError(`a row has the unknown layout ${layout}`);
  const words = wordsOf(packed.next());
  const slots = packed.next();
  if (!(slots >= fixed && slots <= detail.length)) throw new RangeError("a row has a wrong length");
  const values: number[] = [];
  for (let slot = 1; slot < slots; slot++) values.push(packed.next());
  const text = detail.subarray(packed.at);
  const numbers = new Float64Array(slots + ((text.length + 7) >> 3));
  const bytes = Buffer.from(numbers.buffer);
  numbers.set(values, 1);
  bytes.set(text, slots << 3);
  numbers[SIZE.slots] = numbers.length;
  numbers[SIZE.textBytes] = text.length;
  numbers[SIZE.inputBytes] = 0;
  numbers[SIZE.outputBytes] = 0;
  numbers[SIZE.flags] = (numbers[SIZE.flags] as number) & ~(FLAG.hasInput | FLAG.hasOutput);
  return inMs(unpackRecordAt(numbers, bytes, 0, words, layout));
}

function inMs(record: RequestRecord): RequestRecord {
  return {
    ...record,
    endedAt: ms(record.endedAt),
    dispatchedAt: ms(record.dispatchedAt),
    firstTokenAt: ms(record.firstTokenAt),
    attempts: record.attempts.map((attempt) => ({
      ...attempt,
      startedAt: ms(attempt.startedAt),
      connectedAt: ms(attempt.connectedAt),
      headAt: ms(attempt.headAt),
      firstTokenAt: ms(attempt.firstTokenAt),
      endedAt: ms(attempt.endedAt),
    })),
  };
}

function ms(us: number): number {
  return us < 0 ? us : us / 1000;
}

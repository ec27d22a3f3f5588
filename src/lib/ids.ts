// Time-ordered ids in the form of UUID version 7, made from a clock, a counter and the randomness of one process.
import { randomFillSync } from "node:crypto";

const HEX: string[] = Array.from({ length: 256 }, (_, i) => (256 + i).toString(16).slice(1));
const node = new Uint8Array(6);
randomFillSync(node);
/** The part that tells this process from every other. */
const NODE = Array.from(node, (byte) => HEX[byte]).join("");

let lastMs = 0;
let prefix = "";
let counter = 0;

/**
 * An id that sorts by the time it was made and, within one millisecond and one process, by its order: 48 bits of time,
 * a counter of 26 bits, 48 bits of the process. `now` is Unix ms; a clock that goes back keeps the last time.
 */
export function timeOrderedId(now: number): string {
  if (now > lastMs) {
    lastMs = now;
    const text = now.toString(16).padStart(12, "0");
    prefix = `${text.slice(0, 8)}-${text.slice(8)}-7`;
    counter = 0;
  }
  const count = counter++;
  const high = (count >>> 14) & 0xfff;
  const low = count & 0x3fff;
  const a = (high >>> 8).toString(16) + (HEX[high & 0xff] as string);
  const b = (HEX[0x80 | (low >>> 8)] as string) + (HEX[low & 0xff] as string);
  return `${prefix}${a}-${b}-${NODE}`;
}

// How many bytes the text of a JSON string takes without its escapes.
import { latin1 } from "./latin1.ts";

const BACKSLASH = 92;
const SMALL_U = 117;
const HEX = 16;

/** UTF-8 bytes of a UTF-16 unit; each half of a pair counts half of its four. */
function bytesOfUnit(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
}

/** By how many bytes the escapes in bytes[from, to) are longer than what they stand for; whole escapes of JSON strings. */
export function escapeBytes(bytes: Buffer, from: number, to: number): number {
  let extra = 0;
  let at = bytes.indexOf(BACKSLASH, from);
  while (at >= 0 && at < to) {
    let length = 2;
    let stands = 1;
    if (bytes[at + 1] === SMALL_U) {
      length = 6;
      stands = bytesOfUnit(Number.parseInt(latin1(bytes, at + 2, at + 6), HEX));
    }
    extra += length - stands;
    at = bytes.indexOf(BACKSLASH, at + length);
  }
  return extra;
}

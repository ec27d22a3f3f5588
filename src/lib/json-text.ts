// How many bytes the text of a JSON string takes without its escapes.
import { latin1 } from "./latin1.ts";

const BACKSLASH = 92;
const SMALL_U = 117;
const HEX = 16;
/** After an escape so many bytes are looked at here before the native search takes over: where there is one there are more. */
const NEAR = 64;

/** UTF-8 bytes of a UTF-16 unit; each half of a pair counts half of its four. */
function bytesOfUnit(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
}

/** By how many bytes the escapes in bytes[from, to) are longer than what they stand for; whole escapes of JSON strings. */
export function escapeBytes(bytes: Buffer, from: number, to: number): number {
  let extra = 0;
  let quiet = NEAR;
  for (let i = from; i < to; ) {
    if (quiet >= NEAR) {
      i = bytes.indexOf(BACKSLASH, i);
      if (i < 0 || i >= to) break;
      quiet = 0;
    }
    if (bytes[i] !== BACKSLASH) {
      quiet++;
      i++;
      continue;
    }
    const isHex = bytes[i + 1] === SMALL_U;
    extra += isHex ? 6 - bytesOfUnit(Number.parseInt(latin1(bytes, i + 2, i + 6), HEX)) : 1;
    i += isHex ? 6 : 2;
    quiet = 0;
  }
  return extra;
}

// Numbers as few bytes: small whole ones take one, any other as many as it needs, and none loses its value.

/*
 * The first byte tells: 0 to 237 is the number itself, HIGH + n is a whole number of n bytes, LOW + n is -2 minus such a
 * number, then -1, and anything else as a float of eight bytes. Little-endian. Written into files: it never changes.
 */
const MOST_SMALL = 237;
const HIGH = 237;
const LOW = 245;
const MINUS_ONE = 254;
const FLOAT = 255;
const MOST_BYTES = 7;
/** The most that one number takes. */
export const PACKED_NUMBER_BYTES = 9;

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** Writes a number and returns the place behind it. There must be room for PACKED_NUMBER_BYTES. */
export function packNumber(into: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value <= MOST_SMALL && value === (value | 0)) {
    into[at] = value;
    return at + 1;
  }
  if (value === -1) {
    into[at] = MINUS_ONE;
    return at + 1;
  }
  if (!Number.isSafeInteger(value)) return packFloat(into, at, value);
  return value >= 0 ? packWhole(into, at, HIGH, value) : packWhole(into, at, LOW, -2 - value);
}

function packFloat(into: Uint8Array, at: number, value: number): number {
  into[at] = FLOAT;
  float[0] = value;
  for (let i = 0; i < 8; i++) into[at + 1 + i] = floatBytes[i] as number;
  return at + PACKED_NUMBER_BYTES;
}

function packWhole(into: Uint8Array, at: number, kind: number, value: number): number {
  let next = at + 1;
  let low = value >>> 0;
  let high = (value - low) / 0x1_0000_0000;
  do {
    into[next++] = low & 0xff;
    low = (low >>> 8) | ((high & 0xff) << 24);
    high >>>= 8;
  } while (low !== 0 || high !== 0);
  into[at] = kind + next - at - 1;
  return next;
}

/** Reads packed numbers one after the other. */
export class PackedNumbers {
  /** The place of the next one. */
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** Throws a RangeError behind the last one. */
  next(): number {
    const first = this.#byte();
    if (first <= MOST_SMALL) return first;
    if (first === MINUS_ONE) return -1;
    if (first === FLOAT) {
      for (let i = 0; i < 8; i++) floatBytes[i] = this.#byte();
      return float[0] as number;
    }
    return first <= HIGH + MOST_BYTES ? this.#whole(first - HIGH) : -2 - this.#whole(first - LOW);
  }

  #whole(bytes: number): number {
    let value = 0;
    for (let i = 0, unit = 1; i < bytes; i++, unit *= 256) value += this.#byte() * unit;
    return value;
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new RangeError("packed numbers end too early");
    return byte;
  }
}

// Steps over one JSON token in bytes: strings, numbers and literals, without making values of them.

const EMPTY = Buffer.alloc(0);
const QUOTE = 34;
const BACKSLASH = 92;

const NO_WORDS = new Int32Array(0);

/** Bytes of a string that are looked at here before the native search takes over, which is faster only on long runs. */
const NEAR = 1024;

/** Documents shorter than this are read byte by byte: a second view of the memory costs more. */
const WORTH_WORDS = 512;

/** Below 32: 1 in a string's way (quote, backslash, control characters), 0 for every byte that only has to be passed. */
const STOPS = new Uint8Array(256);
STOPS.fill(1, 0, 32);
STOPS[QUOTE] = 1;
STOPS[BACKSLASH] = 1;

/** What may follow a backslash: 1 for the one-letter escapes, 2 for `u`. */
const ESCAPES = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPES[letter.charCodeAt(0)] = 1;
ESCAPES["u".charCodeAt(0)] = 2;

const HEX = new Uint8Array(256);
for (const digit of "0123456789abcdefABCDEF") HEX[digit.charCodeAt(0)] = 1;

/**
 * Steps over the strings of one document, in rising order. Escapes are checked everywhere, control characters in the
 * first 1,024 bytes of a string or after an escape: beyond them the native search looks for quote and backslash alone, and a control
 * character there is left to the provider's own parser (it cannot change where a string ends). Invalid UTF-8 is passed
 * on too.
 */
export class StringSkipper {
  /** Whether the string last skipped held an escape. */
  escaped = false;
  #bytes: Buffer = EMPTY;
  /** The same memory four bytes at a time: word w holds bytes[4w - shift ..]. Testing a word costs as much as a byte. */
  #words: Int32Array = NO_WORDS;
  #shift = 0;
  /** The next quote and backslash known, at or after the place searched last; the length where there is none. */
  #quote = -1;
  #backslash = -1;

  start(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#shift = bytes.byteOffset & 3;
    this.#words =
      bytes.length < WORTH_WORDS
        ? NO_WORDS
        : new Int32Array(bytes.buffer, bytes.byteOffset - this.#shift, (this.#shift + bytes.length) >> 2);
    this.#quote = this.#backslash = -1;
  }

  /** Lets the bytes go, so that a scan kept for reuse keeps no body alive. */
  release(): void {
    this.#bytes = EMPTY;
    this.#words = NO_WORDS;
  }

  /** The index after the closing quote of the string whose first byte after the quote is at `i`, or ~position of a fault. */
  skip(i: number): number {
    const bytes = this.#bytes;
    const end = bytes.length;
    this.escaped = false;
    let at = i;
    for (;;) {
      const far = at + NEAR < end ? at + NEAR : end;
      at = this.#nextStop(at, far);
      if (at >= far) at = this.#far(at, end);
      if (at >= end) return ~end;
      const byte = bytes[at];
      if (byte === QUOTE) return at + 1;
      if (byte !== BACKSLASH) return ~at;
      this.escaped = true;
      at = skipEscape(bytes, at, end);
      if (at < 0) return at;
    }
  }

  /** The next quote, backslash or control character at or after `i`; `far` or more where there is none before it. */
  #nextStop(i: number, far: number): number {
    const bytes = this.#bytes;
    const words = this.#words;
    const shift = this.#shift;
    let at = i;
    let w = (i + shift + 3) >> 2;
    const last = (far + shift) >> 2;
    if (w < last && last <= words.length) {
      const aligned = (w << 2) - shift;
      while (at < aligned && STOPS[bytes[at] as number] === 0) at++;
      if (at < aligned) return at;
      while (w < last && !holdsStop(words[w] as number)) w++;
      at = (w << 2) - shift;
    }
    while (at < far && STOPS[bytes[at] as number] === 0) at++;
    return at;
  }

  /** The next quote or backslash, found natively; what was found is kept until the scan has passed it. */
  #far(at: number, end: number): number {
    if (at >= end) return end;
    if (this.#quote < at) this.#quote = find(this.#bytes, QUOTE, at);
    if (this.#backslash < at) this.#backslash = find(this.#bytes, BACKSLASH, at);
    return this.#quote < this.#backslash ? this.#quote : this.#backslash;
  }
}

/** Whether one of a word's four bytes is a quote, a backslash or below 32 (the usual test for a zero byte, thrice). */
function holdsStop(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const found =
    ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word);
  return (found & 0x80808080) !== 0;
}

function find(bytes: Buffer, byte: number, i: number): number {
  const found = bytes.indexOf(byte, i);
  return found < 0 ? bytes.length : found;
}

/** The index after the escape whose backslash is at `i`, or ~position of a fault. */
function skipEscape(bytes: Buffer, i: number, end: number): number {
  if (i + 1 >= end) return ~end;
  const kind = ESCAPES[bytes[i + 1] as number];
  if (kind === 1) return i + 2;
  return kind === 2 && isHex4(bytes, i + 2, end) ? i + 6 : ~(i + 1);
}

function isHex4(bytes: Buffer, i: number, end: number): boolean {
  if (i + 4 > end) return false;
  for (let k = i; k < i + 4; k++) if (HEX[bytes[k] as number] === 0) return false;
  return true;
}

function skipDigits(bytes: Buffer, i: number, end: number): number {
  let at = i;
  while (at < end && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57) at++;
  return at;
}

/** The index after the number that begins at `i`, or ~position of a fault. */
export function skipNumber(bytes: Buffer, i: number, end: number): number {
  const first = bytes[i] === 45 ? i + 1 : i;
  let at = skipDigits(bytes, first, end);
  if (at === first || (at > first + 1 && bytes[first] === 48)) return ~(at === first ? at : first);
  if (at < end && bytes[at] === 46) {
    const fraction = skipDigits(bytes, at + 1, end);
    if (fraction === at + 1) return ~fraction;
    at = fraction;
  }
  if (at < end && ((bytes[at] as number) | 32) === 101) {
    let digits = at + 1;
    if (digits < end && (bytes[digits] === 43 || bytes[digits] === 45)) digits++;
    at = skipDigits(bytes, digits, end);
    if (at === digits) return ~at;
  }
  return at;
}

const LITERALS = [Buffer.from("true"), Buffer.from("false"), Buffer.from("null")] as const;

/** The index after `true`, `false` or `null` at `i`, or ~position of a fault. */
export function skipLiteral(bytes: Buffer, i: number, end: number): number {
  const byte = bytes[i];
  const word = byte === 116 ? LITERALS[0] : byte === 102 ? LITERALS[1] : LITERALS[2];
  for (let k = 0; k < word.length; k++) {
    if (i + k >= end || bytes[i + k] !== word[k]) return ~(i + k);
  }
  return i + word.length;
}

/** The index of the next byte at or after `i` that is no JSON white space. */
export function skipSpace(bytes: Buffer, i: number, end: number): number {
  let at = i;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte > 32 || (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9)) break;
    at++;
  }
  return at;
}

/** The number in bytes[from, to); short runs of digits, the usual case, without making a string. */
export function readNumber(bytes: Buffer, from: number, to: number): number {
  if (to - from > 15) return Number(bytes.toString("latin1", from, to));
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) return Number(bytes.toString("latin1", from, to));
    value = value * 10 + digit;
  }
  return value;
}

// Byte tables and comparisons that reading heads and trailers share; no strings are made here.

/** 1 for a byte that may stand in a token: a method, a field name, a coding. */
export const TOKEN = new Uint8Array(256);
/** 1 for a byte that may stand in a field value or a reason phrase: no control character but the tab. */
export const FIELD_VALUE = new Uint8Array(256);
/** The lower-case twin of each ASCII letter, every other byte itself. */
export const LOWER = new Uint8Array(256);

for (let i = 0; i < 256; i++) {
  TOKEN[i] = i < 128 && /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(i)) ? 1 : 0;
  FIELD_VALUE[i] = i === 9 || (i >= 32 && i !== 127) ? 1 : 0;
  LOWER[i] = i >= 65 && i <= 90 ? i + 32 : i;
}

/** True when bytes[at, at + length) is `word` (given in lower case), whatever its case. */
export function isWord(bytes: Uint8Array, at: number, length: number, word: string): boolean {
  if (length !== word.length) return false;
  for (let i = 0; i < length; i++) if (LOWER[bytes[at + i] as number] !== word.charCodeAt(i)) return false;
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}

/** True when the comma-separated list bytes[from, end) has the member `word` (given in lower case). */
export function listHas(bytes: Uint8Array, from: number, end: number, word: string): boolean {
  let at = from;
  while (at < end) {
    while (at < end && (bytes[at] === 44 || isBlank(bytes[at]))) at++;
    let stop = at;
    while (stop < end && bytes[stop] !== 44) stop++;
    let last = stop;
    while (last > at && isBlank(bytes[last - 1])) last--;
    if (isWord(bytes, at, last - at, word)) return true;
    at = stop;
  }
  return false;
}

/** The decimal number bytes[from, end), or -1 when it is empty, longer than 15 digits or holds anything else. */
export function readDecimal(bytes: Uint8Array, from: number, end: number): number {
  if (end <= from || end - from > 15) return -1;
  let value = 0;
  for (let i = from; i < end; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

// A place in JSON bytes that moves on: space, comments, texts, numbers and words, each either read or only checked.
import { JsonBreak, type JsonProblemKind } from "./problems.ts";
import { hashOf, type StringPool } from "./strings.ts";

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
const SLASH = 0x2f;
const STAR = 0x2a;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LINE_END = 0x0a;
const APOSTROPHE = 0x27;

/** Whole numbers of so few digits are exact while they are added up. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS }, (_, power) => 10 ** power);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ESCAPE = /^(?:["\\/bfnrt]|u[\da-fA-F]{4})/;

/** The bytes of an unquoted word: letters, digits, and what stands in numbers, addresses and secrets. */
const WORD = new Uint8Array(256);
for (let byte = 0x80; byte < 256; byte++) WORD[byte] = 1;
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$+-.'#@;|&*=!?%^~`()<>\\")
  WORD[char.charCodeAt(0)] = 1;

/** Every method leaves `at` behind what it read, or throws a JsonBreak. */
export class JsonCursor {
  readonly bytes: Buffer;
  readonly end: number;
  at = 0;
  /** The hash of the text that was read or checked last. */
  hash = 0;
  /** Where each open bracket stands. */
  readonly openers: number[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** Goes behind an opening bracket; where it stands. */
  open(deepest: number): number {
    const start = this.at;
    if (this.openers.length >= deepest) this.break("too-deep", start, 1);
    this.openers.push(start);
    this.at++;
    this.skipSpace();
    return start;
  }

  /** Goes behind a closing bracket. */
  close(): void {
    this.openers.pop();
    this.at++;
  }

  skipSpace(): void {
    const { bytes } = this;
    const first = bytes[this.at]!;
    if (first > 0x20 && first !== SLASH) return;
    let { at } = this;
    for (;;) {
      const byte = bytes[at];
      if (byte === 0x20 || byte === LINE_END || byte === 0x0d || byte === 0x09) at++;
      else if (byte === SLASH) {
        this.at = at;
        at = this.#skipComment();
      } else break;
    }
    this.at = at;
  }

  /** Where the comment ends. */
  #skipComment(): number {
    const start = this.at;
    const kind = this.bytes[start + 1];
    if (kind === SLASH) {
      const end = this.bytes.indexOf(LINE_END, start);
      return end < 0 ? this.end : end;
    }
    if (kind !== STAR) this.break("unknown-word", start, 1);
    for (let end = this.bytes.indexOf(SLASH, start + 3); end >= 0; end = this.bytes.indexOf(SLASH, end + 1))
      if (this.bytes[end - 1] === STAR) return end + 1;
    this.break("open-comment", start, 2);
  }

  /** The text at its opening quote. */
  readText(pool: StringPool): string {
    const start = this.at + 1;
    if (this.#passPlain()) return pool.get(this.bytes, start, this.at - 1, this.hash);
    const hasEscapes = this.#passOdd(start);
    const raw = this.bytes.toString("utf8", start, this.at - 1);
    const text = hasEscapes ? (JSON.parse(`"${raw}"`) as string) : raw;
    this.hash = hashOf(Buffer.from(text));
    return text;
  }

  /** Goes behind the text without making it; its hash is that of the text. */
  checkText(): void {
    const start = this.at + 1;
    if (this.#passPlain()) return;
    if (!this.#passOdd(start)) this.hash = hashOf(this.bytes.subarray(start, this.at - 1));
    else this.hash = hashOf(Buffer.from(this.textAt(start - 1)));
  }

  /** The text at this place, which was read or checked before. */
  textAt(quote: number): string {
    let end = quote + 1;
    let hasEscapes = false;
    for (; this.bytes[end] !== QUOTE; end++) {
      if (this.bytes[end] !== BACKSLASH) continue;
      hasEscapes = true;
      end++;
    }
    const raw = this.bytes.toString("utf8", quote + 1, end);
    return hasEscapes ? (JSON.parse(`"${raw}"`) as string) : raw;
  }

  /** Goes behind a text of plain bytes; false at its first other one. */
  #passPlain(): boolean {
    const { bytes } = this;
    let hash = 0;
    let at = this.at + 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < 0x20 || byte === BACKSLASH || byte >= 0x80) {
        this.at = at;
        return false;
      }
      hash = (Math.imul(hash, 31) + byte) | 0;
      at++;
    }
    this.at = at + 1;
    this.hash = hash;
    return true;
  }

  /** The rest of a text with escapes or beyond ASCII; true when it has escapes. */
  #passOdd(start: number): boolean {
    const { bytes } = this;
    let hasEscapes = false;
    let { at } = this;
    for (; bytes[at] !== QUOTE; at++) {
      const byte = bytes[at];
      if (byte === undefined || byte === LINE_END || byte === 0x0d)
        this.break("open-string", start - 1, at - start + 1);
      if (byte < 0x20) this.break("control-character", at, 1);
      if (byte !== BACKSLASH) continue;
      hasEscapes = true;
      this.#checkEscape(at, start);
      at++;
    }
    this.at = at + 1;
    return hasEscapes;
  }

  #checkEscape(at: number, start: number): void {
    const escape = this.bytes.toString("latin1", at + 1, at + 6);
    if (ESCAPE.test(escape)) return;
    if (escape === "" || /^[\r\n]/.test(escape)) this.break("open-string", start - 1, at - start + 2);
    this.break(escape.startsWith("u") ? "bad-unicode-escape" : "unknown-escape", at, 2);
  }

  readNumber(): number {
    const { bytes, at: start } = this;
    const first = bytes[start] === MINUS ? start + 1 : start;
    let at = first;
    let value = 0;
    for (let byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) value = value * 10 + (byte - ZERO);
    const whole = at - first;
    let fraction = 0;
    if (bytes[at] === POINT) {
      const point = at++;
      for (let byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) value = value * 10 + (byte - ZERO);
      // a point without digits behind it is left to the slow way, which breaks there
      fraction = at - point - 1 || EXACT_DIGITS;
    }
    const next = bytes[at];
    const isEnd = next === undefined || WORD[next] === 0;
    const isPlain = isEnd && whole > 0 && whole + fraction <= EXACT_DIGITS && (whole === 1 || bytes[first] !== ZERO);
    if (!isPlain) return this.#readOddNumber();
    this.at = at;
    // both are exact, so the quotient is the number that is nearest to the decimal one
    const magnitude = fraction === 0 ? value : value / POWERS[fraction]!;
    return first === start ? magnitude : -magnitude;
  }

  /** A number with exponent or many digits, or no number at all. */
  #readOddNumber(): number {
    const length = this.#wordLength();
    const token = this.bytes.toString("latin1", this.at, this.at + length);
    if (!NUMBER.test(token)) this.breakAtValue(token);
    this.at += length;
    return Number(token);
  }

  /** Goes behind `true`, `false` or `null`. */
  passWord(word: string): void {
    const length = this.#wordLength();
    if (length !== word.length || this.bytes.toString("latin1", this.at, this.at + length) !== word)
      this.breakAtValue(word);
    this.at += length;
  }

  /** Goes behind a value that was read or checked before. */
  skipValue(): void {
    let depth = 0;
    do {
      const byte = this.bytes[this.at];
      if (byte === QUOTE) this.#skipText();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
        this.at++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        this.at++;
      } else this.at += Math.max(1, this.#wordLength());
      if (depth > 0) this.skipSpace();
    } while (depth > 0 && this.at < this.end);
  }

  #skipText(): void {
    const { bytes } = this;
    let at = this.at + 1;
    while (bytes[at] !== QUOTE && at < this.end) at += bytes[at] === BACKSLASH ? 2 : 1;
    this.at = at + 1;
  }

  /** No value stands here; `token` is the word that does, or empty. */
  breakAtValue(token: string): never {
    const byte = this.bytes[this.at];
    if (byte === APOSTROPHE) this.breakHere("single-quotes");
    if (token === "") this.breakHere("value-expected");
    this.breakHere(/^[-+.]?\d/.test(token) ? "bad-number" : "unknown-word");
  }

  /** The name of a member is expected here, and none stands here. */
  breakAtName(): never {
    this.breakHere(this.bytes[this.at] === APOSTROPHE ? "single-quotes" : "name-expected");
  }

  /** Neither a comma nor the closing bracket follows an entry. */
  breakBetween(closing: number): never {
    const byte = this.bytes[this.at]!;
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.breakHere("wrong-end");
    const isEntry = byte === QUOTE || (closing === CLOSE_BRACKET && (byte === OPEN_BRACE || byte === OPEN_BRACKET));
    this.breakHere(isEntry ? "comma-missing" : "comma-or-end-expected");
  }

  /** Breaks at what stands here; at the end of the text everything that is missing is the end. */
  breakHere(kind: JsonProblemKind): never {
    if (this.at < this.end) this.break(kind, this.at, this.#tokenLength());
    let last = this.end - 1;
    while (last > 0 && this.bytes[last]! <= 0x20) last--;
    this.break("unclosed", Math.max(0, last), 1);
  }

  break(kind: JsonProblemKind, offset: number, length: number): never {
    throw new JsonBreak({ kind, offset, length, opener: this.openers.at(-1) ?? -1 });
  }

  /** The bytes that people see as one thing here: a text, a word, or one sign. */
  #tokenLength(): number {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return Math.max(1, this.#wordLength());
    let at = this.at + 1;
    while (at < this.end && bytes[at] !== QUOTE && bytes[at] !== LINE_END) at += bytes[at] === BACKSLASH ? 2 : 1;
    return Math.min(at + 1, this.end) - this.at;
  }

  #wordLength(): number {
    let { at } = this;
    while (at < this.end && WORD[this.bytes[at]!] === 1) at++;
    return at - this.at;
  }
}

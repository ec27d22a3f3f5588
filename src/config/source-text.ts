// The text of a configuration file as people see it: lines, columns, and snippets in which no secret is shown.

/** A stretch of the text, in bytes. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** The span of what comes from no text. */
export const NOWHERE: Span = { offset: -1, length: 0 };

/** Widest snippet line. */
const WIDTH = 96;
/** A longer line is not shown: masking it costs time for every finding, and nobody could read it. */
const LONGEST_LINE = 20_000;
/** Line ends are counted once for each block of so many bytes. */
const BLOCK = 1024;
const LINE_END = 0x0a;
const MASK = "********";
/** A string (whole, or cut off by the end of the line) with the colon that makes it a member name; or a bare word. */
const TOKEN = /("(?:[^"\\]|\\.)*(?:"|\\?$))(\s*:)?|[^\s{}[\],:"]+/g;
const HARMLESS_WORD =
  /^(?:true|false|null|-?[\d._]{1,12}(?:[eE][+-]?\d{1,3})?(?:ms|mo|[smhdwMQY])?|\/[/*]?|\*\/|[A-Za-z_']{1,8})$/;

/** True for text that is a credential by its look, wherever it stands. */
export function looksSecret(text: string): boolean {
  return text.length > 64 || /^(?:sk|pk|vk|xai|gsk|csk|AIza|eyJ)[-_A-Z0-9]/.test(text);
}

/** Takes the credentials out of addresses: `https://user:pass@host` becomes `https://****@host`. */
export function maskAddresses(text: string): string {
  return text.replaceAll(/(\/\/)[^/@\s"]+@/g, "$1****@");
}

/** Says of the string value or word that begins at a byte whether it may be shown. */
export type MayShow = (offset: number, word: string) => boolean;

const NOTHING: MayShow = () => false;

export class SourceText {
  /** As it is called in messages: `config.json`. */
  readonly label: string;
  readonly bytes: Buffer;
  /** The number of line ends before each block, as far as somebody asked. */
  readonly #linesBefore = [0];
  /**
   * The line and the place asked for last. A file that a program wrote is one line of many megabytes: its start is not looked for,
   * nor its columns counted, from the beginning for each of a hundred thousand entries.
   */
  #line = { start: 0, end: -1 };
  #counted = { offset: 0, units: 0 };

  /** UTF-8 bytes, or a text. */
  constructor(label: string, text: string | Buffer) {
    this.label = label;
    this.bytes = typeof text === "string" ? Buffer.from(text) : text;
  }

  /** Line and column, both from 1; columns count UTF-16 units as editors do. */
  position(offset: number): { line: number; column: number } {
    const at = Math.min(Math.max(offset, 0), this.bytes.length);
    const { start } = this.lineAt(at);
    return { line: this.#lineNumber(at), column: this.#unitsBetween(start, at) + 1 };
  }

  /** UTF-16 units from the start of a line to this byte, counted on from the place asked for last where it lies between. */
  #unitsBetween(start: number, at: number): number {
    const { offset, units } = this.#counted;
    const isBetween = offset >= start && offset <= at && this.#beginsCharacter(offset);
    const counted = isBetween
      ? units + this.bytes.toString("utf8", offset, at).length
      : this.bytes.toString("utf8", start, at).length;
    this.#counted = { offset: at, units: counted };
    return counted;
  }

  /** Text that is cut here and decoded in two halves has the same length. */
  #beginsCharacter(offset: number): boolean {
    return ((this.bytes[offset] ?? 0) & 0xc0) !== 0x80;
  }

  /** The range of the line at this byte, without its line end. */
  lineAt(offset: number): { start: number; end: number } {
    if (offset >= this.#line.start && offset <= this.#line.end) return this.#line;
    const start = offset === 0 ? 0 : this.bytes.lastIndexOf(LINE_END, offset - 1) + 1;
    const next = this.bytes.indexOf(LINE_END, offset);
    this.#line = { start, end: next < 0 ? this.bytes.length : next };
    return this.#line;
  }

  /** Too long to be shown. */
  isLong({ start, end }: { start: number; end: number }): boolean {
    return end - start > LONGEST_LINE;
  }

  #lineNumber(offset: number): number {
    const block = Math.floor(offset / BLOCK);
    for (let known = this.#linesBefore.length; known <= block; known++)
      this.#linesBefore.push(this.#linesBefore[known - 1]! + this.#lineEnds((known - 1) * BLOCK, known * BLOCK));
    return this.#linesBefore[block]! + this.#lineEnds(block * BLOCK, offset) + 1;
  }

  #lineEnds(start: number, end: number): number {
    let count = 0;
    for (let at = start; at < end; at++) if (this.bytes[at] === LINE_END) count++;
    return count;
  }

  /** The line of `span` with a caret line below it, both indented by a gutter. */
  snippet(span: Span, mayShow: MayShow = NOTHING): string {
    const { line } = this.position(span.offset);
    const { start, end } = this.lineAt(span.offset);
    if (this.isLong({ start, end })) return `  ${line} | (a line of ${end - start} bytes)`;
    const { parts, from, to } = this.#masked(start, end, span, mayShow);
    const shift = from > WIDTH - 24 ? from - 32 : 0;
    const cut = (shift > 0 ? "…" : "") + parts.slice(shift, shift + WIDTH) + (parts.length > shift + WIDTH ? "…" : "");
    const caretAt = from - shift + (shift > 0 ? 1 : 0);
    const carets = Math.max(1, Math.min(to - from, WIDTH - caretAt));
    const gutter = String(line);
    return `  ${gutter} | ${cut}\n  ${" ".repeat(gutter.length)} | ${" ".repeat(caretAt)}${"^".repeat(carets)}`;
  }

  /** The line with secrets masked and tabs as spaces, and where the span lies in it now. */
  #masked(start: number, end: number, span: Span, mayShow: MayShow): { parts: string; from: number; to: number } {
    const line = this.bytes.toString("utf8", start, end).replace(/\r$/, "");
    const unitsTo = (offset: number): number => this.bytes.toString("utf8", start, Math.min(offset, end)).length;
    const spanStart = Math.min(unitsTo(span.offset), line.length);
    const spanEnd = Math.min(unitsTo(span.offset + span.length), line.length);
    let parts = "";
    let copied = 0;
    let from = spanStart;
    let to = spanEnd;
    let [unit, byte] = [0, start];
    for (const match of line.matchAll(TOKEN)) {
      const token = match[1] ?? match[0];
      byte += Buffer.byteLength(line.slice(unit, match.index));
      unit = match.index;
      const replacement = maskToken(token, match[2] !== undefined, byte, mayShow);
      if (replacement === token) continue;
      parts += line.slice(copied, match.index) + replacement;
      copied = match.index + token.length;
      const grown = replacement.length - token.length;
      // a token that ends before the span moves it; the span's own token stretches it
      if (copied <= spanStart) from += grown;
      if (copied <= spanEnd || (match.index < spanEnd && spanStart <= match.index)) to += grown;
    }
    parts += line.slice(copied);
    // oxlint-disable-next-line no-control-regex
    return { parts: parts.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, " "), from, to: Math.max(to, from + 1) };
  }
}

function maskToken(token: string, isName: boolean, offset: number, mayShow: MayShow): string {
  const isText = token.startsWith('"');
  const inner = isText ? token.slice(1, token.length > 1 && token.endsWith('"') ? -1 : undefined) : token;
  if (!isText) return HARMLESS_WORD.test(token) || mayShow(offset, inner.replaceAll("'", "")) ? token : MASK;
  if (inner.length === 0 || /^env\.\w+$/.test(inner)) return token;
  if (isName) return looksSecret(inner) ? `"${MASK}"` : token;
  return mayShow(offset, inner) && !looksSecret(inner) ? maskAddresses(token) : `"${MASK}"`;
}

// The text of a configuration file as people see it: lines, columns, and snippets in which no secret is shown.

/** A stretch of the text, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Widest snippet line. */
const WIDTH = 96;
/** A longer line is not shown: masking it costs time for every finding, and nobody could read it. */
const LONGEST_LINE = 20_000;
const MASK = "********";
/** A string (whole, or cut off by the end of the line) with the colon that makes it a member name; or a bare word. */
const TOKEN = /("(?:[^"\\]|\\.)*(?:"|\\?$))(\s*:)?|[^\s{}[\],:"]+/g;
const HARMLESS_WORD = /^(?:true|false|null|-?[\d.]{1,12}(?:[eE][+-]?\d{1,3})?|\/[/*]?|\*\/|[A-Za-z_']{1,8})$/;

/** True for text that is a credential by its look, wherever it stands. */
export function looksSecret(text: string): boolean {
  return text.length > 64 || /^(?:sk|pk|vk|xai|gsk|csk|AIza|eyJ)[-_A-Z0-9]/.test(text);
}

/** Takes the credentials out of addresses: `https://user:pass@host` becomes `https://****@host`. */
export function maskAddresses(text: string): string {
  return text.replaceAll(/(\/\/)[^/@\s"]+@/g, "$1****@");
}

export class SourceText {
  /** As it is called in messages: `config.json`. */
  readonly label: string;
  readonly text: string;
  /** Offsets of string values that may be shown; every other string value is masked. */
  readonly shown = new Set<number>();
  readonly #lineStarts: number[];

  constructor(label: string, text: string) {
    this.label = label;
    this.text = text;
    this.#lineStarts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lineStarts.push(at + 1);
  }

  /** Line and column, both from 1. */
  position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#lineStarts[low]! + 1 };
  }

  /** The line of `span` with a caret line below it, both indented by a gutter. */
  snippet(span: Span): string {
    const { line } = this.position(span.offset);
    const start = this.#lineStarts[line - 1]!;
    const next = this.#lineStarts[line];
    const end = next === undefined ? this.text.length : next - 1;
    if (end - start > LONGEST_LINE) return `  ${line} | (a line of ${end - start} characters)`;
    const { parts, from, to } = this.#masked(start, end, span);
    const shift = from > WIDTH - 24 ? from - 32 : 0;
    const cut = (shift > 0 ? "…" : "") + parts.slice(shift, shift + WIDTH) + (parts.length > shift + WIDTH ? "…" : "");
    const caretAt = from - shift + (shift > 0 ? 1 : 0);
    const carets = Math.max(1, Math.min(to - from, WIDTH - caretAt));
    const gutter = String(line);
    return `  ${gutter} | ${cut}\n  ${" ".repeat(gutter.length)} | ${" ".repeat(caretAt)}${"^".repeat(carets)}`;
  }

  /** The line with secrets masked and tabs as spaces, and where the span lies in it now. */
  #masked(start: number, end: number, span: Span): { parts: string; from: number; to: number } {
    const line = this.text.slice(start, end).replace(/\r$/, "");
    const spanStart = Math.min(span.offset - start, line.length);
    const spanEnd = Math.min(span.offset + span.length - start, line.length);
    let parts = "";
    let copied = 0;
    let from = spanStart;
    let to = spanEnd;
    for (const match of line.matchAll(TOKEN)) {
      const token = match[1] ?? match[0];
      const replacement = this.#maskToken(token, match[2] !== undefined, start + match.index);
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

  #maskToken(token: string, isName: boolean, offset: number): string {
    if (!token.startsWith('"')) return HARMLESS_WORD.test(token) ? token : MASK;
    const inner = token.slice(1, token.length > 1 && token.endsWith('"') ? -1 : undefined);
    if (inner.length === 0 || /^env\.\w+$/.test(inner)) return token;
    if (isName) return looksSecret(inner) ? `"${MASK}"` : token;
    return this.shown.has(offset) && !looksSecret(inner) ? maskAddresses(token) : `"${MASK}"`;
  }
}

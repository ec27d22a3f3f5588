// One configuration file while it is read: its text, its content, what was found, and where each value stands.
import { LongList } from "../lib/json-text/long-list.ts";
import { JsonLookup } from "../lib/json-text/lookup.ts";
import { placeOf } from "../lib/json-text/places.ts";
import {
  type Diagnostic,
  type DiagnosticCode,
  type DiagnosticDetails,
  diagnosticAt,
  diagnosticOf,
} from "./diagnostic.ts";
import { isKnownWord } from "./known-words.ts";
import type { Shape } from "./schema/shape.ts";
import { showableIn } from "./showable.ts";
import { type MayShow, NOWHERE, type SourceText, type Span } from "./source-text.ts";

/** So many findings of one kind are written out; a slip that repeats a thousand times is one slip. */
const MOST_ALIKE = 50;

/** A finding before it is written out. */
interface Finding {
  readonly span: Span;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly details: DiagnosticDetails | undefined;
}

type Severity = Diagnostic["severity"];

/** The findings of one severity: all are counted, and those are kept that will be written out. */
class Findings {
  readonly #kept = new Map<DiagnosticCode, Finding[]>();
  readonly #counts = new Map<DiagnosticCode, number>();

  add(finding: Finding): void {
    const { code } = finding;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    const kept = this.#kept.get(code);
    if (kept === undefined) this.#kept.set(code, [finding]);
    // room for those that stand further up in the file and are found later
    else if (kept.length < 20 * MOST_ALIKE) kept.push(finding);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** In the order of the file. */
  written(): Finding[] {
    const first = [...this.#kept.values()].flatMap((kept) => kept.sort(byOffset).slice(0, MOST_ALIKE));
    return first.sort(byOffset);
  }

  /** How many of each kind are not written out. */
  *left(): Generator<[DiagnosticCode, number]> {
    for (const [code, count] of this.#counts) if (count > MOST_ALIKE) yield [code, count - MOST_ALIKE];
  }
}

function byOffset(a: Finding, b: Finding): number {
  return a.span.offset - b.span.offset;
}

export class ConfigDocument {
  readonly source: SourceText;
  readonly #errors = new Findings();
  readonly #warnings = new Findings();
  readonly #lookup: JsonLookup;
  /** The content and its schema: they say which texts are no secrets. */
  #content: { readonly value: unknown; readonly shape: Shape } | null = null;

  constructor(source: SourceText) {
    this.source = source;
    this.#lookup = new JsonLookup(source.bytes);
  }

  refuse(span: Span, code: DiagnosticCode, message: string, details?: DiagnosticDetails): void {
    this.#errors.add({ span, code, message, details });
  }

  warn(span: Span, code: DiagnosticCode, message: string, details?: DiagnosticDetails): void {
    this.#warnings.add({ span, code, message, details });
  }

  get isRefused(): boolean {
    return !this.#errors.isEmpty;
  }

  /** What the text holds, and by which schema it is read. Before, snippets show no text at all. */
  judgeBy(value: unknown, shape: Shape): void {
    this.#content = { value, shape };
  }

  /** All that refuses the file, in its order. */
  errors(): Diagnostic[] {
    return this.#written("error", this.#errors);
  }

  warnings(): Diagnostic[] {
    return this.#written("warning", this.#warnings);
  }

  #written(severity: Severity, findings: Findings): Diagnostic[] {
    const { source } = this;
    const written = findings.written().map(({ span, code, message, details }) => {
      if (span.offset < 0) return diagnosticOf(source.label, severity, code, message, details);
      return diagnosticAt(source, span, severity, code, message, details, this.#mayShow(span));
    });
    for (const [code, count] of findings.left())
      written.push(diagnosticOf(source.label, severity, code, `${count} more of this kind: ${code}`));
    return written;
  }

  #mayShow(span: Span): MayShow {
    const content = this.#content;
    const line = this.source.lineAt(span.offset);
    if (content === null || this.source.isLong(line)) return (_offset, word) => isKnownWord(word);
    const offsets = showableIn(content.value, content.shape, this.#lookup, line);
    return (offset, word) => offsets.has(offset) || isKnownWord(word);
  }

  /** Where a value that was read stands: the object or list itself, or the value of its member or item. */
  at(owner: object, member?: string | number): Span {
    const offset = placeOf(owner);
    if (offset < 0) return NOWHERE;
    if (member === undefined) return { offset, length: 1 };
    if (owner instanceof LongList) return { offset: owner.place(Number(member)), length: 1 };
    const place =
      typeof member === "number" ? this.#lookup.item(offset, member) : this.#lookup.member(offset, String(member));
    if (place === undefined) return { offset, length: 1 };
    return { offset: place.valueStart, length: place.valueEnd - place.valueStart };
  }

  /** Where the name of a member stands. */
  nameAt(owner: object, member: string): Span {
    const offset = placeOf(owner);
    return offset < 0 ? NOWHERE : this.placeIn(offset, member);
  }

  /** Where the name of a member stands, of the object that begins at this byte. */
  placeIn(object: number, member: string): Span {
    const place = this.#lookup.member(object, member);
    if (place === undefined) return { offset: object, length: 1 };
    return { offset: place.nameStart, length: place.nameEnd - place.nameStart };
  }

  /** The value of the first of these members that the object at this byte has; else the object. */
  valueIn(object: number, members: readonly string[]): Span {
    if (object < 0) return NOWHERE;
    for (const member of members) {
      const place = this.#lookup.member(object, member);
      if (place !== undefined) return { offset: place.valueStart, length: place.valueEnd - place.valueStart };
    }
    return { offset: object, length: 1 };
  }

  /** True when the file itself gives the member, as null or otherwise, right or wrong. */
  has(owner: object, member: string): boolean {
    const offset = placeOf(owner);
    if (offset < 0) return Object.hasOwn(owner, member);
    return this.#lookup.member(offset, member) !== undefined;
  }

  /** The digits of a number as they were written. */
  numberText(owner: object, member: string): string {
    const { offset, length } = this.at(owner, member);
    if (offset < 0) return String((owner as Record<string, unknown>)[member]);
    return this.source.bytes.toString("latin1", offset, offset + length);
  }

  /** `config.json:12`, for facts about where something was declared. */
  lineOf(owner: object, member?: string): string {
    return this.lineAt(this.at(owner, member));
  }

  /** `config.json:12` for a place that is known. */
  lineAt({ offset }: Span): string {
    return offset < 0 ? this.source.label : `${this.source.label}:${this.source.position(offset).line}`;
  }
}

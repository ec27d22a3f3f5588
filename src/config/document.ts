// One configuration file while it is read: its text, its tree, what was found, and where each value stands.
import type { Node } from "jsonc-parser";
import {
  type Diagnostic,
  type DiagnosticCode,
  type DiagnosticDetails,
  diagnosticAt,
  diagnosticOf,
} from "./diagnostic.ts";
import type { SourceText, Span } from "./source-text.ts";

/** So many findings of one kind are written out; a slip that repeats a thousand times is one slip. */
const MOST_ALIKE = 50;

/** A finding before it is written out. */
interface Finding {
  readonly span: Span;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly details: DiagnosticDetails | undefined;
}

export class ConfigDocument {
  readonly source: SourceText;
  readonly #errors: Finding[] = [];
  readonly #warnings: Finding[] = [];
  /** The node of every object and list that was read. */
  readonly #nodes = new WeakMap<object, Node>();

  constructor(source: SourceText) {
    this.source = source;
  }

  refuse(span: Span, code: DiagnosticCode, message: string, details?: DiagnosticDetails): void {
    this.#errors.push({ span, code, message, details });
  }

  warn(span: Span, code: DiagnosticCode, message: string, details?: DiagnosticDetails): void {
    this.#warnings.push({ span, code, message, details });
  }

  get isRefused(): boolean {
    return this.#errors.length > 0;
  }

  /** All that refuses the file, in its order. Asked at the end: snippets show only values that were read and are no secrets. */
  errors(): Diagnostic[] {
    return this.#written("error", this.#errors);
  }

  warnings(): Diagnostic[] {
    return this.#written("warning", this.#warnings);
  }

  #written(severity: "error" | "warning", findings: readonly Finding[]): Diagnostic[] {
    const written: Diagnostic[] = [];
    const alike = new Map<DiagnosticCode, number>();
    for (const { span, code, message, details } of [...findings].sort((a, b) => a.span.offset - b.span.offset)) {
      const count = (alike.get(code) ?? 0) + 1;
      alike.set(code, count);
      if (count <= MOST_ALIKE) written.push(diagnosticAt(this.source, span, severity, code, message, details));
    }
    for (const [code, count] of alike) {
      if (count <= MOST_ALIKE) continue;
      written.push(diagnosticOf(this.source.label, severity, code, `${count - MOST_ALIKE} more of this kind: ${code}`));
    }
    return written;
  }

  remember(value: object, node: Node): void {
    this.#nodes.set(value, node);
  }

  /** Where a value that was read stands: the object or list itself, or the value of its member or item. */
  at(owner: object, member?: string | number): Span {
    const node = this.#nodes.get(owner);
    if (node === undefined) return { offset: 0, length: 0 };
    if (member === undefined) return { offset: node.offset, length: 1 };
    return this.#member(node, member) ?? { offset: node.offset, length: 1 };
  }

  /** Where the name of a member stands. */
  nameAt(owner: object, member: string): Span {
    const node = this.#nodes.get(owner);
    return node === undefined
      ? { offset: 0, length: 0 }
      : (this.#property(node, member)?.children?.[0] ?? { offset: node.offset, length: 1 });
  }

  /** True when the file itself gives the member, as null or otherwise: not a default. */
  has(owner: object, member: string): boolean {
    const node = this.#nodes.get(owner);
    return node !== undefined && this.#member(node, member) !== undefined;
  }

  /** The digits of a number as they were written. */
  numberText(owner: object, member: string): string {
    const { offset, length } = this.at(owner, member);
    return this.source.text.slice(offset, offset + length);
  }

  /** `config.json:12`, for facts about where something was declared. */
  lineOf(owner: object, member?: string): string {
    return `${this.source.label}:${this.source.position(this.at(owner, member).offset).line}`;
  }

  #member(node: Node, member: string | number): Node | undefined {
    if (typeof member === "number") return node.children?.[member];
    return this.#property(node, member)?.children?.[1];
  }

  #property(node: Node, member: string): Node | undefined {
    return node.children?.find((property) => property.children?.[0]?.value === member);
  }
}

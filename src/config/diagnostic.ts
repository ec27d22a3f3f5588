// A finding about the configuration: where it is, what is wrong, what was expected, and the name that was meant.
import type { MayShow, SourceText, Span } from "./source-text.ts";

export type DiagnosticCode =
  | "syntax"
  | "unknown-member"
  | "not-supported-yet"
  | "wrong-type"
  | "wrong-value"
  | "missing"
  | "duplicate"
  | "reference"
  | "unset-variable"
  | "expression"
  | "unused";

export interface Diagnostic {
  /** `error` refuses the start, `warning` does not. */
  readonly severity: "error" | "warning";
  readonly code: DiagnosticCode;
  /** File as people know it, or `environment`. */
  readonly file: string;
  /** From 1; 0 when the finding has no place in a file. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The whole finding for a terminal: place, message, snippet with a caret, what was expected. Holds no secret. */
  readonly text: string;
  /** What else is known, for programs: the same as in `text`. */
  readonly details: DiagnosticDetails;
}

/** What may stand beside the message. */
export interface DiagnosticDetails {
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  /** The known name nearest to what was written. */
  readonly nearest?: string | undefined;
  /** What to do. */
  readonly remedy?: string | undefined;
}

/** A finding at a place in a file. */
export function diagnosticAt(
  source: SourceText,
  span: Span,
  severity: "error" | "warning",
  code: DiagnosticCode,
  message: string,
  details: DiagnosticDetails = {},
  mayShow?: MayShow,
): Diagnostic {
  const { line, column } = source.position(span.offset);
  // of an empty line there is nothing to show
  const { start, end } = source.lineAt(span.offset);
  const snippet = start === end ? [] : [source.snippet(span, mayShow)];
  const lines = [`${source.label}:${line}:${column}: ${message}`, ...snippet, ...detailLines(details)];
  return { severity, code, file: source.label, line, column, message, text: lines.join("\n"), details };
}

/** A finding without a place in a file: an environment variable, a file that cannot be read. */
export function diagnosticOf(
  file: string,
  severity: "error" | "warning",
  code: DiagnosticCode,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return {
    severity,
    code,
    file,
    line: 0,
    column: 0,
    message,
    text: [`${file}: ${message}`, ...detailLines(details)].join("\n"),
    details,
  };
}

function detailLines(details: DiagnosticDetails): string[] {
  const lines: string[] = [];
  if (details.expected !== undefined) lines.push(`  expected: ${details.expected}`);
  if (details.found !== undefined) lines.push(`  found:    ${details.found}`);
  if (details.nearest !== undefined) lines.push(`  did you mean "${details.nearest}"?`);
  if (details.remedy !== undefined) lines.push(`  ${details.remedy}`);
  return lines;
}

/** The finding in one line: `config.json:12:5: message`. */
export function findingLine(finding: Pick<Diagnostic, "file" | "line" | "column" | "message">): string {
  const place = finding.line > 0 ? `${finding.file}:${finding.line}:${finding.column}` : finding.file;
  return `${place}: ${finding.message}`;
}

// Reads strict JSON with positions, and says in plain words what breaks it.
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { ConfigDocument } from "./document.ts";
import type { Span } from "./source-text.ts";

/** Beyond any real configuration, and small enough for every recursive reader. */
const DEEPEST = 64;
/** 100,000 virtual keys take about 40 MB. */
const LARGEST = 128 * 1024 * 1024;

/** The tree of the file, or undefined after refusing it. */
export function readSyntax(document: ConfigDocument): Node | undefined {
  const { text } = document.source;
  if (text.length > LARGEST) {
    document.refuse({ offset: 0, length: 1 }, "syntax", `the file is larger than ${LARGEST / 1024 / 1024} MB`);
    return undefined;
  }
  if (text.trim() === "") {
    document.refuse({ offset: 0, length: 1 }, "syntax", "the file is empty", {
      expected: "a JSON object; the smallest is {}",
    });
    return undefined;
  }
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    document.refuse({ offset: deep, length: 1 }, "syntax", `nested deeper than ${DEEPEST} levels`);
    return undefined;
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: true });
  for (const error of withoutConsequences(errors, text)) report(document, error);
  if (!document.isRefused) checkStrictly(document, text);
  if (tree !== undefined && !document.isRefused && tree.type !== "object") {
    document.refuse({ offset: tree.offset, length: 1 }, "wrong-type", "the configuration must be a JSON object", {
      found: tree.type === "array" ? "a list […]" : `a ${tree.type}`,
    });
  }
  return document.isRefused ? undefined : tree;
}

function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at++;
      while (at < text.length && text.charCodeAt(at) !== 34) at += text.charCodeAt(at) === 92 ? 2 : 1;
    } else if (code === 123 || code === 91) {
      if (++depth > DEEPEST) return at;
    } else if (code === 125 || code === 93) depth--;
  }
  return undefined;
}

/** After the first break everything else is guesswork; comments and superfluous commas are independent of one another. */
function withoutConsequences(errors: readonly ParseError[], text: string): ParseError[] {
  const kept: ParseError[] = [];
  const commas = new Set<number>();
  for (const error of [...errors].sort((a, b) => a.offset - b.offset)) {
    const comma = superfluousComma(text, error);
    // the parser stumbles twice over one comma
    if (comma === undefined || !commas.has(comma)) kept.push(error);
    if (comma !== undefined) commas.add(comma);
    else if (printParseErrorCode(error.error) !== "InvalidCommentToken") break;
  }
  return kept;
}

/** The offset of the comma before a closing bracket, when that is what the parser stumbled over. */
function superfluousComma(text: string, error: ParseError): number | undefined {
  const name = printParseErrorCode(error.error);
  if (name !== "PropertyNameExpected" && name !== "ValueExpected") return undefined;
  let at = error.offset;
  if (!"}]".includes(text[at] ?? "x")) at = text.slice(at).search(/\S/) + at;
  if (!"}]".includes(text[at] ?? "x")) return undefined;
  const before = text.slice(0, at).trimEnd();
  return before.endsWith(",") ? before.length - 1 : undefined;
}

type Explanation = (text: string, error: ParseError) => string;

const EXPLANATIONS: Record<string, Explanation> = {
  InvalidCommentToken: () => "JSON has no comments: remove it",
  InvalidSymbol: (text, error) =>
    text[error.offset] === "'"
      ? "text needs double quotes, not single ones"
      : 'this is no JSON value: text needs double quotes ("…"), words are only true, false and null',
  InvalidNumberFormat: () => "this is not a number as JSON writes it",
  PropertyNameExpected: () => "the name of a member is expected here, in double quotes",
  ValueExpected: () => "a value is expected here",
  ColonExpected: () => "a colon is expected between the name and its value",
  CommaExpected: () => "a comma is missing before this",
  CloseBraceExpected: (text, error) => endedEarly(text, error, "}"),
  CloseBracketExpected: (text, error) => endedEarly(text, error, "]"),
  EndOfFileExpected: () => "something follows the end of the configuration",
  UnexpectedEndOfComment: () => "JSON has no comments, and this one never ends",
  UnexpectedEndOfString: () => "the closing quote of this text is missing",
  UnexpectedEndOfNumber: () => "this is not a number as JSON writes it",
  InvalidUnicode: () => "\\u must be followed by four hexadecimal digits",
  InvalidEscapeCharacter: () => "this escape does not exist: a backslash itself is written \\\\",
  InvalidCharacter: () => "a control character must be written as an escape within text",
};

function endedEarly(text: string, error: ParseError, bracket: string): string {
  return error.offset >= text.trimEnd().length
    ? `the file ends before everything is closed: a "${bracket}" is missing; is it cut off?`
    : `a comma or "${bracket}" is expected here`;
}

function report(document: ConfigDocument, error: ParseError): void {
  const { text } = document.source;
  const comma = superfluousComma(text, error);
  if (comma !== undefined) {
    document.refuse({ offset: comma, length: 1 }, "syntax", "JSON allows no comma after the last entry: remove it");
    return;
  }
  const name = printParseErrorCode(error.error);
  const atEnd = error.offset >= text.trimEnd().length;
  const span: Span = atEnd ? { offset: Math.max(0, text.trimEnd().length - 1), length: 1 } : error;
  const explain = atEnd && name !== "UnexpectedEndOfString" ? EXPLANATIONS.CloseBraceExpected : EXPLANATIONS[name];
  document.refuse(span, "syntax", explain?.(text, error) ?? "this is not JSON");
}

/** The parser with positions is lenient about a few number spellings and control characters; JSON.parse is the judge. */
function checkStrictly(document: ConfigDocument, text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec(error instanceof Error ? error.message : "");
    document.refuse({ offset: at === null ? 0 : Number(at[1]), length: 1 }, "syntax", "this is not JSON");
  }
}

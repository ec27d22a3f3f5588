// Reads the JSON of a configuration file, and says in plain words what breaks it and what to do.
import { LongList } from "../lib/json-text/long-list.ts";
import { parseJson } from "../lib/json-text/parse.ts";
import { placeOf } from "../lib/json-text/places.ts";
import type { JsonProblem, JsonProblemKind } from "../lib/json-text/problems.ts";
import type { DiagnosticDetails } from "./diagnostic.ts";
import type { ConfigDocument } from "./document.ts";
import type { Span } from "./source-text.ts";
import { pathText, quoted } from "./texts.ts";

/** Beyond any real configuration, and small enough for every recursive reader. */
const DEEPEST = 64;
/** Besides the items of long lists, which are read one at a time. */
const MOST_VALUES = 4_000_000;
/** There may be a hundred thousand of these. */
const LONG_LISTS: ReadonlySet<string> = new Set(["virtual_keys"]);
const MEGABYTE = 1024 * 1024;
/** Bytes; 100,000 virtual keys take about 40 MB. */
export const LARGEST_FILE = 128 * MEGABYTE;

/** A file that is too large is not even read. */
export function tooLarge(size: number): string {
  return `the file has ${Math.ceil(size / MEGABYTE)} MB, and a configuration may have ${LARGEST_FILE / MEGABYTE} MB at most`;
}

/** The content of the file, or undefined after refusing it. Its long lists are LongLists, which are read item by item. */
export function readSyntax(document: ConfigDocument): unknown {
  const { bytes } = document.source;
  if (bytes.length > LARGEST_FILE) {
    document.refuse(START, "syntax", tooLarge(bytes.length));
    return undefined;
  }
  if (firstSign(bytes) === bytes.length) {
    document.refuse(START, "syntax", "the file is empty", OBJECT_EXPECTED);
    return undefined;
  }
  const { value, problems, duplicates } = parseJson(bytes, {
    deepest: DEEPEST,
    mostValues: MOST_VALUES,
    longLists: LONG_LISTS,
  });
  for (const problem of problems) report(document, problem);
  if (problems.length > 0) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof LongList) {
    const isList = typeof value === "object" && value !== null;
    document.refuse({ offset: firstSign(bytes), length: 1 }, "wrong-type", "the configuration must be a JSON object", {
      expected: "an object {…}",
      found: isList ? "a list […]" : value === null ? "null" : `a ${typeof value}`,
    });
    return undefined;
  }
  for (const duplicate of duplicates) {
    const path = pathTo(value, duplicate.object);
    const first = document.source.position(document.placeIn(duplicate.object, duplicate.name).offset).line;
    document.refuse(
      duplicate,
      "duplicate",
      `${quoted(duplicate.name)} is given twice in ${path === "" ? "the configuration" : path}`,
      { remedy: `The first is on line ${first}; keep one of them.` },
    );
  }
  return value;
}

/** Where the first byte stands that is no space. */
function firstSign(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d))) at++;
  return at;
}

const START: Span = { offset: 0, length: 1 };

const OBJECT_EXPECTED: DiagnosticDetails = {
  expected: "a JSON object; the smallest is {}",
  remedy: "`drawbridge init` writes one to start from.",
};

const MESSAGES: Readonly<Record<JsonProblemKind, string>> = {
  "value-expected": "a value is expected here",
  "name-expected": "the name of a member is expected here, in double quotes",
  "single-quotes": "text needs double quotes, not single ones",
  "unknown-word": 'this is no JSON value: text needs double quotes ("…"), words are only true, false and null',
  "bad-number": "this is not a number as JSON writes it",
  "colon-expected": "a colon is expected between the name and its value",
  "comma-missing": "a comma is missing before this",
  "comma-or-end-expected": "a comma or the closing bracket is expected here",
  "wrong-end": "this bracket closes nothing that is open here",
  "trailing-comma": "JSON allows no comma after the last entry: remove it",
  unclosed: "the file ends before everything is closed: is it cut off?",
  "more-follows": "something follows the end of the configuration",
  "open-string": "the closing quote of this text is missing on its line",
  "open-comment": "this comment never ends",
  "control-character": "a control character must be written as an escape within text",
  "unknown-escape": "this escape does not exist: a backslash itself is written \\\\",
  "bad-unicode-escape": "\\u must be followed by four hexadecimal digits",
  "too-deep": `nested deeper than ${DEEPEST} levels`,
  "too-many": `the file holds more than ${MOST_VALUES} values outside of long lists`,
};

function report(document: ConfigDocument, problem: JsonProblem): void {
  const isAtTop = problem.opener < 0;
  if (isAtTop && problem.kind === "unclosed")
    return document.refuse(START, "syntax", "the file holds nothing but comments", OBJECT_EXPECTED);
  if (
    isAtTop &&
    (problem.kind === "unknown-word" || problem.kind === "bad-number" || problem.kind === "value-expected")
  )
    return document.refuse(problem, "syntax", "this is no JSON: is it another kind of file?", {
      expected: "a JSON object, which begins with {",
    });
  document.refuse(problem, "syntax", MESSAGES[problem.kind], detailsOf(document, problem));
}

type Detailer = (document: ConfigDocument, problem: JsonProblem) => DiagnosticDetails;

const DETAILS: Partial<Record<JsonProblemKind, Detailer>> = {
  unclosed: expectedEnd,
  "wrong-end": expectedEnd,
  "comma-or-end-expected": (document, problem) => ({ expected: `"," or "${endOf(document, problem)}"` }),
  "unknown-word": (document, problem) => wordHint(textOf(document, problem)),
  "bad-number": (document, problem) => numberHint(textOf(document, problem)),
  "control-character": (document, problem) => controlHint(document.source.bytes[problem.offset]!),
  "open-string": () => ({ remedy: "A line end within text is written \\n." }),
  "more-follows": () => ({ remedy: "The file is one object; a closing bracket further up may be one too many." }),
};

function detailsOf(document: ConfigDocument, problem: JsonProblem): DiagnosticDetails {
  return DETAILS[problem.kind]?.(document, problem) ?? {};
}

function textOf(document: ConfigDocument, { offset, length }: JsonProblem): string {
  return document.source.bytes.toString("utf8", offset, offset + Math.min(length, 100));
}

function endOf(document: ConfigDocument, { opener }: JsonProblem): string {
  return document.source.bytes[opener] === 0x7b ? "}" : "]";
}

/** The bracket that must be closed first. */
function expectedEnd(document: ConfigDocument, problem: JsonProblem): DiagnosticDetails {
  if (problem.opener < 0) return {};
  const { line, column } = document.source.position(problem.opener);
  const end = endOf(document, problem);
  return { expected: `"${end}" for the "${end === "}" ? "{" : "["}" of line ${line}, column ${column}` };
}

const WORDS: Readonly<Record<string, string>> = {
  true: "true",
  yes: "true",
  on: "true",
  false: "false",
  no: "false",
  off: "false",
  null: "null",
  none: "null",
  nil: "null",
  undefined: "null",
};

function wordHint(word: string): DiagnosticDetails {
  const lower = word.toLowerCase();
  return Object.hasOwn(WORDS, lower) ? { remedy: `Write ${WORDS[lower]}.` } : {};
}

function numberHint(text: string): DiagnosticDetails {
  if (/^[-+]?0[xob]/i.test(text)) return { remedy: "Write it in decimal digits." };
  if (/^-?0\d/.test(text)) return { remedy: "Leave out the zeros at its beginning." };
  if (text.startsWith("+")) return { remedy: 'Leave out the "+".' };
  if (/^-?\./.test(text)) return { remedy: "Write a 0 before the point." };
  if (/^-?\d+\.(?!\d)/.test(text)) return { remedy: "Write digits after the point." };
  if (/^\d+(?:ms|[smhdwMQY])$/.test(text)) return { remedy: `Put it in double quotes: "${text}".` };
  return {};
}

function controlHint(byte: number): DiagnosticDetails {
  if (byte === 0x09) return { expected: "\\t for a tab" };
  if (byte === 0) return { found: "a NUL byte: the file may be damaged" };
  return { expected: `\\u00${byte.toString(16).padStart(2, "0")}` };
}

/** The path of the object that begins at this byte, for messages. */
function pathTo(root: object, offset: number): string {
  const names: (string | number)[] = [];
  let container: object = root;
  while (placeOf(container) !== offset) {
    const next = lastBefore(container, offset);
    if (next === undefined) break;
    names.push(next.name);
    container = next.value;
  }
  return pathText(names);
}

interface Nested {
  readonly name: string | number;
  readonly value: object;
}

/** The nested container that begins last before the byte: only it can hold what stands there. */
function lastBefore(container: object, offset: number): Nested | undefined {
  if (container instanceof LongList) return lastItem(container, offset);
  let best: Nested | undefined;
  for (const [name, value] of Object.entries(container) as [string, unknown][]) {
    if (typeof value !== "object" || value === null || placeOf(value) > offset) continue;
    if (best !== undefined && placeOf(best.value) > placeOf(value)) continue;
    best = { name: Array.isArray(container) ? Number(name) : name, value };
  }
  return best;
}

function lastItem(list: LongList, offset: number): Nested | undefined {
  let name = 0;
  while (name + 1 < list.length && list.place(name + 1) <= offset) name++;
  const value = list.item(name);
  return typeof value === "object" && value !== null ? { name, value } : undefined;
}

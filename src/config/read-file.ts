// Reads the bytes of a configuration file: UTF-8 of a sane size, or a word about what it is instead.
import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { type Diagnostic, diagnosticAt, diagnosticOf } from "./diagnostic.ts";
import { SourceText } from "./source-text.ts";
import { LARGEST_FILE, tooLarge } from "./syntax.ts";

export type FileBytes =
  | { readonly type: "bytes"; readonly bytes: Buffer }
  | { readonly type: "absent" | "unreadable"; readonly problem: Diagnostic };

/** The bytes without a byte order mark. */
export function readConfigFile(path: string, label: string): FileBytes {
  let bytes: Buffer;
  try {
    const read = readSane(path);
    if (typeof read === "string") return refused(label, read);
    bytes = read;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const isAbsent = code === "ENOENT" || code === "ENOTDIR";
    const problem = diagnosticOf(label, "error", "syntax", systemProblem(code));
    return { type: isAbsent ? "absent" : "unreadable", problem };
  }
  const encoding = foreignEncoding(bytes);
  if (encoding !== null) return refused(label, `the file is ${encoding}; save it as UTF-8`);
  const text = withoutMark(bytes);
  return isUtf8(text) ? { type: "bytes", bytes: text } : { type: "unreadable", problem: brokenAt(text, label) };
}

/** The bytes, or why they are not even read. */
function readSane(path: string): Buffer | string {
  const file = openSync(path, "r");
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) return systemProblem("EISDIR");
    if (stat.size > LARGEST_FILE) return tooLarge(stat.size);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function systemProblem(code: string): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "this is a directory, not a file";
  if (code === "EACCES" || code === "EPERM") return `the file may not be read by this user (${code})`;
  return `the file cannot be read (${code})`;
}

function refused(label: string, message: string): FileBytes {
  return { type: "unreadable", problem: diagnosticOf(label, "error", "syntax", message) };
}

/** UTF-16 is told by its mark, or by the NUL beside the first sign; UTF-32 begins with two of them. */
function foreignEncoding(bytes: Buffer): string | null {
  const [a, b, c, d] = bytes;
  if (
    bytes.length >= 4 &&
    ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
  )
    return "UTF-32";
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return "UTF-16";
  if (bytes.length >= 4 && ((a === 0 && b !== 0 && c === 0) || (a !== 0 && b === 0 && d === 0))) return "UTF-16";
  if (a === 0x1f && b === 0x8b) return "compressed (gzip)";
  return null;
}

/** A text without the byte order mark that some editors put before it. */
export function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** The first line that is no UTF-8. */
function brokenAt(bytes: Buffer, label: string): Diagnostic {
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(0x0a, start))
    start = end + 1;
  // the decoder puts a mark where it stumbles; what stands before it is as long in bytes as it was
  const good = bytes.toString("utf8", start).split("\uFFFD", 1)[0]!;
  const offset = start + Buffer.byteLength(good);
  const remedy = "Save the file as UTF-8.";
  return diagnosticAt(
    new SourceText(label, bytes),
    { offset, length: 1 },
    "error",
    "syntax",
    "this byte is no UTF-8 text",
    { remedy },
  );
}

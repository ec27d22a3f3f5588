// Reads the small members of a large JSON object, and steps over the others without making anything of them.
import { StringSkipper, skipSpace } from "./json-tokens.ts";

const QUOTE = 34;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const COMMA = 44;

export interface MemberOptions {
  /** Members of these names are left out. */
  readonly without: ReadonlySet<string>;
  /** Values longer than this are left out, bytes. */
  readonly longest: number;
}

/** The members of an object whose syntax is known to be right; without a prototype. What cannot be read is left out. */
export function smallMembers(bytes: Buffer, { without, longest }: MemberOptions): Record<string, unknown> {
  const members: Record<string, unknown> = Object.create(null);
  const strings = new StringSkipper();
  strings.start(bytes);
  let at = skipSpace(bytes, 0, bytes.length) + 1;
  for (;;) {
    const nameStart = skipSpace(bytes, at, bytes.length);
    if (bytes[nameStart] !== QUOTE) return members;
    const nameEnd = strings.skip(nameStart + 1);
    if (nameEnd < 0) return members;
    const start = skipSpace(bytes, skipSpace(bytes, nameEnd, bytes.length) + 1, bytes.length);
    const end = valueEnd(bytes, start, strings);
    if (end < 0) return members;
    const name = parse(bytes, nameStart, nameEnd);
    if (typeof name === "string" && end - start <= longest && !without.has(name)) {
      const value = parse(bytes, start, end);
      if (value !== undefined) members[name] = value;
    }
    at = skipSpace(bytes, end, bytes.length);
    if (bytes[at++] !== COMMA) return members;
  }
}

/** Undefined for what the parser does not take. */
function parse(bytes: Buffer, from: number, to: number): unknown {
  try {
    return JSON.parse(bytes.toString("utf8", from, to));
  } catch {
    return undefined;
  }
}

/** Behind the value that begins at `start`; below 0 where it does not end. */
function valueEnd(bytes: Buffer, start: number, strings: StringSkipper): number {
  let depth = 0;
  for (let at = start; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = strings.skip(at + 1);
      if (at < 0 || depth === 0) return at;
      continue;
    }
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || (byte as number) <= 32)) return at;
    at++;
  }
  return -1;
}

// Gets the text of an answer out of the bytes of its stream, without making objects of the events.
import { StringSkipper, skipSpace } from "../lib/json-tokens.ts";

/**
 * Joins the string values of a field over all events. The needle is the field's name with its quotes: inside content it
 * stands with escaped quotes and is not found. Only complete strings are taken, so bytes that were cut anywhere do.
 */
export function joinStrings(bytes: Buffer, field: string): string {
  const needle = Buffer.from(`"${field}"`);
  const strings = new StringSkipper();
  const pieces: string[] = [];
  strings.start(bytes);
  let at = bytes.indexOf(needle);
  while (at >= 0) {
    const colon = skipSpace(bytes, at + needle.length, bytes.length);
    const quote = bytes[colon] === 58 ? skipSpace(bytes, colon + 1, bytes.length) : -1;
    let next = at + needle.length;
    if (quote >= 0 && bytes[quote] === 34) {
      const end = strings.skip(quote + 1);
      if (end < 0) break;
      pieces.push(unquote(bytes, quote, end));
      next = end;
    }
    at = bytes.indexOf(needle, next);
  }
  strings.release();
  return pieces.join("");
}

function unquote(bytes: Buffer, from: number, to: number): string {
  try {
    return JSON.parse(bytes.toString("utf8", from, to)) as string;
  } catch {
    return "";
  }
}

/** Whether the bytes are a whole JSON value rather than events. */
export function looksLikeJson(bytes: Buffer): boolean {
  return bytes[skipSpace(bytes, 0, bytes.length)] === 123;
}

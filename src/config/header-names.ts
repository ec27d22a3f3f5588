// Reads lists of headers that requests must have: for everybody, or for the holders of one virtual key.
import { isHeaderName } from "../lib/header-block.ts";
import type { Reading } from "./reading.ts";
import { quoted } from "./texts.ts";

/** A required header that nobody can send would refuse every request. `path`: of the list, for messages. */
export function checkHeaderNames(
  { document }: Reading,
  names: readonly (string | undefined)[] | undefined,
  path: string,
): void {
  for (const [index, name] of (names ?? []).entries()) {
    if (name === undefined || isHeaderName(name)) continue;
    document.refuse(document.at(names!, index), "wrong-value", `${path}: ${quoted(name)} is not the name of a header`);
  }
}

/** As requests are compared with them: in lower case, each once. Items that were refused are undefined. */
export function headerNames(names: readonly (string | undefined)[] | undefined): string[] {
  return [...new Set((names ?? []).flatMap((name) => (name === undefined ? [] : name.toLowerCase())))];
}

// Makes ready header lines out of names and values, and refuses what could smuggle another line.
import type { HeaderBlock } from "../core/http.ts";

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export const NO_HEADERS = "" as HeaderBlock;

/** True when `value` may stand in a header: latin1, no CR, LF or NUL. */
export function isHeaderValue(value: string): boolean {
  return VALUE.test(value);
}

export function isHeaderName(name: string): boolean {
  return NAME.test(name);
}

/** The lines for these fields; undefined values are left out. Throws a TypeError on a name or value that is none. */
export function headerBlock(fields: Iterable<readonly [string, string | number | undefined]>): HeaderBlock {
  let block = "";
  for (const [name, value] of fields) {
    if (value === undefined) continue;
    const text = String(value);
    if (!isHeaderName(name) || !isHeaderValue(text)) throw new TypeError(`not a header: ${name}`);
    block += `${name}: ${text}\r\n`;
  }
  return block as HeaderBlock;
}

export function joinBlocks(first: HeaderBlock, second: HeaderBlock): HeaderBlock {
  return (first + second) as HeaderBlock;
}

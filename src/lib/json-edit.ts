// Changes top-level members of a JSON object in its bytes: untouched bytes are passed on as they stand, uncopied.
import { JSON_TYPE, type JsonScan } from "./json-scan.ts";
import { skipSpace } from "./json-tokens.ts";

/** A change by the index of the name in the scan, or a new member (`json` is JSON text in each). */
export type JsonEdit =
  /** Gives a present field another value; an absent one is left absent. */
  | { readonly type: "replace"; readonly field: number; readonly json: string }
  /** Takes the member away; an absent one is no error. */
  | { readonly type: "remove"; readonly field: number }
  /** Adds a member behind the last. The caller sees to it that the name is new. */
  | { readonly type: "insert"; readonly name: string; readonly json: string };

interface Cut {
  readonly from: number;
  readonly to: number;
  readonly json: string | null;
}

/** The document's bytes with the edits made, in parts to be sent one after another. `scan` must have read `bytes`. */
export function editJson(bytes: Buffer, scan: JsonScan, edits: readonly JsonEdit[]): Uint8Array[] {
  const cuts = widen(bytes, scan, cutsOf(scan, edits));
  const kept = scan.memberCount - cuts.filter((cut) => cut.json === null).length;
  const parts: Uint8Array[] = [];
  let at = scan.open;
  for (const cut of cuts) {
    if (cut.from > at) parts.push(bytes.subarray(at, cut.from));
    if (cut.json !== null) parts.push(Buffer.from(cut.json));
    at = cut.to;
  }
  if (scan.close > at) parts.push(bytes.subarray(at, scan.close));
  parts.push(Buffer.from(ending(edits, kept > 0)));
  return parts;
}

/** What stands in the closing brace's place: the new members and the brace. */
function ending(edits: readonly JsonEdit[], afterMembers: boolean): string {
  let text = "";
  for (const edit of edits) {
    if (edit.type !== "insert") continue;
    text += `${afterMembers || text !== "" ? "," : ""}${JSON.stringify(edit.name)}:${edit.json}`;
  }
  return `${text}}`;
}

/** The ranges to be replaced or removed, in the order of the bytes. */
function cutsOf(scan: JsonScan, edits: readonly JsonEdit[]): Cut[] {
  const cuts: Cut[] = [];
  for (const edit of edits) {
    if (edit.type === "insert" || scan.types[edit.field] === JSON_TYPE.absent) continue;
    const to = scan.ends[edit.field] as number;
    if (edit.type === "replace") cuts.push({ from: scan.starts[edit.field] as number, to, json: edit.json });
    else cuts.push({ from: scan.nameStarts[edit.field] as number, to, json: null });
  }
  return cuts.sort((a, b) => a.from - b.from);
}

/**
 * The cuts with the commas that go with removed members: the comma behind, but for members at the very end, one or a
 * run of them, the comma before.
 */
function widen(bytes: Buffer, scan: JsonScan, cuts: readonly Cut[]): Cut[] {
  const result: Cut[] = [];
  /** Where the run of removed members at the end begins. */
  let tail = scan.close;
  for (const cut of cuts.toReversed()) {
    if (cut.json !== null) {
      result.push(cut);
      continue;
    }
    const behind = skipSpace(bytes, cut.to, scan.close);
    const next = behind === scan.close ? behind : skipSpace(bytes, behind + 1, scan.close);
    if (next === tail) {
      tail = cut.from;
      result.push({ ...cut, from: commaBefore(bytes, scan, cut.from) });
    } else result.push({ ...cut, to: behind + 1 });
  }
  return result.reverse();
}

function commaBefore(bytes: Buffer, scan: JsonScan, i: number): number {
  let at = i - 1;
  while (at > scan.open && bytes[at] !== 44) at--;
  return at > scan.open ? at : i;
}

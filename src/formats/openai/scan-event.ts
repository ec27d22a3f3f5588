// Reads what matters of the usual event of a chat stream in its bytes, without making objects of it.
import type { ToldUsage } from "../../core/usage.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { escapeBytes } from "../../lib/json-text.ts";
import { latin1 } from "../../lib/latin1.ts";
import { readUsage } from "./usage.ts";

/** One event with one choice at most. Positions are -1 where there is none. */
export interface EventFacts {
  hasChoice: boolean;
  index: number;
  content: boolean;
  toolCalls: boolean;
  /** The finish reason; null: none yet. */
  finish: string | null;
  usage: ToldUsage | null;
  usageFrom: number;
  usageTo: number;
  /** UTF-8 bytes of its text; -1: the delta holds more than the scan knows of. */
  textBytes: number;
  /** The text without its quotes, where the delta is that and nothing else. */
  textFrom: number;
  textTo: number;
}

const eventScan = new JsonScan(["choices", "usage", "error", "x_groq", "service_tier"], {
  array: "choices",
  fields: ["delta", "finish_reason", "index"],
});
const [CHOICES, USAGE, ERROR, X_GROQ, SERVICE_TIER] = [0, 1, 2, 3, 4] as const;
const [DELTA, FINISH, INDEX] = [0, 1, 2] as const;
/** Fields of a delta that are content when they are there and not empty. */
export const CONTENT_FIELDS = [
  "content",
  "tool_calls",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "refusal",
  "function_call",
  "audio",
] as const;
/** `role` says nothing, but it is known. */
const deltaScan = new JsonScan([...CONTENT_FIELDS, "role"]);
const CONTENT = CONTENT_FIELDS.indexOf("content");
const TOOL_CALLS = CONTENT_FIELDS.indexOf("tool_calls");
/** What a word of the wire looks like; others are left to the parser. */
const WORD = /^"[a-z_]+"$/;
const ZERO = 48;

/** Filled by each scan anew: several events of each stream are looked at. */
const facts: EventFacts = {
  hasChoice: false,
  index: 0,
  content: false,
  toolCalls: false,
  finish: null,
  usage: null,
  usageFrom: -1,
  usageTo: -1,
  textBytes: 0,
  textFrom: -1,
  textTo: -1,
};

/** What the event says, until the next scan; null: it is an unusual one, to be parsed. */
export function scanEvent(bytes: Buffer, from: number, to: number): EventFacts | null {
  const scan = eventScan;
  if (!scan.readPlain(bytes, from, to)) return null;
  const { types } = scan;
  if (types[ERROR] !== JSON_TYPE.absent || types[X_GROQ] !== JSON_TYPE.absent) return null;
  if (types[CHOICES] !== JSON_TYPE.array || scan.itemCount > 1 || scan.nonObject >= 0) return null;
  if (types[USAGE] === JSON_TYPE.array) return null;
  noteUsage(bytes, scan);
  facts.hasChoice = scan.itemCount === 1;
  facts.content = facts.toolCalls = false;
  facts.finish = null;
  facts.textBytes = 0;
  facts.textFrom = facts.textTo = -1;
  return !facts.hasChoice || scanChoice(bytes, scan) ? facts : null;
}

function noteUsage(bytes: Buffer, scan: JsonScan): void {
  const isTold = scan.types[USAGE] === JSON_TYPE.object;
  facts.usage = isTold ? told(bytes, scan) : null;
  facts.usageFrom = isTold ? (scan.starts[USAGE] as number) : -1;
  facts.usageTo = isTold ? (scan.ends[USAGE] as number) : -1;
}

/** False: the choice is an unusual one. */
function scanChoice(bytes: Buffer, { itemTypes, itemStarts, itemEnds }: JsonScan): boolean {
  if (itemTypes[DELTA] !== JSON_TYPE.object || itemTypes[INDEX] !== JSON_TYPE.number) return false;
  const finish = wordOf(bytes, itemTypes[FINISH] as number, itemStarts[FINISH] as number, itemEnds[FINISH] as number);
  const at = itemStarts[INDEX] as number;
  if (finish === undefined || itemEnds[INDEX] !== at + 1) return false;
  facts.index = (bytes[at] as number) - ZERO;
  facts.finish = finish;
  return scanDelta(bytes, itemStarts[DELTA] as number, itemEnds[DELTA] as number);
}

function told(bytes: Buffer, { types, starts, ends }: JsonScan): ToldUsage {
  const from = starts[SERVICE_TIER] as number;
  const tier =
    types[SERVICE_TIER] === JSON_TYPE.string ? latin1(bytes, from + 1, (ends[SERVICE_TIER] as number) - 1) : undefined;
  return readUsage(bytes, starts[USAGE] as number, ends[USAGE] as number, tier);
}

/** Null: none; undefined: something else than a plain word. */
function wordOf(bytes: Buffer, type: number, from: number, to: number): string | null | undefined {
  if (type === JSON_TYPE.absent || type === JSON_TYPE.null) return null;
  if (type !== JSON_TYPE.string) return undefined;
  const text = latin1(bytes, from, to);
  return WORD.test(text) ? text.slice(1, -1) : undefined;
}

/** False: the delta is an unusual one. */
function scanDelta(bytes: Buffer, from: number, to: number): boolean {
  if (!deltaScan.readPlain(bytes, from, to)) return false;
  const { types, starts, ends, names, memberCount } = deltaScan;
  let known = 0;
  let others = 0;
  for (let field = 0; field < names.length; field++) {
    const type = types[field] as number;
    if (type === JSON_TYPE.absent) continue;
    known++;
    if (type === JSON_TYPE.null || field >= CONTENT_FIELDS.length) continue;
    // An empty text is `""`; whether a list with white space in it is empty is left to the parser.
    const length = (ends[field] as number) - (starts[field] as number);
    if (type === JSON_TYPE.string && length === 2) continue;
    if (type === JSON_TYPE.array && bytes[(starts[field] as number) + 1] !== 123) return false;
    facts.content = true;
    if (field !== CONTENT || type !== JSON_TYPE.string) others++;
  }
  facts.toolCalls = types[TOOL_CALLS] === JSON_TYPE.array;
  if (others > 0 || known !== memberCount) facts.textBytes = -1;
  else if (facts.content) noteText(bytes, (starts[CONTENT] as number) + 1, (ends[CONTENT] as number) - 1, known === 1);
  return true;
}

function noteText(bytes: Buffer, from: number, to: number, isAlone: boolean): void {
  facts.textBytes = to - from - escapeBytes(bytes, from, to);
  if (!isAlone) return;
  facts.textFrom = from;
  facts.textTo = to;
}

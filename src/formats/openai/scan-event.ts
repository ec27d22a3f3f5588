// Reads what matters of the usual event of a chat stream in its bytes, without making objects of it.
import type { ToldUsage } from "../../core/usage.ts";
import { JSON_TYPE, JsonScan } from "../../lib/json-scan.ts";
import { readUsage } from "./usage.ts";

/** One event with one choice at most. */
export interface EventFacts {
  readonly hasChoice: boolean;
  readonly index: number;
  readonly content: boolean;
  readonly toolCalls: boolean;
  /** The finish reason; null: none yet. */
  readonly finish: string | null;
  readonly usage: ToldUsage | null;
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
const deltaScan = new JsonScan(CONTENT_FIELDS);
const TOOL_CALLS = CONTENT_FIELDS.indexOf("tool_calls");
/** What a word of the wire looks like; others are left to the parser. */
const WORD = /^"[a-z_]+"$/;

/** Null: the event is an unusual one, to be parsed. */
export function scanEvent(bytes: Buffer, from: number, to: number): EventFacts | null {
  const scan = eventScan;
  if (!scan.readPlain(bytes, from, to)) return null;
  const { types, itemTypes, itemStarts, itemEnds } = scan;
  if (types[ERROR] !== JSON_TYPE.absent || types[X_GROQ] !== JSON_TYPE.absent) return null;
  if (types[CHOICES] !== JSON_TYPE.array || scan.itemCount > 1 || scan.nonObject >= 0) return null;
  if (types[USAGE] === JSON_TYPE.array) return null;
  const usage = types[USAGE] === JSON_TYPE.object ? told(bytes, scan) : null;
  if (scan.itemCount === 0)
    return { hasChoice: false, index: 0, content: false, toolCalls: false, finish: null, usage };
  if (itemTypes[DELTA] !== JSON_TYPE.object || itemTypes[INDEX] !== JSON_TYPE.number) return null;
  const index = bytes.toString("latin1", itemStarts[INDEX], itemEnds[INDEX]);
  const finish = wordOf(bytes, itemTypes[FINISH] as number, itemStarts[FINISH] as number, itemEnds[FINISH] as number);
  if (finish === undefined || index.length !== 1) return null;
  const delta = scanDelta(bytes, itemStarts[DELTA] as number, itemEnds[DELTA] as number);
  return delta && { hasChoice: true, index: Number(index), ...delta, finish, usage };
}

function told(bytes: Buffer, { types, starts, ends }: JsonScan): ToldUsage {
  const from = starts[SERVICE_TIER] as number;
  const tier =
    types[SERVICE_TIER] === JSON_TYPE.string
      ? bytes.toString("latin1", from + 1, (ends[SERVICE_TIER] as number) - 1)
      : undefined;
  return readUsage(bytes, starts[USAGE] as number, ends[USAGE] as number, tier);
}

/** Null: none; undefined: something else than a plain word. */
function wordOf(bytes: Buffer, type: number, from: number, to: number): string | null | undefined {
  if (type === JSON_TYPE.absent || type === JSON_TYPE.null) return null;
  if (type !== JSON_TYPE.string) return undefined;
  const text = bytes.toString("latin1", from, to);
  return WORD.test(text) ? text.slice(1, -1) : undefined;
}

function scanDelta(bytes: Buffer, from: number, to: number): { content: boolean; toolCalls: boolean } | null {
  if (!deltaScan.readPlain(bytes, from, to)) return null;
  const { types, starts, ends } = deltaScan;
  let content = false;
  for (let field = 0; field < deltaScan.names.length; field++) {
    const type = types[field] as number;
    if (type === JSON_TYPE.absent || type === JSON_TYPE.null) continue;
    // An empty text is `""`; whether a list with white space in it is empty is left to the parser.
    const length = (ends[field] as number) - (starts[field] as number);
    if (type === JSON_TYPE.string && length === 2) continue;
    if (type === JSON_TYPE.array && bytes[(starts[field] as number) + 1] !== 123) return null;
    content = true;
  }
  return { content, toolCalls: types[TOOL_CALLS] === JSON_TYPE.array };
}

// The outline of a request's messages for the record: role, kind and length of each, from the positions that the scan found.
import type { Exchange } from "../../core/exchange.ts";
import { MESSAGE_KINDS, MESSAGE_ROLES, type MessageKind, packMessage } from "../../core/message-outline.ts";
import { JSON_TYPE, type JsonScan } from "../../lib/json-scan.ts";
import { ITEM_PLACE, ITEM_WORDS, itemTable, MAX_ITEMS } from "../../lib/json-scan-wasm.ts";

const ROLES = MESSAGE_ROLES.map((role) => Buffer.from(`"${role}"`));
const TEXT = MESSAGE_KINDS.indexOf("text");
const TOOL_CALL = MESSAGE_KINDS.indexOf("tool_call");
const TOOL_RESULT = MESSAGE_KINDS.indexOf("tool_result");
const OTHER = MESSAGE_KINDS.indexOf("other");
const ASSISTANT = MESSAGE_ROLES.indexOf("assistant");
const TYPE_NAME = Buffer.from('"type"');
const TOOL_CALLS = Buffer.from('"tool_calls"');
/** Of a content in parts, and of what follows a content, so much is looked at; bytes. */
const GLANCE = 4096;
/** So many parts. */
const MOST_PARTS = 8;

/** What the dialects call the kinds of their parts. */
const KINDS: Readonly<Record<string, MessageKind>> = {
  text: "text",
  input_text: "text",
  output_text: "text",
  image_url: "image",
  image: "image",
  input_image: "image",
  input_audio: "audio",
  file: "file",
  document: "file",
  input_file: "file",
  tool_use: "tool_call",
  server_tool_use: "tool_call",
  tool_result: "tool_result",
  thinking: "reasoning",
  redacted_thinking: "reasoning",
};

/** Right after the scan, whose positions the next one overwrites. A lone message needs no list. */
export function readOutline(exchange: Exchange, scan: JsonScan): void {
  const count = scan.itemCount;
  if (count < 2 || !exchange.snapshot.settings.contentLogging) return;
  const { bytes } = exchange.request.body;
  const messages: number[] = [];
  let input = -1;
  for (let i = 0, at = 0; i < count && i < MAX_ITEMS; i++, at += ITEM_WORDS) {
    if (itemTable[at + ITEM_PLACE.start] === scan.markedStart) input = i;
    messages.push(outlineOf(bytes, at));
  }
  exchange.outline = { messages, count, input };
}

function outlineOf(bytes: Buffer, at: number): number {
  const role = roleAt(bytes, itemTable[at + ITEM_PLACE.first] as number);
  const from = itemTable[at + ITEM_PLACE.second] as number;
  const to = itemTable[at + ITEM_PLACE.secondEnd] as number;
  const end = itemTable[at + ITEM_PLACE.end] as number;
  const name = MESSAGE_ROLES[role];
  const answersTool = name === "tool" || name === "function";
  switch (itemTable[at + ITEM_PLACE.secondType]) {
    case JSON_TYPE.string: {
      const calls = role === ASSISTANT && holds(bytes, to, end, TOOL_CALLS);
      return packMessage(role, answersTool ? TOOL_RESULT : calls ? TOOL_CALL : TEXT, to - from - 2);
    }
    case JSON_TYPE.array:
      return packMessage(role, answersTool ? TOOL_RESULT : kindOfParts(bytes, from, to), to - from);
    default:
      return packMessage(
        role,
        role === ASSISTANT ? TOOL_CALL : OTHER,
        end - (itemTable[at + ITEM_PLACE.start] as number),
      );
  }
}

function roleAt(bytes: Buffer, from: number): number {
  next: for (let role = 1; role < ROLES.length; role++) {
    const word = ROLES[role] as Buffer;
    for (let i = 1; i < word.length; i++) if (bytes[from + i] !== word[i]) continue next;
    return role;
  }
  return 0;
}

function holds(bytes: Buffer, from: number, to: number, word: Buffer): boolean {
  return to - from > word.length && bytes.subarray(from, Math.min(to, from + GLANCE)).includes(word);
}

/** By the types of the first parts; the one that tells most. */
function kindOfParts(bytes: Buffer, from: number, to: number): number {
  const head = bytes.subarray(from, Math.min(to, from + GLANCE));
  let kind = 0;
  let at = head.indexOf(TYPE_NAME);
  for (let parts = 0; at >= 0 && parts < MOST_PARTS; parts++) {
    const word = /^\s*:\s*"([a-z_]{1,32})"/.exec(head.toString("latin1", at + TYPE_NAME.length, at + 48))?.[1];
    const known = word === undefined ? undefined : KINDS[word];
    if (known !== undefined) kind = Math.max(kind, MESSAGE_KINDS.indexOf(known));
    at = head.indexOf(TYPE_NAME, at + TYPE_NAME.length);
  }
  return kind;
}

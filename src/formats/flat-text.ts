// Counts the bytes of what a model writes in one event, without parsing it.
import { escapeBytes } from "../lib/json-text.ts";
import { latin1 } from "../lib/latin1.ts";

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [123, 125, 91, 93] as const;

/** Where the text of a dialect's events stands. */
export interface TextPlaces {
  /** How an object begins that brings one text and nothing else, up to the text: the usual event. */
  readonly usual: string;
  /** Objects that hold it, as `"delta"`; the first that the event has. */
  readonly objects: readonly string[];
  /** Members of these objects, at any depth, whose strings are text. */
  readonly names: ReadonlySet<string>;
  /** Members that all say the same: the longest counts. */
  readonly twins: ReadonlySet<string>;
  /** Members that count where no twin says the same. */
  readonly details: ReadonlySet<string>;
}

interface Sums {
  text: number;
  twin: number;
  detail: number;
}

function skipSpace(text: string, from: number): number {
  let i = from;
  while (text.charCodeAt(i) <= 32) i++;
  return i;
}

/** Index of the quote that ends the string whose first character is at `from`; the length where none does. */
function closingQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i++;
  }
  return text.length;
}

/** UTF-8 bytes of the text that a JSON string stands for: text[from, to), latin1 of the bytes that it is in. */
function lengthOf(text: string, from: number, to: number): number {
  const slash = text.indexOf("\\", from);
  if (slash < 0 || slash >= to) return to - from;
  return to - from - escapeBytes(Buffer.from(text.slice(slash, to), "latin1"), 0, to - slash);
}

function note(sums: Sums, places: TextPlaces, name: string, length: number): void {
  if (places.names.has(name)) sums.text += length;
  else if (places.twins.has(name)) sums.twin = Math.max(sums.twin, length);
  else if (places.details.has(name)) sums.detail += length;
}

/** Walks the object that opens at `from`; the index behind it. */
function walk(text: string, from: number, places: TextPlaces, sums: Sums): number {
  let depth = 0;
  let name = "";
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === OPEN || code === OPEN_LIST) depth++;
    else if (code === CLOSE || code === CLOSE_LIST) {
      if (--depth === 0) return i + 1;
    } else if (code === QUOTE) {
      const end = closingQuote(text, i + 1);
      const after = skipSpace(text, end + 1);
      if (text.charCodeAt(after) === COLON) {
        name = text.slice(i + 1, end);
        i = after;
      } else {
        note(sums, places, name, lengthOf(text, i + 1, end));
        i = end;
      }
    }
  }
  return text.length;
}

function sumIn(text: string, object: string, places: TextPlaces): number {
  let sum = 0;
  for (let at = text.indexOf(object); at >= 0; at = text.indexOf(object, at)) {
    const colon = skipSpace(text, at + object.length);
    at += object.length;
    if (text.charCodeAt(colon) !== COLON) continue;
    const open = skipSpace(text, colon + 1);
    if (text.charCodeAt(open) !== OPEN) continue;
    const sums: Sums = { text: 0, twin: 0, detail: 0 };
    at = walk(text, open, places, sums);
    sum += sums.text + (sums.twin > 0 ? sums.twin : sums.detail);
  }
  return sum;
}

/** -1: not the usual event. */
function usualText(text: string, { usual, objects }: TextPlaces): number {
  const at = text.indexOf(usual);
  if (at < 0) return -1;
  const start = at + usual.length;
  const end = closingQuote(text, start);
  if (text.charCodeAt(end + 1) !== CLOSE || text.includes(objects[0] as string, end)) return -1;
  return lengthOf(text, start, end);
}

/** UTF-8 bytes of what the model writes in the event whose data is bytes[from, to). */
export function textBytesIn(bytes: Buffer, from: number, to: number, places: TextPlaces): number {
  const text = latin1(bytes, from, to);
  const usual = usualText(text, places);
  if (usual >= 0) return usual;
  for (const object of places.objects) if (text.includes(object)) return sumIn(text, object, places);
  return 0;
}

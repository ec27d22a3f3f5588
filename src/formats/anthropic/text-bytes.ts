// Where the events of a message stream have what the model writes.
import { type TextPlaces, textBytesIn } from "../flat-text.ts";

const PLACES: TextPlaces = {
  usual: '"delta":{"type":"text_delta","text":"',
  objects: ['"delta"', '"content_block"'],
  names: new Set(["text", "thinking", "partial_json", "name"]),
  twins: new Set(),
  details: new Set(),
};

/** Of one event: text, thinking, names and arguments of calls. */
export function messageTextBytes(bytes: Buffer, from: number, to: number): number {
  return textBytesIn(bytes, from, to, PLACES);
}

// Reads one JSON string out of a body's bytes; plain ASCII, the usual case, without a parser.

/** The text of the JSON string bytes[from, to), quotes included in the range. */
export function readText(bytes: Buffer, from: number, to: number): string {
  for (let i = from + 1; i < to - 1; i++) {
    const byte = bytes[i] as number;
    if (byte === 92 || byte > 126 || byte < 32) return parseText(bytes, from, to);
  }
  return bytes.toString("latin1", from + 1, to - 1);
}

/** The scan lets a control character pass deep inside a string; JSON.parse does not, so such a text is read as it is. */
function parseText(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString("utf8", from, to);
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}

/** True when the text holds a control character (C0, DEL or C1) or half a surrogate pair. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || (code >= 127 && code < 160)) return true;
  }
  return !text.isWellFormed();
}

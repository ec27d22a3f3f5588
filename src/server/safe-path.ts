// Tells paths that mean what they say from those that climb, hide or do not decode.

/** An encoding inside an encoding is looked into this often; one deeper is refused. */
const LAYERS = 3;

/** False for a path with dot segments, backslashes, control characters or empty segments, in whatever encoding. */
export function isSafePath(path: string): boolean {
  let text = path;
  for (let layer = 0; layer < LAYERS; layer++) {
    if (!isPlain(text)) return false;
    if (!text.includes("%")) return true;
    const decoded = decode(text);
    // A per cent sign that begins no encoding, after one was taken off, is a character like others.
    if (decoded === null) return layer > 0;
    if (decoded === text) return true;
    text = decoded;
  }
  return false;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function isPlain(text: string): boolean {
  if (!text.startsWith("/") || text.includes("//")) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127 || code === 92) return false;
  }
  return !text.split("/").some(isDotSegment);
}

/** `.` and `..`, also with a parameter behind them. */
function isDotSegment(segment: string): boolean {
  const semicolon = segment.indexOf(";");
  const name = semicolon < 0 ? segment : segment.slice(0, semicolon);
  return name === "." || name === "..";
}

// Knows the events of one stream that bring plain text and nothing else by what stands around the text.

const NOTHING = Buffer.alloc(0);
const CONTENT_NAME = '"content":"';
const QUOTE = 34;
const BACKSLASH = 92;
/** So many other events in a row, and the frame is not looked for any more: this provider's events differ from one another. */
const MOST_MISSES = 4;

/**
 * What stands around the text in the events of one stream. Most providers repeat it byte for byte, and an event that has it, with plain
 * text between, is known without being searched.
 */
export class ContentFrame {
  #before: Buffer = NOTHING;
  #after: Buffer = NOTHING;
  #misses = 0;

  /** Whether bytes[from, to) is the frame around a text without escapes. */
  holds(bytes: Buffer, from: number, to: number): boolean {
    const before = this.#before;
    const after = this.#after;
    const start = from + before.length;
    const end = to - after.length;
    if (before.length === 0 || end < start) return false;
    for (let k = 0; k < before.length; k++) if (bytes[from + k] !== before[k]) return false;
    for (let k = 0; k < after.length; k++) if (bytes[end + k] !== after[k]) return false;
    for (let i = start; i < end; i++) if (bytes[i] === QUOTE || bytes[i] === BACKSLASH) return false;
    this.#misses = 0;
    return true;
  }

  /** Takes the frame of an event that was searched and is plain content; `text` is the event, a character a byte. */
  learn(bytes: Buffer, from: number, text: string): void {
    if (this.#misses++ >= MOST_MISSES) {
      this.#before = NOTHING;
      return;
    }
    const start = text.indexOf(CONTENT_NAME) + CONTENT_NAME.length;
    const end = text.indexOf('"', start);
    if (start < CONTENT_NAME.length || end < 0 || text.charCodeAt(end - 1) === BACKSLASH) return;
    this.#before = Buffer.from(bytes.subarray(from, from + start));
    this.#after = Buffer.from(bytes.subarray(from + end, from + text.length));
  }
}

// Makes strings out of bytes; those that repeat, names above all, are made once and shared.

const MOST = 1 << 13;
/** Longer ones hardly repeat. */
export const LONGEST_SHARED = 40;

/** The hash of plain bytes that `StringPool` wants; the parser computes the same while it reads. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0;
  for (let at = 0; at < bytes.length; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return hash;
}

export class StringPool {
  readonly #known: string[];

  /** For a text of so many bytes. */
  constructor(length: number) {
    const size = Math.min(MOST, 2 ** Math.ceil(Math.log2(length / 16 + 16)));
    this.#known = Array.from({ length: size }, () => "");
  }

  /** The text of plain bytes (below 0x80, no escapes). */
  get(bytes: Buffer, start: number, end: number, hash: number): string {
    const length = end - start;
    if (length > LONGEST_SHARED) return bytes.toString("latin1", start, end);
    const slot = (hash ^ (hash >>> 13)) & (this.#known.length - 1);
    const known = this.#known[slot]!;
    if (known.length === length && isText(known, bytes, start)) return known;
    const made = bytes.toString("latin1", start, end);
    this.#known[slot] = made;
    return made;
  }
}

function isText(text: string, bytes: Buffer, start: number): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

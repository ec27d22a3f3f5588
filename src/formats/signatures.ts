// Marks reasoning signatures with their issuer while a conversation is in the client's hands.

/**
 * What a marked signature begins with. A raw body that holds it must be translated instead of forwarded: no provider
 * knows the mark.
 */
export const SIGNATURE_MARK = "dbsig:";

/** A signature is a JSON string: with its quote the search passes over running text at the speed of memchr. */
const MARK = Buffer.from(`"${SIGNATURE_MARK}`);

/** Whether a raw body holds a marked signature, or the same text by chance. */
export function holdsMark(bytes: Buffer): boolean {
  return bytes.includes(MARK);
}

export interface Signed {
  readonly signature: string;
  readonly issuer?: string | undefined;
}

/**
 * The text that a client is given for a signature. `unmarked` names the issuer that the client's dialect belongs to:
 * its signatures stand as they are, so that they can also travel on the raw lane.
 */
export function markSignature(signature: string, issuer: string | undefined, unmarked?: string): string {
  if (issuer === undefined || issuer === "" || (issuer === unmarked && signature !== "")) return signature;
  return `${SIGNATURE_MARK}${encodeURIComponent(issuer)}:${signature}`;
}

/** Takes a client's text apart again; one without a mark is from `unmarked`. */
export function readSignature(text: string, unmarked?: string): Signed {
  const colon = text.startsWith(SIGNATURE_MARK) ? text.indexOf(":", SIGNATURE_MARK.length) : -1;
  if (colon < 0) return { signature: text, issuer: unmarked };
  try {
    return { signature: text.slice(colon + 1), issuer: decodeURIComponent(text.slice(SIGNATURE_MARK.length, colon)) };
  } catch {
    return { signature: text, issuer: unmarked };
  }
}

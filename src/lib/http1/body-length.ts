// Says how long the body of a message is, by the one rule that requests and answers follow.
import type { Head } from "./head.ts";

/** The body lasts until the connection closes. */
export const UNTIL_CLOSE = -1;
/** The body is chunked. */
export const CHUNKED = -2;

/** Length of the body of an answer to `method`: bytes, UNTIL_CLOSE or CHUNKED. A 2xx to CONNECT has none: a tunnel begins. */
export function answerBodyLength(method: string, head: Head): number {
  const { status } = head;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return 0;
  if (method === "CONNECT" && status < 300) return 0;
  if (head.chunked) return CHUNKED;
  return head.contentLength >= 0 ? head.contentLength : UNTIL_CLOSE;
}

/** Length of the body of a request: bytes or CHUNKED. Without any word about it there is none. */
export function requestBodyLength(head: Head): number {
  if (head.chunked) return CHUNKED;
  return head.contentLength > 0 ? head.contentLength : 0;
}

/** True when an answer to HEAD or with this status never has a body, whatever its head says. */
export function isBodiless(method: string, status: number): boolean {
  return method === "HEAD" || status < 200 || status === 204 || status === 304;
}

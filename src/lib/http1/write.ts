// Puts messages together for the wire: status lines, chunk frames, a latin1 head and its parts in one buffer.
import { writeLatin1 } from "../latin1.ts";

const REASONS: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  206: "Partial Content",
  207: "Multi-Status",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  499: "Client Closed Request",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
  529: "Overloaded",
};

const lines = new Map<number, string>();

/** `HTTP/1.1 200 OK` with its CR LF; an unknown status has an empty phrase. Throws on what is no status. */
export function statusLine(status: number): string {
  let line = lines.get(status);
  if (line === undefined) {
    if (!Number.isInteger(status) || status < 100 || status > 599) throw new RangeError(`not a status: ${status}`);
    line = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n`;
    lines.set(status, line);
  }
  return line;
}

/** The chunk that ends a chunked body, without trailer fields. */
export const LAST_CHUNK: Buffer = Buffer.from("0\r\n\r\n", "latin1");

/** How many bytes the parts hold together. */
export function totalLength(parts: readonly Uint8Array[]): number {
  let total = 0;
  for (let i = 0; i < parts.length; i++) total += (parts[i] as Uint8Array).length;
  return total;
}

/** Copies the parts to target[at …) and returns the index behind them. */
export function copyParts(target: Uint8Array, at: number, parts: readonly Uint8Array[]): number {
  let to = at;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Uint8Array;
    target.set(part, to);
    to += part.length;
  }
  return to;
}

/** Where the bytes are put together. */
export type Allocate = (length: number) => Buffer;

/** A head (latin1 text) and the parts behind it, in one buffer. */
export function joinHead(head: string, parts: readonly Uint8Array[], allocate: Allocate = Buffer.allocUnsafe): Buffer {
  const out = allocate(head.length + totalLength(parts));
  copyParts(out, writeLatin1(out, head, 0), parts);
  return out;
}

/** One chunk that holds all parts, framed, in one buffer. Empty parts give no bytes: an empty chunk would end the body. */
export function frameChunk(parts: readonly Uint8Array[], allocate: Allocate = Buffer.allocUnsafe): Buffer {
  return joinHeadAndChunk("", parts, allocate);
}

/** A head (latin1 text) and the parts as its first chunk, in one buffer; the head alone when the parts are empty. */
export function joinHeadAndChunk(
  head: string,
  parts: readonly Uint8Array[],
  allocate: Allocate = Buffer.allocUnsafe,
): Buffer {
  const length = totalLength(parts);
  if (length === 0) return Buffer.from(head, "latin1");
  const before = `${head}${length.toString(16)}\r\n`;
  const out = allocate(before.length + length + 2);
  const at = copyParts(out, writeLatin1(out, before, 0), parts);
  out[at] = 13;
  out[at + 1] = 10;
  return out;
}

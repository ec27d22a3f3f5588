// Reads the head of a request or an answer from its bytes, strictly; positions are kept, strings made only on demand.
import { authorityStart, isSameHost } from "./authority.ts";
import { FIELD_VALUE, isWord, readDecimal } from "./bytes.ts";
import { Framing, type HeadError, type HeadLimits, REQUEST_LIMITS } from "./framing.ts";

export { ANSWER_LIMITS, type HeadError, type HeadLimits, REQUEST_LIMITS } from "./framing.ts";

/** Longest request target, bytes. */
export const MAX_TARGET = 16 * 1024;

const PROTOCOL = "HTTP/";
const END = Buffer.from("\r\n\r\n", "latin1");
const MAX_METHOD = 32;
const SPACE = 32;
const CR = 13;
const LF = 10;

/** Index after the blank line that ends a head begun at or before `from`, or -1 while it has not come. */
export function findHeadEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(END, from);
  return at < 0 ? -1 : at + 4;
}

/** What is wrong already with a head bytes[start, end) whose blank line has not come, or null: wait for more. */
export function unfinishedHeadError(bytes: Buffer, start: number, end: number, limits: HeadLimits): HeadError | null {
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1))
    if (at === start || bytes[at - 1] !== CR)
      return { status: 400, reason: "a line of the head is ended by a bare LF; lines end with CR LF" };
  if (end - start <= limits.maxBytes) return null;
  const lineEnd = bytes.indexOf(LF, start);
  if (lineEnd < 0 || lineEnd - start > MAX_TARGET + MAX_METHOD) return targetTooLong();
  return headTooLarge(limits);
}

function targetTooLong(): HeadError {
  return { status: 414, reason: `the request target is longer than ${MAX_TARGET} bytes` };
}

function headTooLarge(limits: HeadLimits): HeadError {
  return { status: 431, reason: `the head is larger than ${limits.maxBytes} bytes` };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/** One head at a time, reused by its connection: each read overwrites the one before. */
export class Head extends Framing {
  /** Of an answer; 0 for a request. */
  status: number;
  private methodEnd: number;
  private targetStart: number;
  private targetEnd: number;

  constructor(limits: HeadLimits = REQUEST_LIMITS) {
    super(limits);
    this.status = 0;
    this.methodEnd = 0;
    this.targetStart = 0;
    this.targetEnd = 0;
  }

  /** Reads the request head bytes[start, end), `end` as findHeadEnd gave it. False: see `error`. */
  readRequest(bytes: Buffer, start: number, end: number): boolean {
    this.reset(bytes, start, end, true);
    // One empty line before a request is left over from clients that end a body with one; more is no request.
    const from = bytes[start] === CR && bytes[start + 1] === LF ? start + 2 : start;
    this.start = from;
    const fields = this.readRequestLine(from);
    if (fields < 0) return false;
    if (end - start > this.limits.maxBytes) return this.refuseWith(headTooLarge(this.limits));
    return this.readFields(fields) && this.checkRequest();
  }

  /** Reads the answer head bytes[start, end). False: see `error`, whose status is always 502. */
  readResponse(bytes: Buffer, start: number, end: number): boolean {
    this.reset(bytes, start, end, false);
    if (end - start > this.limits.maxBytes)
      return this.refuse(502, `the head is larger than ${this.limits.maxBytes} bytes`);
    const fields = this.readStatusLine(start);
    if (fields < 0 || !this.readFields(fields)) return false;
    if (this.http10 && this.chunked) return this.refuse(502, "an HTTP/1.0 answer has a transfer-encoding");
    if (this.status === 101) this.upgrade = true;
    else if (this.status < 200 && this.close) return this.refuse(502, "an interim answer ends the connection");
    return this.checkFraming();
  }

  /** The request line was good enough to tell method and target, also where the head as a whole was refused. */
  get hasTarget(): boolean {
    return this.targetEnd > 0;
  }

  method(): string {
    const { bytes, start, methodEnd } = this;
    const length = methodEnd - start;
    if (isWord(bytes, start, length, "post")) return "POST";
    return bytes.toString("latin1", start, methodEnd);
  }

  /** Path and query of a request (also where the target came in absolute form), or `*`. */
  target(): string {
    if (this.targetStart === this.targetEnd) return "/";
    return this.bytes.toString("latin1", this.targetStart, this.targetEnd);
  }

  private reset(bytes: Buffer, start: number, end: number, isRequest: boolean): void {
    this.begin(bytes, start, end, isRequest);
    this.status = 0;
    this.methodEnd = start;
    this.targetStart = 0;
    this.targetEnd = 0;
  }

  /** The index after the request line, or -1. */
  private readRequestLine(from: number): number {
    const { bytes } = this;
    let at = from;
    // Methods are upper case by custom; which of them a path takes is the route table's business.
    while (((bytes[at] as number) >= 65 && (bytes[at] as number) <= 90) || bytes[at] === 45) at++;
    if (at === from || at - from > MAX_METHOD || bytes[at] !== SPACE) return this.badLine("the method is malformed");
    this.methodEnd = at++;
    const target = at;
    while ((bytes[at] as number) > 32 && (bytes[at] as number) < 127 && bytes[at] !== 35) at++;
    if (at - target > MAX_TARGET) return this.badLine(targetTooLong().reason, 414);
    if (bytes[at] !== SPACE || at === target)
      return this.badLine("the target is empty or holds a byte that must be percent-encoded");
    this.targetStart = target;
    this.targetEnd = at++;
    if (!this.readVersion(at, 505)) return -1;
    if (bytes[at + 8] !== CR || bytes[at + 9] !== LF)
      return this.badLine("the request line does not end after the version");
    return at + 10;
  }

  /** The index after the status line, or -1. */
  private readStatusLine(from: number): number {
    const { bytes } = this;
    if (!this.readVersion(from, 502)) return -1;
    if (bytes[from + 8] !== SPACE) return this.badLine("the status line has no status");
    this.status = readDecimal(bytes, from + 9, from + 12);
    if (this.status < 100 || this.status > 599) return this.badLine("the status is no number from 100 to 599");
    let at = from + 12;
    if (bytes[at] === SPACE) while (FIELD_VALUE[bytes[at] as number]) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.badLine("the status line is malformed");
    return at + 2;
  }

  /** HTTP/1.1 or HTTP/1.0 at `at`, and nothing else. */
  private readVersion(at: number, foreign: number): boolean {
    const { bytes } = this;
    // One after another: the first byte that is wrong, at the latest the head's last CR, ends the reading.
    let i = 0;
    while (i < 5 && bytes[at + i] === PROTOCOL.charCodeAt(i)) i++;
    const isVersion = i === 5 && isDigit(bytes[at + 5]) && bytes[at + 6] === 46 && isDigit(bytes[at + 7]);
    if (!isVersion) return this.refuse(400, "the HTTP version is malformed");
    const major = bytes[at + 5] as number;
    const minor = bytes[at + 7] as number;
    if (major !== 49 || minor > 49) return this.refuse(foreign, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    this.http10 = minor === 48;
    this.close = this.http10;
    return true;
  }

  private checkRequest(): boolean {
    if (this.http10 && this.chunked) return this.refuse(400, "an HTTP/1.0 request has a transfer-encoding");
    if (!this.http10 && this.hostStart < 0) return this.refuse(400, "the Host header is missing");
    return this.checkFraming() && this.checkTarget();
  }

  /**
   * A path, `*` of OPTIONS, or the absolute form. That one must name the host of the Host header: a server has to
   * believe the target, our checks of the host read the header, and two hosts in one request are a way round them.
   */
  private checkTarget(): boolean {
    const { bytes, targetStart: from, targetEnd: end } = this;
    if (this.methodEnd - this.start === 7 && isWord(bytes, this.start, 7, "connect"))
      return this.refuse(400, "this is no proxy: CONNECT is not taken");
    if (bytes[from] === 47) return true;
    if (end - from === 1 && bytes[from] === 42)
      return isWord(bytes, this.start, this.methodEnd - this.start, "options")
        ? true
        : this.refuse(400, "only OPTIONS takes the target *");
    const host = authorityStart(bytes, from, end);
    if (host < 0) return this.refuse(400, "the target is no path");
    let path = host;
    while (path < end && bytes[path] !== 47 && bytes[path] !== 63) path++;
    if (path < end && bytes[path] === 63) return this.refuse(400, "the target has a query without a path");
    if (this.hostStart < 0 || !isSameHost(bytes, host, path, this.hostStart, this.hostEnd))
      return this.refuse(400, "the target names another host than the Host header");
    this.targetStart = path;
    return true;
  }
}

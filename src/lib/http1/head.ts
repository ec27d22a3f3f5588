// Reads the head of a request or an answer from its bytes, strictly; positions are kept, strings made only on demand.
import type { HeaderView } from "../../core/http.ts";
import { authorityStart, isHost, isSameHost } from "./authority.ts";
import { FIELD_VALUE, isWord, listHas, readDecimal, TOKEN } from "./bytes.ts";

/** Bounds of one head. */
export interface HeadLimits {
  readonly maxHeaders: number;
  readonly maxBytes: number;
}

/** Why a message was not taken: the status for the peer or the caller, and one clear sentence. */
export interface HeadError {
  readonly status: number;
  readonly reason: string;
}

export const REQUEST_LIMITS: HeadLimits = { maxHeaders: 100, maxBytes: 32 * 1024 };
export const ANSWER_LIMITS: HeadLimits = { maxHeaders: 100, maxBytes: 64 * 1024 };
/** Longest request target, bytes. */
export const MAX_TARGET = 16 * 1024;

const END = Buffer.from("\r\n\r\n", "latin1");
const MAX_METHOD = 32;
const SPACE = 32;
const TAB = 9;
const CR = 13;
const LF = 10;
const COLON = 58;

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

/** One head at a time, reused by its connection: each read overwrites the one before. */
export class Head implements HeaderView {
  bytes: Buffer;
  start: number;
  end: number;
  /** Number of fields. */
  count: number;
  /** Of an answer; 0 for a request. */
  status: number;
  /** -1 = the head names none. */
  contentLength: number;
  chunked: boolean;
  /** This message is the last of its connection: `Connection: close`, or HTTP/1.0 (whose keep-alive we do not play). */
  close: boolean;
  http10: boolean;
  /** The peer wants another protocol (a request with Upgrade), or has switched to it (101). */
  upgrade: boolean;
  expectContinue: boolean;
  error: HeadError | null;
  private readonly limits: HeadLimits;
  /** For each field: start and length of its name, start and end of its value. */
  private readonly positions: Int32Array;
  private isRequest: boolean;
  private methodEnd: number;
  private targetStart: number;
  private targetEnd: number;
  private hostStart: number;
  private hostEnd: number;

  constructor(limits: HeadLimits = REQUEST_LIMITS) {
    this.bytes = Buffer.alloc(0);
    this.start = 0;
    this.end = 0;
    this.count = 0;
    this.status = 0;
    this.contentLength = -1;
    this.chunked = false;
    this.close = false;
    this.http10 = false;
    this.upgrade = false;
    this.expectContinue = false;
    this.error = null;
    this.limits = limits;
    this.positions = new Int32Array(limits.maxHeaders * 4);
    this.isRequest = true;
    this.methodEnd = 0;
    this.targetStart = 0;
    this.targetEnd = 0;
    this.hostStart = -1;
    this.hostEnd = -1;
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
    return this.checkFraming();
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

  get(name: string): string | undefined {
    const { positions, bytes } = this;
    let found: string | undefined;
    for (let k = 0, stop = this.count * 4; k < stop; k += 4) {
      const length = positions[k + 1] as number;
      if (length !== name.length || !isWord(bytes, positions[k] as number, length, name)) continue;
      const value = bytes.toString("latin1", positions[k + 2], positions[k + 3]);
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  entries(): [string, string][] {
    const { positions, bytes } = this;
    const list: [string, string][] = [];
    for (let k = 0, stop = this.count * 4; k < stop; k += 4) {
      const at = positions[k] as number;
      const name = bytes.toString("latin1", at, at + (positions[k + 1] as number)).toLowerCase();
      list.push([name, bytes.toString("latin1", positions[k + 2], positions[k + 3])]);
    }
    return list;
  }

  private reset(bytes: Buffer, start: number, end: number, isRequest: boolean): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.isRequest = isRequest;
    this.count = 0;
    this.status = 0;
    this.contentLength = -1;
    this.chunked = false;
    this.close = false;
    this.http10 = false;
    this.upgrade = false;
    this.expectContinue = false;
    this.error = null;
    this.hostStart = -1;
  }

  private refuse(status: number, reason: string): false {
    this.error = { status: this.isRequest ? status : 502, reason };
    return false;
  }

  private refuseWith(error: HeadError): false {
    this.error = error;
    return false;
  }

  /** The index after the request line, or -1. */
  private readRequestLine(from: number): number {
    const { bytes } = this;
    let at = from;
    // Methods are upper case by custom; which of them a path takes is the route table's business.
    while (((bytes[at] as number) >= 65 && (bytes[at] as number) <= 90) || bytes[at] === 45) at++;
    if (at === from || at - from > MAX_METHOD || bytes[at] !== SPACE) return this.badLine("the method is malformed");
    this.methodEnd = at++;
    this.targetStart = at;
    while ((bytes[at] as number) > 32 && (bytes[at] as number) < 127 && bytes[at] !== 35) at++;
    this.targetEnd = at;
    if (at - this.targetStart > MAX_TARGET) return this.badLine(targetTooLong().reason, 414);
    if (bytes[at] !== SPACE || at === this.targetStart)
      return this.badLine("the target is empty or holds a byte that must be percent-encoded");
    at++;
    if (!this.readVersion(at, 505)) return -1;
    if (bytes[at + 8] !== CR || bytes[at + 9] !== LF)
      return this.badLine("the request line does not end after the version");
    return at + 10;
  }

  private badLine(reason: string, status = 400): -1 {
    this.refuse(status, reason);
    return -1;
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
    const isHttp = bytes[at] === 72 && bytes[at + 1] === 84 && bytes[at + 2] === 84 && bytes[at + 3] === 80;
    const major = bytes[at + 5] as number;
    const minor = bytes[at + 7] as number;
    const isVersion = major >= 48 && major <= 57 && bytes[at + 6] === 46 && minor >= 48 && minor <= 57;
    if (!isHttp || bytes[at + 4] !== 47 || !isVersion) return this.refuse(400, "the HTTP version is malformed");
    if (major !== 49 || minor > 49) return this.refuse(foreign, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    this.http10 = minor === 48;
    this.close = this.http10;
    return true;
  }

  private readFields(from: number): boolean {
    const { bytes, positions } = this;
    const stop = this.end - 2;
    let at = from;
    while (at < stop) {
      const name = at;
      while (TOKEN[bytes[at] as number]) at++;
      const length = at - name;
      if (bytes[at] !== COLON || length === 0) return this.refuse(400, this.nameFault(at, length));
      at++;
      while (bytes[at] === SPACE || bytes[at] === TAB) at++;
      const value = at;
      while (FIELD_VALUE[bytes[at] as number]) at++;
      if (bytes[at] !== CR || bytes[at + 1] !== LF)
        return this.refuse(400, "a header value holds a bare CR or LF, a NUL or another control character");
      let end = at;
      while (end > value && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
      at += 2;
      if (this.count === this.limits.maxHeaders)
        return this.refuse(431, `there are more than ${this.limits.maxHeaders} header fields`);
      const k = this.count++ * 4;
      positions[k] = name;
      positions[k + 1] = length;
      positions[k + 2] = value;
      positions[k + 3] = end;
      if (!this.noteField(name, length, value, end)) return false;
    }
    return true;
  }

  private nameFault(at: number, length: number): string {
    const byte = this.bytes[at];
    if (length === 0 && (byte === SPACE || byte === TAB)) return "a header field is folded over two lines";
    if (length > 0 && (byte === SPACE || byte === TAB)) return "there is a space between a header's name and its colon";
    return length === 0
      ? "a header field has no name"
      : "a header field has no colon, or its name holds a foreign byte";
  }

  /** Acts on the few fields that rule the message's bounds and its connection. */
  private noteField(name: number, length: number, value: number, end: number): boolean {
    const { bytes } = this;
    switch (length) {
      case 4:
        return isWord(bytes, name, length, "host") ? this.noteHost(value, end) : true;
      case 6:
        return this.isRequest && isWord(bytes, name, length, "expect") ? this.noteExpect(value, end) : true;
      case 7:
        if (this.isRequest && isWord(bytes, name, length, "upgrade")) this.upgrade = true;
        return true;
      case 10:
        if (isWord(bytes, name, length, "connection")) this.noteConnection(value, end);
        return true;
      case 14:
        return isWord(bytes, name, length, "content-length") ? this.noteLength(value, end) : true;
      case 17:
        return isWord(bytes, name, length, "transfer-encoding") ? this.noteEncoding(value, end) : true;
      default:
        return true;
    }
  }

  private noteHost(value: number, end: number): boolean {
    if (!this.isRequest) return true;
    if (this.hostStart >= 0) return this.refuse(400, "the Host header is there twice");
    if (!isHost(this.bytes, value, end)) return this.refuse(400, "the Host header is no host, or no host with a port");
    this.hostStart = value;
    this.hostEnd = end;
    return true;
  }

  private noteExpect(value: number, end: number): boolean {
    if (!isWord(this.bytes, value, end - value, "100-continue"))
      return this.refuse(417, "the only expectation that is met here is 100-continue");
    this.expectContinue = !this.http10;
    return true;
  }

  private noteConnection(value: number, end: number): void {
    if (listHas(this.bytes, value, end, "close")) this.close = true;
    if (this.isRequest && listHas(this.bytes, value, end, "upgrade")) this.upgrade = true;
  }

  private noteLength(value: number, end: number): boolean {
    if (this.contentLength >= 0) return this.refuse(400, "there are two content-length headers");
    this.contentLength = readDecimal(this.bytes, value, end);
    return this.contentLength >= 0 ? true : this.refuse(400, "the content-length is no decimal number");
  }

  private noteEncoding(value: number, end: number): boolean {
    if (this.chunked) return this.refuse(400, "there are two transfer-encoding headers");
    this.chunked = isWord(this.bytes, value, end - value, "chunked");
    if (this.chunked) return true;
    const coding = this.bytes.toString("latin1", value, end);
    const known = /^(x-)?(gzip|compress|deflate)(, *(x-)?(gzip|compress|deflate))*, *chunked$/i.test(coding);
    return known
      ? this.refuse(501, "of the transfer codings only chunked is understood")
      : this.refuse(400, "the transfer-encoding is not chunked");
  }

  private checkFraming(): boolean {
    if (!this.chunked || this.contentLength < 0) return true;
    return this.refuse(400, "content-length and transfer-encoding contradict each other");
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

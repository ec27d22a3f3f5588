// The fields that rule a message's bounds and its connection, read strictly: what two readers could take in two ways is refused.

import { isHost } from "./authority.ts";
import { FIELD_VALUE, isWord, listHas, readDecimal, TOKEN } from "./bytes.ts";
import { Fields } from "./fields.ts";

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

const SPACE = 32;
const TAB = 9;
const CR = 13;
const LF = 10;
const COLON = 58;

/** The fields of a head and what they say about the message. Its start line is the business of Head. */
export class Framing extends Fields {
  start: number;
  end: number;
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
  protected readonly limits: HeadLimits;
  protected isRequest: boolean;
  protected hostStart: number;
  protected hostEnd: number;

  constructor(limits: HeadLimits) {
    super(limits.maxHeaders);
    this.start = 0;
    this.end = 0;
    this.contentLength = -1;
    this.chunked = false;
    this.close = false;
    this.http10 = false;
    this.upgrade = false;
    this.expectContinue = false;
    this.error = null;
    this.limits = limits;
    this.isRequest = true;
    this.hostStart = -1;
    this.hostEnd = -1;
  }

  protected begin(bytes: Buffer, start: number, end: number, isRequest: boolean): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.isRequest = isRequest;
    this.count = 0;
    this.lengths = 0;
    this.contentLength = -1;
    this.chunked = false;
    this.close = false;
    this.http10 = false;
    this.upgrade = false;
    this.expectContinue = false;
    this.error = null;
    this.hostStart = -1;
  }

  protected refuse(status: number, reason: string): false {
    this.error = { status: this.isRequest ? status : 502, reason };
    return false;
  }

  protected refuseWith(error: HeadError): false {
    this.error = error;
    return false;
  }

  /** As `refuse`, for those who give back an index. */
  protected badLine(reason: string, status = 400): -1 {
    this.refuse(status, reason);
    return -1;
  }

  protected readFields(from: number): boolean {
    const { bytes } = this;
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
      this.note(name, length, value, end);
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
    // Nothing may follow the word, not even a blank: parsers disagree on whether "chunked" and a tab is chunked.
    this.chunked = this.bytes[end] === CR && isWord(this.bytes, value, end - value, "chunked");
    if (this.chunked) return true;
    const coding = this.bytes.toString("latin1", value, end);
    const known = /^(x-)?(gzip|compress|deflate)(, *(x-)?(gzip|compress|deflate))*, *chunked$/i.test(coding);
    return known
      ? this.refuse(501, "of the transfer codings only chunked is understood")
      : this.refuse(400, "the transfer-encoding is not chunked");
  }

  protected checkFraming(): boolean {
    if (!this.chunked || this.contentLength < 0) return true;
    return this.refuse(400, "content-length and transfer-encoding contradict each other");
  }
}

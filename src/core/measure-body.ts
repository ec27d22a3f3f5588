// Measures a request's body for estimates: how much of it is text, and what of it is pictures, documents and sound.
import type { Exchange } from "./exchange.ts";
import { MEDIA_MIN_BYTES, mediaKind } from "./media.ts";
import type { MediaCount, MediaKind, RequestSize } from "./request-size.ts";

/** Text has other characters than those of base64 at least once in so many bytes. */
const PROBE = 80;
const STRIDE = MEDIA_MIN_BYTES / 2;
/** Short media is looked for in bodies up to this: in longer ones it weighs little, and the search much. */
const SEARCHED = 16 * 1024;
const QUOTE = 34;
const NO_MEDIA: readonly MediaCount[] = [];
/** Type, parameters and the comma before the data: text that only begins like it has a space in it. */
const URL_HEAD = /^data:[^\s,;"]*(?:;[^\s,"]*)?,/;
const LONGEST_HEAD = 128;
/** Searched for without its quote, which stands in every body many times: the search stops at each first character. */
const URL_START = Buffer.from("data:");

/** Whether a byte may stand in base64 text, as JSON writes it. */
const IN_BASE64 = new Uint8Array(256);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\\")
  IN_BASE64[char.charCodeAt(0)] = 1;

/** The size of the exchange's body; measured once. */
export function sizeOf(exchange: Exchange): RequestSize {
  return (exchange.size ??= measure(exchange.request.body.bytes, exchange));
}

/** The same with short media looked for in bodies of any length: for budgets that are never exceeded. */
export function wholeSizeOf(exchange: Exchange): RequestSize {
  const { bytes } = exchange.request.body;
  if (bytes.length <= SEARCHED) return sizeOf(exchange);
  return measure(bytes, exchange, bytes.length);
}

function measure(bytes: Buffer, { maxTokens, n }: Exchange, searched?: number): RequestSize {
  const media = findMedia(bytes, searched);
  let inMedia = 0;
  for (const { bytes: length } of media) inMedia += length;
  return { textBytes: bytes.length - inMedia, media, maxTokens, n };
}

/** A `data:` URL, or a string of more than MEDIA_MIN_BYTES that has only characters of base64. `searched`: see SEARCHED. */
export function findMedia(bytes: Buffer, searched: number = SEARCHED): readonly MediaCount[] {
  const found = bytes.length <= searched ? urlsIn(bytes) : longStringsIn(bytes);
  return found ?? NO_MEDIA;
}

type Found = Map<MediaKind, { count: number; bytes: number }>;

function urlsIn(bytes: Buffer): MediaCount[] | null {
  let at = urlFrom(bytes, 0);
  if (at < 0 && bytes.length <= MEDIA_MIN_BYTES) return null;
  const found: Found = new Map();
  const seen: number[] = [];
  while (at >= 0) {
    const end = bytes.indexOf(QUOTE, at);
    if (end < 0) break;
    seen.push(at);
    note(found, kindAt(bytes, at), end - at);
    at = urlFrom(bytes, end + 1);
  }
  noteLongStrings(bytes, found, seen);
  return listed(found);
}

/** Where the next string begins that is a URL with its data in it; -1: there is none. */
function urlFrom(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(URL_START, from);
  while (at >= 0 && !(bytes[at - 1] === QUOTE && URL_HEAD.test(bytes.toString("latin1", at, at + LONGEST_HEAD))))
    at = bytes.indexOf(URL_START, at + URL_START.length);
  return at;
}

function longStringsIn(bytes: Buffer): MediaCount[] | null {
  const found: Found = new Map();
  noteLongStrings(bytes, found, []);
  return listed(found);
}

/** A long run of base64 covers one of the probes, so only those are looked at. */
function noteLongStrings(bytes: Buffer, found: Found, seen: readonly number[]): void {
  let at = STRIDE;
  while (at + PROBE < bytes.length) {
    if (!isBase64(bytes, at, at + PROBE)) {
      at += STRIDE;
      continue;
    }
    const from = bytes.lastIndexOf(QUOTE, at) + 1;
    const quote = bytes.indexOf(QUOTE, at);
    const to = quote < 0 ? bytes.length : quote;
    const start = dataStart(bytes, from, at);
    const isMedia = to - start > MEDIA_MIN_BYTES || isUrl(bytes, from);
    if (isMedia && !seen.includes(from) && isBase64(bytes, start, to)) note(found, kindAt(bytes, from), to - from);
    at = to + STRIDE;
  }
}

/** Behind the `data:…;base64,` of a URL. */
function dataStart(bytes: Buffer, from: number, at: number): number {
  if (!isUrl(bytes, from)) return from;
  const comma = bytes.indexOf(44, from);
  return comma < 0 || comma > at ? from : comma + 1;
}

function isUrl(bytes: Buffer, from: number): boolean {
  return bytes.toString("latin1", from, from + 5) === "data:";
}

function isBase64(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (IN_BASE64[bytes[at]!] === 0) return false;
  return true;
}

/** By the type in a `data:` URL; base64 alone has its type somewhere around it, and a picture is the usual case. */
function kindAt(bytes: Buffer, from: number): MediaKind {
  if (isUrl(bytes, from)) return mediaKind(/^data:([^;,]*)/.exec(bytes.toString("latin1", from, from + 64))?.[1] ?? "");
  const around = bytes.toString("latin1", Math.max(0, from - 200), from);
  const type = /"(?:media_type|mime_type|mimeType)"\s*:\s*"([^"]+)"/.exec(around)?.[1];
  if (type !== undefined) return mediaKind(type);
  return around.includes("input_audio") ? "audio" : "image";
}

function note(found: Found, kind: MediaKind, bytes: number): void {
  const known = found.get(kind);
  if (known === undefined) found.set(kind, { count: 1, bytes });
  else {
    known.count++;
    known.bytes += bytes;
  }
}

function listed(found: Found): MediaCount[] | null {
  return found.size === 0 ? null : [...found].map(([kind, each]) => ({ kind, ...each }));
}

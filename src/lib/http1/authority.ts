// Decides which Host fields and which request targets are well formed.
import { isWord, LOWER } from "./bytes.ts";

const NAME = new Uint8Array(256);
const ADDRESS = new Uint8Array(256);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") NAME[char.charCodeAt(0)] = 1;
for (const char of "0123456789abcdefABCDEF:.") ADDRESS[char.charCodeAt(0)] = 1;

function isPort(bytes: Uint8Array, from: number, end: number): boolean {
  if (end <= from || end - from > 5) return false;
  for (let i = from; i < end; i++) if ((bytes[i] as number) < 48 || (bytes[i] as number) > 57) return false;
  return true;
}

/** True for a name, an IPv4 address or a bracketed IPv6 address, with or without a port; nothing else is a host. */
export function isHost(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  if (bytes[at] === 91) {
    at++;
    while (at < end && ADDRESS[bytes[at] as number]) at++;
    if (at === from + 1 || at >= end || bytes[at] !== 93) return false;
    at++;
  } else {
    while (at < end && NAME[bytes[at] as number]) at++;
    if (at === from) return false;
  }
  return at === end || (bytes[at] === 58 && isPort(bytes, at + 1, end));
}

/** Where the path of an absolute-form target http(s)://host/path begins (at or before `end`), or -1 when it is none. */
export function authorityStart(bytes: Uint8Array, from: number, end: number): number {
  if (end - from > 7 && isWord(bytes, from, 7, "http://")) return from + 7;
  if (end - from > 8 && isWord(bytes, from, 8, "https://")) return from + 8;
  return -1;
}

/** True when two stretches hold the same host, letters in any case. */
export function isSameHost(
  bytes: Uint8Array,
  first: number,
  firstEnd: number,
  second: number,
  secondEnd: number,
): boolean {
  if (firstEnd - first !== secondEnd - second) return false;
  for (let i = 0; i < firstEnd - first; i++)
    if (LOWER[bytes[first + i] as number] !== LOWER[bytes[second + i] as number]) return false;
  return true;
}

// Reads the credentials that a request carries, carrier by carrier, and finds the virtual key that one of them is.
import { hash } from "node:crypto";
import type { HeaderView } from "../core/http.ts";
import type { Snapshot, VirtualKey } from "../core/snapshot.ts";

const MARK = "sk-bf-";
const BEARER = "bearer ";

/** The token of an Authorization header of the Bearer scheme, or undefined. */
export function bearerToken(value: string | undefined): string | undefined {
  if (value === undefined || value.length <= BEARER.length) return undefined;
  if (value.slice(0, BEARER.length).toLowerCase() !== BEARER) return undefined;
  return value.slice(BEARER.length).trim();
}

/** The credential in one of the carriers, or undefined; a Basic login is no credential of this kind. */
export function credentialIn(headers: HeaderView, carrier: string): string | undefined {
  const value = headers.get(carrier);
  return carrier === "authorization" ? bearerToken(value) : value;
}

/** True for a value that can only be meant as a virtual key. */
export function isMarkedKey(value: string): boolean {
  return value.length >= MARK.length && value.slice(0, MARK.length).toLowerCase() === MARK;
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 127) return false;
  return true;
}

/**
 * The virtual key whose secret is `value`, found by its hash, so that no secret is ever compared byte by byte. A header
 * is bytes read as latin1: beyond ASCII the sender may have meant UTF-8, so both readings are looked up.
 */
export function findKey(snapshot: Snapshot, value: string): VirtualKey | undefined {
  if (value === "" || snapshot.virtualKeyCount === 0) return undefined;
  const known = hashes.get(value);
  const key = snapshot.findVirtualKey(known ?? hash("sha256", value, "base64"));
  if (key !== undefined && known === undefined) remember(value, key.entity.valueHash);
  if (key !== undefined || isAscii(value)) return key;
  return snapshot.findVirtualKey(hash("sha256", Buffer.from(value, "latin1"), "base64"));
}

/**
 * The hashes of secrets that were presented and known: hashing anew is a twentieth of a small request. A guess is no entry here, so its
 * look-up ends at the map's own hash of it.
 */
const hashes = new Map<string, string>();
const MOST_HASHES = 1024;

function remember(value: string, valueHash: string): void {
  if (hashes.size >= MOST_HASHES) hashes.clear();
  hashes.set(value, valueHash);
}

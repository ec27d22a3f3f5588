// The header lines that every answer carries, ready made.
import type { HeaderBlock } from "../core/http.ts";
import { headerBlock, joinBlocks } from "../lib/header-block.ts";

/** On every answer. `same-origin`, and not `no-referrer`, since the latter makes browsers send `Origin: null` with forms. */
export const SECURITY_HEADERS: HeaderBlock = headerBlock([
  ["x-frame-options", "DENY"],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "same-origin"],
  ["content-security-policy", "frame-ancestors 'none'"],
  ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
]);

const SECURE_HEADERS: HeaderBlock = joinBlocks(
  SECURITY_HEADERS,
  headerBlock([["strict-transport-security", "max-age=31536000"]]),
);

/** The lines for an answer to this kind of connection. */
export function securityHeaders(secure: boolean): HeaderBlock {
  return secure ? SECURE_HEADERS : SECURITY_HEADERS;
}

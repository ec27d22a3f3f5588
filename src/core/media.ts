// What pictures, documents and sound in a request count as: the rule by which a scan finds them, and their defaults in tokens.
import type { MediaCount, MediaKind } from "./request-size.ts";

/** A string counts as media when it begins so, */
export const MEDIA_PREFIX = "data:";
/** or is longer than this and has only characters of base64. */
export const MEDIA_MIN_BYTES = 4096;

/** Of a kind: tokens of each one, and of each KB of base64 (3 bytes in 4 characters). `most`: what one can cost at most. */
export interface MediaRule {
  readonly tokens: number;
  readonly tokensPerKilobyte: number;
  readonly most: number;
}

/**
 * An image is 1,600 tokens whatever its size. A document is 2,000 a page, and a page is taken as 75 KB. Sound has no length
 * of its own here: at 32 kbit/s (4 KB a second, 5.3 in base64) a second is about ten tokens, at most 50.
 */
export const MEDIA_RULES: Readonly<Record<MediaKind, MediaRule>> = {
  image: { tokens: 1600, tokensPerKilobyte: 0, most: 16_000 },
  document: { tokens: 2000, tokensPerKilobyte: 20, most: 200_000 },
  audio: { tokens: 0, tokensPerKilobyte: 2, most: 100_000 },
};

/** The kind that a `data:` URL tells; base64 without one counts as an image. */
export function mediaKind(mimeType: string): MediaKind {
  if (mimeType.startsWith("audio/")) return "audio";
  return mimeType === "application/pdf" || mimeType.startsWith("text/") ? "document" : "image";
}

/** Tokens by the documented defaults. */
export function mediaTokens(media: readonly MediaCount[]): number {
  let tokens = 0;
  for (const { kind, count, bytes } of media) {
    const rule = MEDIA_RULES[kind];
    tokens += Math.max(count * rule.tokens, (bytes / 1024) * rule.tokensPerKilobyte);
  }
  return Math.ceil(tokens);
}

/** Tokens at most: one for each byte beyond the highest default of a kind. */
export function mostMediaTokens(media: readonly MediaCount[]): number {
  let tokens = 0;
  for (const { kind, count, bytes } of media) tokens += Math.max(count * MEDIA_RULES[kind].most, bytes);
  return tokens;
}

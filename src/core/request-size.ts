// What of a request its cost is estimated from before it is sent.

export type MediaKind = "image" | "document" | "audio";

/** What was found of one kind in a body. */
export interface MediaCount {
  readonly kind: MediaKind;
  readonly count: number;
  /** In base64, as it stands in the body. */
  readonly bytes: number;
}

export interface RequestSize {
  /** Bytes of the body outside media. */
  readonly textBytes: number;
  readonly media: readonly MediaCount[];
  /** `max_tokens`, however it is spelled; null = not given. */
  readonly maxTokens: number | null;
  /** How many answers; 1 where it is not given. */
  readonly n: number;
}

/** Prices of one target, in force now; pure. Nano-dollars, rounded up to whole ones. */
export interface TargetPrice {
  /** Of text at its full price and the caller's tier; null = no price. */
  cost(inputTokens: number, outputTokens: number): number | null;
  /** The dearest that applies: cache write, long context, asked tier, tools at their stated maximum; null = a part has no price. */
  bound(inputTokens: number, outputTokens: number, toolCalls: number): number | null;
}

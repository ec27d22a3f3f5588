// The form of packed records, known to both sides: record-pack.ts writes it on the loop, record-unpack.ts reads it in the control plane.

import type { ContentLevel } from "./entities.ts";

/*
 * Layout. A buffer begins with one number: the count of records. A record is slots (Float64), then its text (UTF-8, all
 * strings without a number of their own joined in the order of their slots), input and output, padded to 8 bytes.
 * A string slot is a word number, or -1 for null, or -2 - n for n UTF-16 units of the text. -1 in a count is null.
 *
 * Slots and text also stand in rows of the request log: with another layout RECORD_LAYOUT rises, and what reads stored
 * records goes on reading the older ones.
 */

/** Of slots and text, as they are described below. */
export const RECORD_LAYOUT = 2;

/** Slots that every record has; the variable lists follow. */
export const FIXED_SLOTS = 57;
/** The same in the first layout, which had no lists but attempts, candidates, targets and losses. */
const FIXED_SLOTS_1 = 45;

/** Slots that every record of a layout has; 0 = this program does not know the layout. */
export function fixedSlotsOf(layout: number): number {
  if (layout === RECORD_LAYOUT) return FIXED_SLOTS;
  return layout === 1 ? FIXED_SLOTS_1 : 0;
}

/** What follows an attempt's own slots depends on its flags: its usage, then its cost, each with its lists. */
export const ATTEMPT_SLOTS = 21;
/** tier, region, reported cost, counts of the two lists. */
export const USAGE_SLOTS = 5;
/** nano, computed, reported, version, source, counts of the two lists. */
export const COST_SLOTS = 7;
export const COUNT_SLOTS = 2;
export const PART_SLOTS = 4;
export const CANDIDATE_SLOTS = 6;
export const TARGET_SLOTS = 4;
export const RULE_SLOTS = 4;
export const TAG_SLOTS = 2;

/** Bits of the flags slot. */
export const FLAG = {
  stream: 1,
  contentHidden: 2,
  hasInput: 4,
  inputCut: 8,
  hasOutput: 16,
  outputCut: 32,
  outputIsStream: 64,
  outputIsAnthropic: 128,
  hasError: 256,
  hasDecision: 512,
  isUnpriced: 1024,
  contentDropped: 2048,
} as const;

/** Bits of an attempt's flags slot. */
export const ATTEMPT_FLAG = {
  possiblyBilled: 1,
  hasUsage: 2,
  hasRawUsage: 4,
  hasCost: 8,
  isReportedCost: 16,
  usageReported: 32,
  usageCounted: 64,
} as const;

/** Where in a record's first slots its sizes stand. */
export const SIZE = {
  slots: 0,
  textBytes: 1,
  inputBytes: 2,
  outputBytes: 3,
  attempts: 4,
  candidates: 5,
  targets: 6,
  losses: 7,
  flags: 8,
  first: 9,
} as const;

/** Levels of content by their number in a record. */
export const CONTENT_LEVELS: readonly ContentLevel[] = ["off", "ends", "full", "redacted"];

/** Where the counts of the lists stand that came with the second layout. They follow the losses: rules, tags, messages. */
export const LIST = {
  messages: 47,
  /** Of all messages, those included that are not listed. */
  allMessages: 48,
  /** Index of the message whose text is the input; -1 = none of those listed. */
  inputMessage: 49,
  tags: 50,
  rules: 51,
} as const;

/** Where in a record's slots those stand that are read without unpacking it. */
export const FIELD = {
  id: 9,
  acceptedAt: 10,
  endedAt: 11,
  dispatchedAt: 12,
  firstTokenAt: 13,
  requestType: 14,
  requestedModel: 15,
  virtualKeyId: 16,
  clientRequestId: 19,
  userAgent: 20,
  outcome: 21,
  stopReason: 23,
  inputTokens: 24,
  outputTokens: 25,
  answeredBy: 31,
  teamId: 36,
  customerId: 38,
  costNano: 40,
  engine: 43,
  contentLevel: 45,
  overheadUs: 46,
  userId: 52,
  app: 53,
  sessionId: 54,
  ruleId: 55,
  ruleName: 56,
} as const;

/** Which of the first slots hold strings, in their order. */
export const STRING_FIELDS = [
  9, 14, 15, 16, 17, 19, 20, 21, 23, 32, 33, 35, 36, 37, 38, 39, 43, 52, 53, 54, 55, 56,
] as const;

/** The same for an attempt; its cost begins behind its usage. */
export const ATTEMPT_FIELD = {
  provider: 0,
  model: 1,
  keyId: 2,
  startedAt: 5,
  endedAt: 9,
  flags: 14,
} as const;

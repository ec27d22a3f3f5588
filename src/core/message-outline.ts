// The messages of a request without what they say: role, kind and length of each, as one number.

/** Roles by their number; what is none of the others is `other`. */
export const MESSAGE_ROLES = [
  "other",
  "user",
  "assistant",
  "system",
  "developer",
  "tool",
  "function",
  "model",
] as const;
export type MessageRole = (typeof MESSAGE_ROLES)[number];

/** What a message holds besides text, by its number; of several the last one here. */
export const MESSAGE_KINDS = [
  "text",
  "reasoning",
  "file",
  "audio",
  "image",
  "tool_call",
  "tool_result",
  "other",
] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** Lengths are below it. */
const MOST_BYTES = 2 ** 40;

/** The number of a message; roles and kinds by their index. */
export function packMessage(role: number, kind: number, bytes: number): number {
  return (bytes < MOST_BYTES ? bytes : MOST_BYTES) * 64 + role * 8 + kind;
}

/** The message of a number. */
export function unpackMessage(packed: number): { role: MessageRole; kind: MessageKind; bytes: number } {
  const words = packed % 64;
  return {
    role: MESSAGE_ROLES[words >> 3] ?? "other",
    kind: MESSAGE_KINDS[words & 7] ?? "other",
    bytes: Math.floor(packed / 64),
  };
}

/** The messages of one request. */
export interface MessageOutline {
  /** Of the first RECORD_LIMITS.messages of them, packed. */
  readonly messages: readonly number[];
  /** Of all. */
  readonly count: number;
  /** Which of the listed ones is the last of the user; -1 = none. */
  readonly input: number;
}

// The canonical events of a streamed chat answer, in the order in which a well-formed stream brings them.
import type { StopReason } from "./chat.ts";
import type { Usage, UsageReport } from "./usage.ts";

/**
 * response-start, then any of the deltas (each names its choice), a choice-end for each choice, usage if known, and
 * response-end. A thinking block ends with its signature; a tool call starts before its arguments. `index` of a tool
 * call counts the calls of the choice from 0.
 */
export type ChatEvent =
  | {
      readonly type: "response-start";
      readonly id: string;
      readonly model: string;
      readonly created: number;
      readonly usage?: Usage;
      readonly report?: UsageReport | null;
    }
  | { readonly type: "text-delta"; readonly choice: number; readonly text: string }
  | { readonly type: "refusal-delta"; readonly choice: number; readonly text: string }
  | { readonly type: "thinking-delta"; readonly choice: number; readonly text: string }
  | {
      readonly type: "thinking-signature";
      readonly choice: number;
      readonly signature: string;
      readonly issuer: string;
    }
  | { readonly type: "redacted-thinking"; readonly choice: number; readonly data: string; readonly issuer: string }
  | {
      readonly type: "tool-call-start";
      readonly choice: number;
      readonly index: number;
      readonly id: string;
      readonly name: string;
    }
  | { readonly type: "tool-call-delta"; readonly choice: number; readonly index: number; readonly arguments: string }
  | {
      readonly type: "choice-end";
      readonly choice: number;
      readonly stopReason: StopReason;
      readonly stopSequence?: string;
    }
  /** Beside `usage` the report that it is from, where that says more. */
  | { readonly type: "usage"; readonly usage: Usage; readonly report?: UsageReport | null }
  | { readonly type: "response-end" };

/** True for the events that commit a stream: from the first of them on no other target can be tried. */
export function isContent(event: ChatEvent): boolean {
  return event.type !== "response-start" && event.type !== "usage" && event.type !== "response-end";
}

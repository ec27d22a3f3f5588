// The two dialects in which the demo answers, as one interface; each form is a sibling file.
import type { Composition } from "./compose.ts";

/** How a refusal is worded. `detail` is told in place of the usual text. */
export type RefusalKind =
  | "bad-key"
  | "forbidden"
  | "billing"
  | "throttle"
  | "overloaded"
  | "server-error"
  | "context-length"
  | "content-policy"
  | "signature-rejected"
  | "unknown-model"
  | "invalid-request"
  | "not-found";

/** The numbers that an answer tells as its usage; null: it tells none. */
export type ToldUsage = Readonly<Record<string, unknown>> | null;

export interface DemoForm {
  usage(composition: Composition): ToldUsage;
  body(composition: Composition, usage: ToldUsage): Record<string, unknown>;
  /** Whole events with their blank lines: all of a stream but its end marker. */
  events(composition: Composition, usage: ToldUsage): string[];
  /** The dialect's last event. */
  readonly end: string;
  /** How many events come before the first content. */
  readonly prefaces: number;
  refusal(kind: RefusalKind, detail: string): Record<string, unknown>;
  errorEvent(kind: RefusalKind, detail: string): string;
}

/** One SSE event. */
export function sse(data: unknown, name = ""): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return name === "" ? `data: ${text}\n\n` : `event: ${name}\ndata: ${text}\n\n`;
}

/** Unix seconds that every answer bears: the same request gets the same bytes. */
export const CREATED = 1_735_689_600;

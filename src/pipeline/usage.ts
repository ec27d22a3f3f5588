// Puts together what an answer tells of its usage in several places, and measures what it brings.
import { decodeRawUsage, rawUsageOf } from "../accounting/prices/raw-usage.ts";
import type { ChatResponse, Dialect, Part } from "../core/chat.ts";
import type { ChatEvent } from "../core/events.ts";
import type { RawUsage, Usage, UsageReport } from "../core/usage.ts";

/** What `more` knows replaces what was known. */
export function mergeUsage(into: Usage, more: Usage | undefined): void {
  if (more === undefined) return;
  if (more.inputTokens !== null) into.inputTokens = more.inputTokens;
  if (more.outputTokens !== null) into.outputTokens = more.outputTokens;
  if (more.cachedTokens !== null) into.cachedTokens = more.cachedTokens;
  if (more.cacheWriteTokens !== null) into.cacheWriteTokens = more.cacheWriteTokens;
  if (more.reasoningTokens !== null) into.reasoningTokens = more.reasoningTokens;
}

/** What a price needs of a report. `usage` says all where there is none beside it. */
export function rawUsage(dialect: Dialect, usage: Usage, report: UsageReport | null): RawUsage {
  if (report === null) return rawUsageOf(usage);
  const told: unknown = typeof report.usage === "string" ? JSON.parse(report.usage) : report.usage;
  return decodeRawUsage(dialect, told, { serviceTier: report.serviceTier ?? undefined });
}

/** UTF-8 bytes of what the model writes in a canonical event. */
export function textOfEvent(event: ChatEvent): number {
  switch (event.type) {
    case "text-delta":
    case "refusal-delta":
    case "thinking-delta":
      return Buffer.byteLength(event.text);
    case "tool-call-start":
      return Buffer.byteLength(event.name);
    case "tool-call-delta":
      return Buffer.byteLength(event.arguments);
    default:
      return 0;
  }
}

function textOfPart(part: Part): number {
  switch (part.type) {
    case "text":
    case "refusal":
    case "thinking":
      return Buffer.byteLength(part.text);
    case "tool-call":
      return Buffer.byteLength(part.name) + Buffer.byteLength(part.arguments);
    default:
      return 0;
  }
}

/** UTF-8 bytes of what the model writes in a whole answer. */
export function textOfResponse(response: ChatResponse): number {
  let sum = 0;
  for (const { content } of response.choices) for (const part of content) sum += textOfPart(part);
  return sum;
}

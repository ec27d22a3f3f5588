// Gives tool calls of other providers ids that Mistral takes: exactly nine letters and digits.
import { createHash } from "node:crypto";

const TAKEN = /^[a-zA-Z0-9]{9}$/;

/** The same id always becomes the same short one, so that calls and their results still meet. */
export function shortId(id: string): string {
  return TAKEN.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 9);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Changes the ids in the messages of a translated body, in place. */
export function shortenToolCallIds(body: Record<string, unknown>): void {
  for (const message of Array.isArray(body["messages"]) ? body["messages"] : []) {
    if (!isObject(message)) continue;
    if (typeof message["tool_call_id"] === "string") message["tool_call_id"] = shortId(message["tool_call_id"]);
    for (const call of Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [])
      if (isObject(call) && typeof call["id"] === "string") call["id"] = shortId(call["id"]);
  }
}

// The forms in which management routes answer.
import type { PlaneAnswer } from "../lib/channel/bridge-responder.ts";

const JSON_HEADERS: readonly (readonly [string, string])[] = [
  ["content-type", "application/json"],
  ["cache-control", "no-store"],
];

/** `value` as JSON. */
export function jsonAnswer(value: unknown, status = 200): PlaneAnswer {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(value) };
}

export function textAnswer(text: string, contentType: string): PlaneAnswer {
  return {
    status: 200,
    headers: [
      ["content-type", contentType],
      ["cache-control", "no-store"],
    ],
    body: text,
  };
}

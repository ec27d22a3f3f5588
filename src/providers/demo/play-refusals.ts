// Behaviours that refuse: any status, and what providers say of keys, limits, models and content.
import type { RefusalKind } from "./form.ts";
import type { Headers, Play } from "./scene.ts";

const KINDS: Readonly<Record<number, RefusalKind>> = {
  400: "invalid-request",
  401: "bad-key",
  402: "billing",
  403: "forbidden",
  404: "unknown-model",
  429: "throttle",
  529: "overloaded",
};

/** `status-429-retry-after-2`: the status, and the seconds of its Retry-After. */
export const anyStatus: Play = (scene) => {
  const status = scene.number(1);
  const after = scene.parts[2];
  const headers: Headers = after === undefined ? [] : [["retry-after", after]];
  return scene.refuse(status, KINDS[status] ?? (status < 500 ? "invalid-request" : "server-error"), "", headers);
};

/** Throttled by the provider's own windows instead of Retry-After. */
export const throttledByHeaders: Play = (scene) =>
  scene.refuse(429, "throttle", "", [
    ["x-ratelimit-limit-requests", "60"],
    ["x-ratelimit-remaining-requests", "0"],
    ["x-ratelimit-reset-requests", "2s"],
    ["x-ratelimit-remaining-tokens", "149984"],
    ["x-ratelimit-reset-tokens", "6m0s"],
  ]);

/** Retry-After as a date, two seconds from now. */
export const throttledByDate: Play = (scene) =>
  scene.refuse(429, "throttle", "", [["retry-after", new Date(Date.now() + 2000).toUTCString()]]);

/** A throttle signal under another status. */
export const throttledBy503: Play = (scene) => scene.refuse(503, "throttle", "Too many requests, rate limit exceeded.");

/** An account without credit, under the status of the dialect. */
export const noCredit: Play = (scene) => scene.refuse(scene.request.dialect === "anthropic" ? 400 : 429, "billing");

/** The refusal of this kind. */
export function refusing(status: number, kind: RefusalKind): Play {
  return (scene) => scene.refuse(status, kind);
}

/** An error that repeats the caller's key. */
export const echoesKey: Play = (scene) =>
  scene.refuse(401, "bad-key", `Incorrect API key provided: ${scene.request.key}. Check your keys.`);

const SIGNED = /"(signature|redacted_thinking|encrypted_content|reasoning_details|thought_signature)"/;

/** Refuses a conversation that brings reasoning back, and answers the same one without it. */
export const signatureRejected: Play = (scene) =>
  SIGNED.test(scene.request.body.toString("latin1")) ? scene.refuse(400, "signature-rejected") : scene.answer();

export const signatureAlwaysRejected: Play = (scene) => scene.refuse(400, "signature-rejected");

/** A refusal without a body. */
export const bareStatus: Play = (scene) => scene.plain(Buffer.alloc(0), scene.number(1), []);

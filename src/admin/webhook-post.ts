// One signed POST of a webhook through the outbound door, in the form of Standard Webhooks.
import { createHmac } from "node:crypto";
import { CallBrokenError, credentialsOf, fetchWhole } from "../core/fetch-whole.ts";
import type { ProxySettings, Upstream } from "../core/http.ts";
import { headerBlock } from "../lib/header-block.ts";

/** Where webhooks go. */
export interface WebhookTarget {
  /** An absolute http or https address. */
  readonly url: string;
  /** In clear; null: what is sent is not signed. */
  readonly secret: string | null;
  readonly proxy: ProxySettings;
  /** The address is the operator's word, not a caller's of the API. */
  readonly allowPrivateNetwork: boolean;
}

export interface WebhookMessage {
  /** The same in every try. */
  readonly id: string;
  readonly body: string;
}

/** For the whole call, ms. */
const TIMEOUT = 15_000;
const KEEP_ALIVE = 5_000;
/** What it answers is not read. */
const MAX_ANSWER = 64 * 1024;

/** What came of it: a status, or the kind of failure. */
export type Posted =
  | { readonly type: "status"; readonly status: number }
  | { readonly type: "failure"; readonly kind: string };

/** `at`: Unix ms of this try. Throws TypeError for an address that is none. */
export function postWebhook(
  upstream: Upstream,
  target: WebhookTarget,
  message: WebhookMessage,
  at: number,
): Promise<Posted> {
  const url = new URL(target.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError("the address is not http or https");
  const seconds = Math.floor(at / 1000);
  const body = Buffer.from(message.body);
  const signature = target.secret === null ? undefined : sign(target.secret, message, seconds);
  const headers = headerBlock([
    ["content-type", "application/json"],
    ["webhook-id", message.id],
    ["webhook-timestamp", seconds],
    ["webhook-signature", signature],
    ["authorization", credentialsOf(url)],
  ]);
  const call = {
    origin: {
      url: url.origin,
      proxy: target.proxy,
      caPem: undefined,
      insecureSkipVerify: false,
      keepAlive: KEEP_ALIVE,
      maxConnections: 4,
      allowPrivateNetwork: target.allowPrivateNetwork,
    },
    method: "POST",
    path: url.pathname + url.search,
    headers,
    body: [body],
    deadlines: { connect: TIMEOUT, total: TIMEOUT, idle: TIMEOUT },
    maxBytes: MAX_ANSWER,
  };
  return fetchWhole(upstream, call).then(statusOf, brokenOff);
}

function statusOf({ status }: { readonly status: number }): Posted {
  return { type: "status", status };
}

/** A good status is enough, however its body ends. */
function brokenOff(error: unknown): Posted {
  if (!(error instanceof CallBrokenError)) throw error;
  return error.status > 0 ? statusOf(error) : { type: "failure", kind: error.kind };
}

/** `v1,` and the HMAC-SHA256 over id, timestamp and body. A secret `whsec_…` is base64, any other is its own bytes. */
export function sign(secret: string, { id, body }: WebhookMessage, seconds: number): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
}

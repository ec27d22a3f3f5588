// One GET through the outbound door, read to its end.
import { CallBrokenError, fetchWhole } from "../core/fetch-whole.ts";
import type { HeaderBlock, OriginSettings, Upstream } from "../core/http.ts";
import { headerBlock, joinBlocks } from "../lib/header-block.ts";

export interface BodyRequest {
  readonly origin: OriginSettings;
  readonly path: string;
  readonly headers: HeaderBlock;
  /** For the whole call, ms. */
  readonly timeout: number;
  readonly maxBytes: number;
}

/** No good answer came. The message fits behind a provider's name and holds neither address nor the provider's words. */
export class CallFailed extends Error {}

const ACCEPT = headerBlock([["accept", "application/json"]]);

/** The body of a 2xx answer. Rejects with CallFailed. */
export async function fetchBody(upstream: Upstream, request: BodyRequest): Promise<Buffer> {
  const { origin, path, headers, timeout, maxBytes } = request;
  const call = {
    origin,
    method: "GET",
    path,
    headers: joinBlocks(headers, ACCEPT),
    body: [],
    deadlines: { connect: timeout, total: timeout, idle: timeout },
    maxBytes,
  };
  const answer = await fetchWhole(upstream, call).catch((error: unknown) => {
    throw error instanceof CallBrokenError ? new CallFailed(error.message) : error;
  });
  if (answer.status < 200 || answer.status >= 300) throw new CallFailed(`it answered with status ${answer.status}`);
  return answer.bytes;
}

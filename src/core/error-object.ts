// The error object of the unified and management answers, as JSON text.
import type { GatewayError } from "./errors.ts";

/** What a failed call of the management API is answered with; `type` stands at the top and inside `error`. */
export function errorObject(error: GatewayError): string {
  return JSON.stringify({
    type: error.type,
    is_bifrost_error: true,
    status_code: error.status,
    error: {
      type: error.type,
      code: error.providerCode ?? error.code,
      message: error.message,
      ...(error.param === undefined ? {} : { param: error.param }),
    },
  });
}

/** The headers that go with it. */
export function errorHeaders(error: GatewayError): [string, string][] {
  const headers: [string, string][] = [["content-type", "application/json"]];
  if (error.retryAfter !== undefined) headers.push(["retry-after", String(Math.max(1, Math.ceil(error.retryAfter)))]);
  return headers;
}

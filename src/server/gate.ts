// What the inbound door asks of the house: how large a body may be, who answers, and how a refusal reads.
import type { GatewayError } from "../core/errors.ts";
import type { HeaderBlock, HeaderView, InboundRequest, Reply } from "../core/http.ts";

/** An answer ready to be sent. */
export interface Refusal {
  readonly status: number;
  readonly headers: HeaderBlock;
  readonly body: Uint8Array;
}

/** Implemented by what stands behind the door; called on the data plane, so each call returns at once. */
export interface Gate {
  /** Longest body of this request in bytes, before and after inflating. Asked only where there is a body. */
  bodyLimit(method: string, path: string, headers: HeaderView): number;
  /**
   * The answer to a request that goes no further. `path` is null when the request line was not readable, `request` (with
   * an empty body) when the head was not, or when the request has been recorded already.
   */
  refuse(error: GatewayError, path: string | null, request: InboundRequest | null): Refusal;
  /** Whether a WebSocket may be asked for here; absent: nowhere. Any other upgrade is refused before. */
  takesSocket?(method: string, path: string): boolean;
  /** Takes a whole request. What it throws is answered with 500, as long as nothing was answered yet. */
  handle(request: InboundRequest, reply: Reply): void;
}

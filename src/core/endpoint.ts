// What an endpoint (a URL in a client's dialect) gives the corridor: decode, the body for a target, and errors in its words.
import type { ChatRequest, Dialect, Translated } from "./chat.ts";
import type { GatewayError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { AnswerView, ChatFormat } from "./formats.ts";
import type { HeaderBlock } from "./http.ts";
import type { Operation } from "./operations.ts";

/** A request refused or failed, as the client's dialect words it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: HeaderBlock;
  readonly body: Buffer;
}

/** How the raw lane changes a body for one target. */
export interface RawPatch {
  readonly model: string;
  /** Ask for usage in the stream although the caller did not. */
  readonly addStreamOptions: boolean;
  readonly renames: readonly (readonly [string, string])[];
}

export interface Endpoint {
  readonly operation: Operation;
  readonly dialect: Dialect;
  /** Null where an operation has no canonical form and only the raw lane serves it (embeddings). */
  readonly format: ChatFormat | null;
  /** JSON answers and last chunks carry `extra_fields` (the /v1 routes). */
  readonly extraFields: boolean;
  /** A drop-in route's own provider for bare models; null on /v1. */
  readonly ownProvider: string | null;
  /** Reads the body's top-level fields into the exchange. Throws GatewayError. */
  decode(exchange: Exchange): void;
  /** The body as canonical request. Throws GatewayError. */
  canonical(exchange: Exchange): Translated<ChatRequest>;
  /** The body's bytes with only the touched fields changed; unchanged bytes are views of the original. */
  patch(exchange: Exchange, patch: RawPatch): Uint8Array[];
  /** Looks at a whole raw answer. */
  inspect(bytes: Buffer): AnswerView;
  /** `exchange` is null when the request could not be read. */
  encodeError(error: GatewayError, exchange: Exchange | null): ErrorAnswer;
  /** The one error event that ends a stream which had begun: SSE bytes. */
  encodeStreamError(error: GatewayError, exchange: Exchange): Buffer;
}

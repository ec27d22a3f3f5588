// One GET through the outbound door, read to its end.
import type {
  HeaderBlock,
  OriginSettings,
  TransportFailure,
  TransportFailureKind,
  Upstream,
  UpstreamHandler,
} from "../core/http.ts";
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

const WORDS: Readonly<Record<TransportFailureKind, string>> = {
  dns: "its name could not be resolved",
  connect: "it could not be reached",
  tls: "no TLS connection could be made",
  proxy: "the proxy did not let the call through",
  "address-refused": "its address is in a range that is not allowed",
  reset: "it broke the connection off",
  truncated: "its answer broke off",
  "invalid-answer": "its answer is no HTTP",
  "too-large": "its answer is too large",
  "connect-timeout": "it did not answer in time",
  "idle-timeout": "it did not answer in time",
  "total-timeout": "it did not answer in time",
};
const ACCEPT = headerBlock([["accept", "application/json"]]);

class Collector implements UpstreamHandler {
  readonly #resolve: (body: Buffer) => void;
  readonly #reject: (error: CallFailed) => void;
  readonly #onStale: () => boolean;
  readonly #parts: Buffer[] = [];
  #status = 0;

  constructor(resolve: (body: Buffer) => void, reject: (error: CallFailed) => void, onStale: () => boolean) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onStale = onStale;
  }

  onConnected(): void {}

  onHead(status: number): void {
    this.#status = status;
  }

  onBytes(bytes: Buffer): void {
    this.#parts.push(Buffer.from(bytes));
  }

  onEnd(): void {
    if (this.#status >= 200 && this.#status < 300) this.#resolve(Buffer.concat(this.#parts));
    else this.#reject(new CallFailed(`it answered with status ${this.#status}`));
  }

  onFailure(failure: TransportFailure): void {
    if (failure.stale && this.#onStale()) return;
    this.#reject(new CallFailed(WORDS[failure.kind]));
  }
}

/** The body of a 2xx answer. Rejects with CallFailed. A pooled connection that had gone stale is replaced once. */
export function fetchBody(upstream: Upstream, request: BodyRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const send = (fresh: boolean): void => {
      const again = (): boolean => {
        if (!fresh) send(true);
        return !fresh;
      };
      upstream.send(
        {
          origin: request.origin,
          method: "GET",
          path: request.path,
          headers: joinBlocks(request.headers, ACCEPT),
          body: [],
          deadlines: { connect: request.timeout, total: request.timeout, idle: request.timeout },
          fresh,
          maxBytes: request.maxBytes,
        },
        new Collector(resolve, reject, again),
      );
    };
    send(false);
  });
}

// One call through the outbound door whose answer is read to its end: for what is no inference (lists, sheets, webhooks).
import type {
  HeaderView,
  OutboundCall,
  TransportFailure,
  TransportFailureKind,
  Upstream,
  UpstreamCall,
  UpstreamHandler,
} from "./http.ts";

export interface WholeAnswer {
  readonly status: number;
  /** Those that were asked for, in their order; null = it has none. */
  readonly headers: readonly (string | null)[];
  readonly bytes: Buffer;
}

/** No whole answer came. The message is for people and holds neither address nor the other side's words. */
export class CallBrokenError extends Error {
  readonly kind: TransportFailureKind;
  /** Of the answer that broke off; 0 = none had begun. */
  readonly status: number;
  constructor(kind: TransportFailureKind, status: number) {
    super(WORDS[kind]);
    this.name = "CallBrokenError";
    this.kind = kind;
    this.status = status;
  }
}

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

/** Whatever its status. A pooled connection that had gone stale is replaced once. Rejects with CallBrokenError, `reset` once `signal` is aborted. */
export function fetchWhole(
  upstream: Upstream,
  call: Omit<OutboundCall, "fresh">,
  headers: readonly string[] = [],
  signal?: AbortSignal,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    let sent: UpstreamCall | null = null;
    const stop = (): void => {
      sent?.abort();
      reject(new CallBrokenError("reset", 0));
    };
    const send = (fresh: boolean): void => {
      const again = fresh ? null : (): void => send(true);
      sent = upstream.send({ ...call, fresh }, new Collector({ headers, resolve, reject, again }));
    };
    if (signal?.aborted === true) return stop();
    signal?.addEventListener("abort", stop, { once: true });
    send(false);
  });
}

/** The value of `authorization` that an address brings with it. */
export function credentialsOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

interface Collecting {
  readonly headers: readonly string[];
  readonly resolve: (answer: WholeAnswer) => void;
  readonly reject: (error: CallBrokenError) => void;
  readonly again: (() => void) | null;
}

class Collector implements UpstreamHandler {
  readonly #to: Collecting;
  readonly #parts: Buffer[] = [];
  #status = 0;
  #headers: readonly (string | null)[] = [];

  constructor(to: Collecting) {
    this.#to = to;
  }

  onConnected(): void {}

  onHead(status: number, headers: HeaderView): void {
    this.#status = status;
    this.#headers = this.#to.headers.map((name) => headers.get(name) ?? null);
  }

  onBytes(bytes: Buffer): void {
    this.#parts.push(Buffer.from(bytes));
  }

  onEnd(): void {
    this.#to.resolve({ status: this.#status, headers: this.#headers, bytes: Buffer.concat(this.#parts) });
  }

  onFailure({ kind, stale }: TransportFailure): void {
    if (stale && this.#to.again !== null) this.#to.again();
    else this.#to.reject(new CallBrokenError(kind, this.#status));
  }
}

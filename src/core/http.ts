// The small types that the two HTTP doors exchange with the rest of the house; no socket or stream object passes them.

/** Where a connection comes from. `address` is the IP without a port. */
export interface Peer {
  readonly address: string;
  readonly loopback: boolean;
  readonly secure: boolean;
}

/** Headers by lower-case name. Values are decoded on demand from the bytes of the head (latin1). */
export interface HeaderView {
  /** The value, or undefined. Of repeated fields the values joined with ", ". */
  get(name: string): string | undefined;
  /** Every field in order, names in lower case. */
  entries(): [string, string][];
  /** Whether any name begins with this lower-case text; makes no strings. */
  hasPrefix(prefix: string): boolean;
}

/** A whole body. `bytes` is one contiguous view, valid until `release`, which gives a pooled slab back. Release once. */
export interface Body {
  readonly bytes: Buffer;
  release(): void;
}

export interface InboundRequest {
  readonly method: string;
  /** Origin form, as it was sent: path and query. */
  readonly target: string;
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** Valid until settle: the door keeps the head's bytes. */
  readonly headers: HeaderView;
  readonly body: Body;
  readonly peer: Peer;
}

declare const lines: unique symbol;
/** Ready header lines, each `name: value` ended by CRLF. Made by `lib/header-block.ts` only, which checks every value. */
export type HeaderBlock = string & { readonly [lines]: true };

/** What the inbound door tells the one who answers. */
export interface ReplyListener {
  /** The client closed or reset the connection before the answer was complete. Called once. */
  onGone(): void;
  /** The socket took what was written; more may be written. Called only after a write returned false. */
  onDrain(): void;
}

/**
 * The way back to one client. Bytes of `start` and `write` are copied before the call returns, those of `answer` are
 * copied or held until `done` (called exactly once, also when the connection breaks; at once when they were copied).
 * `content-length`, `transfer-encoding`, `connection` and `date` are the door's business.
 */
export interface Reply {
  listener: ReplyListener | null;
  readonly gone: boolean;
  readonly started: boolean;
  /** A whole answer. */
  answer(status: number, headers: HeaderBlock, parts: readonly Uint8Array[], done?: () => void): void;
  /** Head and first bytes of a streamed answer. False: wait for `onDrain` before writing more. */
  start(status: number, headers: HeaderBlock, first: readonly Uint8Array[]): boolean;
  /** More of a streamed answer, all of `parts` in one chunk. False: wait for `onDrain`. */
  write(parts: readonly Uint8Array[]): boolean;
  /** Ends a streamed answer well. */
  end(): void;
  /** Closes the connection without an end, so that no client takes the answer for complete. */
  fail(): void;
  /** Closes the connection at once, whatever the client has not taken yet. */
  abandon?(): void;
}

/** Proxy to go through; `environment` reads HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, and is the default. */
export interface ProxySettings {
  readonly type: "none" | "http" | "socks5" | "environment";
  readonly url?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly caPem?: string | undefined;
  /** Hosts that are reached without it, as in NO_PROXY; once it is given, loopback is too. */
  readonly noProxy?: string | undefined;
  /** It may open TLS: its authorities are trusted for the origins behind it as well. */
  readonly inspects?: boolean | undefined;
  /** Takes any certificate of the proxy itself, never of an origin. */
  readonly insecureSkipVerify?: boolean | undefined;
  /** A connection through it stands within this time, ms; absent or 0: only the call's own deadline holds. */
  readonly timeout?: number | undefined;
}

/** One upstream address and how to reach it. Compiled once per snapshot and shared: the outbound door pools by identity of its values. */
export interface OriginSettings {
  /** `https://host:port`, `http://host:port`, or `demo:`; no path. */
  readonly url: string;
  readonly proxy: ProxySettings;
  /** More certificate authorities, PEM. */
  readonly caPem: string | undefined;
  readonly insecureSkipVerify: boolean;
  /** Idle connections are kept this long, ms. */
  readonly keepAlive: number;
  readonly maxConnections: number;
  /** Loopback is always allowed, link-local, metadata and unspecified addresses never, private ranges with this. */
  readonly allowPrivateNetwork: boolean;
}

/** All in ms; 0 means none. */
export interface Deadlines {
  readonly connect: number;
  /** From the call to the last byte; for a stream the caller drops it at the first content by `release`. */
  readonly total: number;
  /** Longest silence while an answer is awaited or under way. */
  readonly idle: number;
}

export interface OutboundCall {
  readonly origin: OriginSettings;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Without host, content-length, connection, accept-encoding: these are the door's. */
  readonly headers: HeaderBlock;
  /** Kept by the caller until the call has ended and `flushed` is true. */
  readonly body: readonly Uint8Array[];
  readonly deadlines: Deadlines;
  /** Take no pooled connection: the one before turned out to be stale. */
  readonly fresh: boolean;
  /** Longest answer body after inflating, bytes; 0 = no limit (streams). Beyond: failure `too-large`. */
  readonly maxBytes: number;
}

/** How a call broke. `address-refused`: the host is in a range that the origin may not reach. */
export type TransportFailureKind =
  | "dns"
  | "connect"
  | "tls"
  | "proxy"
  | "address-refused"
  | "reset"
  | "truncated"
  | "invalid-answer"
  | "too-large"
  | "connect-timeout"
  | "idle-timeout"
  | "total-timeout";

export interface TransportFailure {
  readonly kind: TransportFailureKind;
  /** True once a byte of the answer was seen. */
  readonly answered: boolean;
  /** True when the connection came from the pool and broke before a byte of the answer: try again at once, `fresh`. */
  readonly stale: boolean;
  /** True once the whole request was handed to the kernel: the provider may have billed it. */
  readonly sent: boolean;
  /** For the process log only, never for a client: may hold addresses and library text. */
  readonly detail: string;
}

/** The attempt. Never called again after onEnd, onFailure or abort; never called before `send` has returned. */
export interface UpstreamHandler {
  onConnected(): void;
  /** `headers` is valid until this returns. 1xx answers are not shown. */
  onHead(status: number, headers: HeaderView): void;
  /** Inflated body bytes; the view is valid until this returns. */
  onBytes(bytes: Buffer): void;
  onEnd(): void;
  onFailure(failure: TransportFailure): void;
}

export interface UpstreamCall {
  /** The whole request was written to the kernel or the connection is gone: the body's slabs may be reused. */
  readonly flushed: boolean;
  pause(): void;
  resume(): void;
  /** Drops the total deadline; from now on only the longest silence (ms, 0 = none) bounds the call. */
  release(idle: number): void;
  /** Closes the connection at once. The handler is not called any more. */
  abort(): void;
}

/** The outbound door. */
export interface Upstream {
  send(call: OutboundCall, handler: UpstreamHandler): UpstreamCall;
  /** Closes idle connections; those in use end with their call. */
  close(): void;
}

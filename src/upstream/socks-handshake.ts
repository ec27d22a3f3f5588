// The client's side of SOCKS 5 (RFC 1928) with its login (RFC 1929): bytes in, bytes out, no socket.
import { parseIp } from "./ip.ts";

/** User name and password, at most 255 bytes each. */
export interface SocksLogin {
  readonly username: string;
  readonly password: string;
}

/** What comes next. */
export type SocksStep =
  | { readonly type: "wait" }
  | { readonly type: "send"; readonly bytes: Buffer }
  | { readonly type: "open" }
  | { readonly type: "refused"; readonly reason: string };

/** Names, logins and passwords have one byte for their length. */
export const LONGEST_SOCKS_TEXT = 255;

const VERSION = 5;
const LOGIN_VERSION = 1;
const NO_LOGIN = 0;
const BY_PASSWORD = 2;
const NOTHING_ACCEPTABLE = 255;
const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;
/** Version, verdict, a byte in reserve, kind of address. */
const REPLY_HEAD = 4;

/** By the byte of the reply. */
const REFUSALS = [
  "",
  "it failed",
  "its rules do not allow the connection",
  "it cannot reach the network",
  "it cannot reach the host",
  "the host refused its connection",
  "its connection took too long",
  "it does not know the command",
  "it does not know the kind of address",
];

const WAIT: SocksStep = { type: "wait" };
const OPEN: SocksStep = { type: "open" };

function refused(reason: string): SocksStep {
  return { type: "refused", reason: `the SOCKS proxy: ${reason}` };
}

type Stage = "method" | "login" | "reply";

/** One handshake; the proxy speaks only when it was asked, so whatever it says too much is a refusal. */
export class SocksHandshake {
  /** To be sent first. */
  readonly greeting: Buffer;
  readonly #connect: Buffer;
  readonly #login: SocksLogin | null;
  #stage: Stage = "method";
  #received = Buffer.alloc(0);

  /** `host` is a name, which the proxy resolves, or an address. Throws a RangeError for a name that does not fit. */
  constructor(host: string, port: number, login: SocksLogin | null) {
    this.#login = login;
    this.#connect = connectRequest(host, port);
    this.greeting = Buffer.from(login === null ? [VERSION, 1, NO_LOGIN] : [VERSION, 2, NO_LOGIN, BY_PASSWORD]);
  }

  /** Takes what the proxy sent, however it was cut; the bytes are copied. */
  feed(bytes: Buffer): SocksStep {
    this.#received = Buffer.concat([this.#received, bytes]);
    switch (this.#stage) {
      case "method":
        return this.#method();
      case "login":
        return this.#verdict();
      case "reply":
        return this.#reply();
    }
  }

  #method(): SocksStep {
    const [version, method] = this.#received;
    if (version !== undefined && version !== VERSION) return refused("it speaks another protocol");
    if (method === undefined) return WAIT;
    if (this.#received.length > 2) return tooMuch();
    if (method === NO_LOGIN) return this.#next("reply", this.#connect);
    if (method === BY_PASSWORD && this.#login !== null) return this.#next("login", loginRequest(this.#login));
    if (method !== NOTHING_ACCEPTABLE) return refused("it demands a login that was not offered");
    return refused(this.#login === null ? "it demands a login" : "it takes no login by user name and password");
  }

  #verdict(): SocksStep {
    const [version, status] = this.#received;
    if (version !== undefined && version !== LOGIN_VERSION) return refused("its answer to the login is malformed");
    if (status === undefined) return WAIT;
    if (status !== 0) return refused("it refused the login");
    return this.#received.length > 2 ? tooMuch() : this.#next("reply", this.#connect);
  }

  /** Some proxies refuse with less than the whole reply: the verdict is enough. */
  #reply(): SocksStep {
    const [version, verdict, , kind] = this.#received;
    if (version !== undefined && version !== VERSION) return refused("its reply is malformed");
    if (verdict !== undefined && verdict !== 0) return refused(REFUSALS[verdict] ?? "it failed");
    if (kind === undefined) return WAIT;
    const length = replyLength(kind, this.#received[REPLY_HEAD]);
    if (length === null) return refused("its reply is malformed");
    if (this.#received.length < length) return WAIT;
    // Whoever stands behind it waits for its client: what comes now is not from there.
    return this.#received.length > length ? tooMuch() : OPEN;
  }

  #next(stage: Stage, bytes: Buffer): SocksStep {
    this.#stage = stage;
    this.#received = Buffer.alloc(0);
    return { type: "send", bytes };
  }
}

function tooMuch(): SocksStep {
  return refused("it sent more than it was asked for");
}

/** Length of a reply with its bound address and port; null for a kind of address that there is not. */
function replyLength(kind: number, nameLength: number | undefined): number | null {
  if (kind === IPV4) return REPLY_HEAD + 4 + 2;
  if (kind === IPV6) return REPLY_HEAD + 16 + 2;
  // Without its first byte the name is not there yet.
  return kind === NAME ? REPLY_HEAD + 1 + (nameLength ?? 0) + 2 : null;
}

function connectRequest(host: string, port: number): Buffer {
  return Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), addressOf(host), Buffer.from([port >> 8, port & 255])]);
}

function addressOf(host: string): Buffer {
  const ip = parseIp(host);
  if (ip !== null) return Buffer.from([ip.length === 4 ? IPV4 : IPV6, ...ip]);
  return Buffer.from([NAME, ...sized(host, "the host's name")]);
}

function loginRequest({ username, password }: SocksLogin): Buffer {
  return Buffer.from([LOGIN_VERSION, ...sized(username, "the user name"), ...sized(password, "the password")]);
}

/** The bytes with their number before them. */
function sized(text: string, what: string): number[] {
  const bytes = Buffer.from(text);
  if (bytes.length > LONGEST_SOCKS_TEXT) throw new RangeError(`${what} is too long for a SOCKS proxy`);
  return [bytes.length, ...bytes];
}

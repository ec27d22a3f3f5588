// Fetches a price sheet: from an address through the outbound door, or from a file.
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type {
  HeaderView,
  OriginSettings,
  ProxySettings,
  TransportFailure,
  TransportFailureKind,
  Upstream,
  UpstreamHandler,
} from "../../core/http.ts";
import { headerBlock } from "../../lib/header-block.ts";
import { LONGEST_SHEET, type SheetAnswer, type SheetRequest } from "./price-source.ts";

/** For connecting and for the whole call, ms. */
const CONNECT = 10_000;
const TOTAL = 60_000;

/** How a source is reached. */
export interface SheetWay {
  readonly upstream: Upstream;
  /** Paths of files are relative to it. */
  readonly folder: string;
  readonly proxy: ProxySettings;
  /** The operator's own word: any host, and files. */
  readonly isOperators: boolean;
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
  "too-large": `its answer has more than ${LONGEST_SHEET / 1e6} MB`,
  "connect-timeout": "it could not be reached in time",
  "idle-timeout": "it did not answer in time",
  "total-timeout": "it did not answer in time",
};

/** Rejects with what is wrong, in words without the address, which may hold a secret. */
export function fetchSheet(request: SheetRequest, way: SheetWay): Promise<SheetAnswer> {
  const protocol = URL.parse(request.url)?.protocol;
  if (protocol === "http:" || protocol === "https:") return fetchAddress(request, way);
  if (!way.isOperators)
    return Promise.reject(
      new Error("a price sheet's file can only be named in config.json or by a variable of the environment"),
    );
  return readSheetFile(request, way.folder);
}

function fetchAddress({ url, etag, lastModified }: SheetRequest, way: SheetWay): Promise<SheetAnswer> {
  const at = new URL(url);
  const headers: [string, string][] = [["accept", "application/json, */*;q=0.5"]];
  if (etag !== null) headers.push(["if-none-match", etag]);
  if (lastModified !== null) headers.push(["if-modified-since", lastModified]);
  if (at.username !== "" || at.password !== "") headers.push(["authorization", basic(at)]);
  const origin: OriginSettings = {
    url: at.origin,
    proxy: way.proxy,
    caPem: undefined,
    insecureSkipVerify: false,
    keepAlive: 1000,
    maxConnections: 1,
    allowPrivateNetwork: way.isOperators,
  };
  const block = headerBlock(headers);
  return new Promise((resolve, reject) => {
    const send = (fresh: boolean): void => {
      const again = fresh ? null : (): void => send(true);
      way.upstream.send(
        {
          origin,
          method: "GET",
          path: at.pathname + at.search,
          headers: block,
          body: [],
          deadlines: { connect: CONNECT, total: TOTAL, idle: TOTAL },
          fresh,
          maxBytes: LONGEST_SHEET,
        },
        new Collector(resolve, reject, again),
      );
    };
    send(false);
  });
}

function basic({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

class Collector implements UpstreamHandler {
  readonly #resolve: (answer: SheetAnswer) => void;
  readonly #reject: (error: Error) => void;
  readonly #again: (() => void) | null;
  readonly #parts: Buffer[] = [];
  #status = 0;
  #etag: string | null = null;
  #lastModified: string | null = null;

  constructor(resolve: (answer: SheetAnswer) => void, reject: (error: Error) => void, again: (() => void) | null) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#again = again;
  }

  onConnected(): void {}

  onHead(status: number, headers: HeaderView): void {
    this.#status = status;
    this.#etag = headers.get("etag") ?? null;
    this.#lastModified = headers.get("last-modified") ?? null;
  }

  onBytes(bytes: Buffer): void {
    this.#parts.push(Buffer.from(bytes));
  }

  onEnd(): void {
    const isMoved = this.#status >= 300 && this.#status < 400 && this.#status !== 304;
    if (isMoved)
      return this.#reject(
        new Error(
          `the price source answered with status ${this.#status}: redirects are not followed, name the address that it leads to`,
        ),
      );
    const bytes = new Uint8Array(Buffer.concat(this.#parts));
    this.#resolve({ status: this.#status, etag: this.#etag, lastModified: this.#lastModified, bytes });
  }

  onFailure(failure: TransportFailure): void {
    if (failure.stale && this.#again !== null) return this.#again();
    this.#reject(new Error(`the price source failed: ${WORDS[failure.kind]}`));
  }
}

/** A file that was not written since is not read again: its time and size are its validator. */
async function readSheetFile({ url, etag }: SheetRequest, folder: string): Promise<SheetAnswer> {
  try {
    const path = url.startsWith("file:") ? fileURLToPath(url) : resolve(folder, url);
    const facts = await stat(path);
    if (!facts.isFile()) throw new Error("it is no file");
    if (facts.size > LONGEST_SHEET) throw new Error(`it has more than ${LONGEST_SHEET / 1e6} MB`);
    const now = `${facts.mtimeMs}-${facts.size}`;
    if (now === etag) return { status: 304, etag, lastModified: null, bytes: new Uint8Array() };
    return { status: 200, etag: now, lastModified: null, bytes: new Uint8Array(await readFile(path)) };
  } catch (error) {
    throw new Error(`the price sheet's file cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

const CODES: Readonly<Record<string, string>> = {
  ENOENT: "there is none at this path",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
  EISDIR: "it is a folder",
  ENOTDIR: "there is none at this path",
};

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined) return CODES[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

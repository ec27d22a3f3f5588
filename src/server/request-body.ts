// Inflates compressed request bodies on zlib's own threads, with the body limit applied while inflating.
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  type ZlibOptions,
} from "node:zlib";
import { GatewayError } from "../core/errors.ts";
import type { Body } from "../core/http.ts";
import { BodyBuffer } from "./body-buffer.ts";
import type { Slabs } from "./slabs.ts";

type Inflater = ReturnType<typeof createGunzip>;

const OPTIONS: ZlibOptions = { chunkSize: 64 * 1024 };

const INFLATERS: Readonly<Record<string, (body: Buffer) => Inflater>> = {
  gzip: () => createGunzip(OPTIONS),
  "x-gzip": () => createGunzip(OPTIONS),
  br: () => createBrotliDecompress(OPTIONS),
  zstd: () => createZstdDecompress({ chunkSize: 64 * 1024 }),
  // Clients mean either form by "deflate"; that of the standard begins with the method, 8, in four bits.
  deflate: (body) => (((body[0] ?? 0) & 15) === 8 ? createInflate(OPTIONS) : createInflateRaw(OPTIONS)),
};

/** Gets the outcome of inflating, once; nothing after `stop`. */
export interface InflateHandler {
  onInflated(body: Body): void;
  onInflateError(error: GatewayError): void;
}

/** True when a content-encoding header stands for a body that is as it is. */
export function isIdentity(encoding: string | undefined): boolean {
  return encoding === undefined || encoding === "" || encoding.toLowerCase() === "identity";
}

/** One compressed body on its way to a plain one. The compressed body is released here. */
export class Inflating {
  private readonly handler: InflateHandler;
  private readonly source: Body;
  private readonly limit: number;
  private readonly inflated: BodyBuffer;
  private inflater: Inflater | null;
  private over: boolean;

  constructor(source: Body, limit: number, slabs: Slabs, handler: InflateHandler) {
    this.handler = handler;
    this.source = source;
    this.limit = limit;
    this.inflated = new BodyBuffer(slabs, -1);
    this.inflater = null;
    this.over = false;
  }

  start(encoding: string): void {
    const name = encoding.toLowerCase();
    const create = Object.hasOwn(INFLATERS, name) ? INFLATERS[name] : undefined;
    if (create === undefined) {
      const known = "gzip, deflate, br, zstd or identity";
      return this.fail(new GatewayError("unsupported_media_type", `the content-encoding is none of ${known}`));
    }
    const inflater = create(this.source.bytes);
    this.inflater = inflater;
    inflater.on("data", (bytes: Buffer) => this.take(bytes));
    inflater.on("end", () => this.succeed());
    inflater.on("error", (cause: Error) =>
      this.fail(new GatewayError("malformed_http", `the body is no valid ${name} data`, { cause })),
    );
    // Released only when zlib's thread does not read from it any more.
    inflater.on("close", () => this.source.release());
    inflater.end(this.source.bytes);
  }

  /** The client is gone: nobody waits for the body. */
  stop(): void {
    if (this.over) return;
    this.over = true;
    this.inflated.discard();
    this.inflater?.destroy();
  }

  private take(bytes: Buffer): void {
    if (this.over) return;
    if (this.inflated.length + bytes.length > this.limit) return this.fail(tooLarge(this.limit));
    if (!this.inflated.append(bytes, 0, bytes.length)) this.fail(noMemory());
  }

  private succeed(): void {
    if (this.over) return;
    this.over = true;
    this.handler.onInflated(this.inflated.finish());
  }

  private fail(error: GatewayError): void {
    if (this.over) return;
    this.stop();
    if (this.inflater === null) this.source.release();
    this.handler.onInflateError(error);
  }
}

/** For a body over its limit, compressed or not. */
export function tooLarge(limit: number): GatewayError {
  return new GatewayError("body_too_large", `the request body is larger than the limit of ${limit} bytes`);
}

/** For a body that finds no memory because all requests together hold too much. */
export function noMemory(): GatewayError {
  const details = { retryAfter: 1 };
  return new GatewayError("overloaded", "too many large request bodies are in progress; try again shortly", details);
}

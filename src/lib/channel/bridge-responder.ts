// The answering end of the bridge: gives bridged requests to a handler and sends its answers back within their credit.

import { errorHeaders, errorObject } from "../../core/error-object.ts";
import { GatewayError, toGatewayError } from "../../core/errors.ts";
import type { HeaderView } from "../../core/http.ts";
import type { Caller } from "../../core/login.ts";
import type { BridgeAnswer, BridgeControl, BridgeRequest } from "../../core/plane-messages.ts";
import { BRIDGE_CREDIT, Credit } from "./credit.ts";

/** A management request as its handler sees it. */
export interface PlaneRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: HeaderView;
  readonly body: Uint8Array;
  readonly peer: BridgeRequest["peer"];
  /** Who makes it, as the loop found out; undefined for a plane that finds out itself. */
  readonly caller?: Caller | undefined;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** A body that comes in parts is read as fast as the client takes it, and no further once the client is gone: who waits for more to say listens to `PlaneRequest.signal`. */
export type PlaneBody = string | Uint8Array | AsyncIterable<string | Uint8Array>;

export interface PlaneAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: PlaneBody;
  /** When it is aborted the answer breaks off where it is, whatever the client has not taken yet. */
  readonly stop?: AbortSignal;
}

/** May throw: a GatewayError is answered as it says, anything else with 500. */
export type PlaneHandler = (request: PlaneRequest) => PlaneAnswer | Promise<PlaneAnswer>;

export interface ResponderOptions {
  readonly send: (message: BridgeAnswer, transfer?: readonly ArrayBuffer[]) => boolean;
  readonly handler: PlaneHandler;
  /** Told of what the handler threw that is no GatewayError, and of answers that broke off. */
  readonly onError: (error: unknown, request: PlaneRequest) => void;
}

interface Pending {
  readonly credit: Credit;
  readonly abort: AbortController;
}

const LARGEST_CHUNK = 64 * 1024;

/** One for each plane that answers requests. */
export class BridgeResponder {
  readonly #options: ResponderOptions;
  readonly #pending = new Map<number, Pending>();

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** Answers that are not complete yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Takes a message of the bridge. Never throws. */
  receive(message: BridgeRequest | BridgeControl): void {
    if (message.type === "bridge-request") {
      void this.#answer(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.type === "bridge-credit") pending.credit.give(message.bytes);
    else {
      this.#pending.delete(message.id);
      pending.credit.cancel();
      pending.abort.abort();
    }
  }

  async #answer(message: BridgeRequest): Promise<void> {
    const pending: Pending = { credit: new Credit(BRIDGE_CREDIT), abort: new AbortController() };
    this.#pending.set(message.id, pending);
    const request = planeRequest(message, pending.abort.signal);
    try {
      const answer = await this.#handle(request);
      if (!pending.credit.cancelled) await this.#send(message.id, answer, pending.credit);
    } catch (error) {
      this.#options.onError(error, request);
      this.#options.send({ type: "bridge-fail", id: message.id });
    } finally {
      this.#pending.delete(message.id);
    }
  }

  async #handle(request: PlaneRequest): Promise<PlaneAnswer> {
    try {
      return await this.#options.handler(request);
    } catch (error) {
      if (!(error instanceof GatewayError)) this.#options.onError(error, request);
      return errorAnswer(toGatewayError(error));
    }
  }

  async #send(id: number, answer: PlaneAnswer, credit: Credit): Promise<void> {
    const { status, body } = answer;
    const whole = typeof body === "string" || body instanceof Uint8Array ? bytesOf(body) : null;
    const headers: (readonly [string, string])[] = [...answer.headers];
    // Tells the bridge that a small answer can be collected and sent in one piece; it is not passed on as it stands.
    if (whole !== null) headers.push(["content-length", String(whole.length)]);
    const cut = (): void => credit.cancel();
    answer.stop?.addEventListener("abort", cut, { once: true });
    this.#options.send({ type: "bridge-head", id, status, headers });
    if (whole !== null) await this.#sendBytes(id, whole, credit);
    else {
      for await (const chunk of body as AsyncIterable<string | Uint8Array>) {
        await this.#sendBytes(id, bytesOf(chunk), credit);
        if (credit.cancelled) break;
      }
    }
    answer.stop?.removeEventListener("abort", cut);
    if (!credit.cancelled) this.#options.send({ type: "bridge-end", id });
    else if (answer.stop?.aborted === true) this.#options.send({ type: "bridge-fail", id });
  }

  async #sendBytes(id: number, bytes: Uint8Array, credit: Credit): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const taken = await credit.take(Math.min(LARGEST_CHUNK, bytes.length - at));
      if (taken === 0) return;
      // A view would take its whole buffer along: each chunk travels in a buffer of its own.
      const chunk = new Uint8Array(taken);
      chunk.set(bytes.subarray(at, at + taken));
      this.#options.send({ type: "bridge-chunk", id, bytes: chunk }, [chunk.buffer]);
      at += taken;
    }
  }
}

/** A GatewayError as the answer of a management route. */
export function errorAnswer(error: GatewayError): PlaneAnswer {
  return { status: error.status, headers: errorHeaders(error), body: errorObject(error) };
}

function planeRequest(message: BridgeRequest, signal: AbortSignal): PlaneRequest {
  const question = message.target.indexOf("?");
  return {
    method: message.method,
    path: question < 0 ? message.target : message.target.slice(0, question),
    query: new URLSearchParams(question < 0 ? "" : message.target.slice(question + 1)),
    headers: planeHeaders(message.headers),
    body: message.body,
    peer: message.peer,
    caller: message.caller,
    signal,
  };
}

/** A view of plain pairs, names in lower case. Of repeated fields the values are joined with ", ". */
export function planeHeaders(pairs: readonly (readonly [string, string])[]): HeaderView {
  const byName = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = byName.get(name);
    byName.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    get: (name) => byName.get(name),
    entries: () => pairs.map(([name, value]) => [name, value]),
    hasPrefix: (prefix) => pairs.some(([name]) => name.startsWith(prefix)),
  };
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? Buffer.from(body, "utf8") : body;
}

// What takes the body of a provider's good answer, and what it tells the attempt that feeds it.

import type { Attempt as AttemptRecord, Exchange } from "../core/exchange.ts";
import type { AnswerFormat, ProviderError } from "../core/formats.ts";
import type { HeaderBlock, TransportFailure } from "../core/http.ts";
import type { ProviderAdapter } from "../core/provider.ts";
import type { Usage, UsageReport } from "../core/usage.ts";
import type { HeldBudget } from "./held-body.ts";

/** Bytes in, answer out. After it has told the attempt how it ended it is not fed any more. */
export interface Sink {
  /** The view is valid until this returns. */
  bytes(chunk: Buffer): void;
  /** The body is complete as HTTP. */
  end(): void;
  /** The transport broke. */
  broken(failure: TransportFailure): void;
}

/** The attempt as its sink sees it. */
export interface AttemptLine {
  readonly exchange: Exchange;
  readonly record: AttemptRecord;
  readonly adapter: ProviderAdapter;
  /** How the provider's answer is read. */
  readonly format: AnswerFormat;
  readonly held: HeldBudget;
  /** Header lines of the provider that go on. */
  readonly passedOn: HeaderBlock;
  /** The content length that the provider announced; -1 = none. */
  readonly announced: number;
  /** What the provider tells of its usage, all that it told so far; without one nothing is told. */
  told(told: { readonly usage?: Usage | undefined; readonly report?: UsageReport | null | undefined } | null): void;
  /** Content is about to go to the client: from here on no other target can be tried. */
  commit(): void;
  /** More than the client takes: stop reading. Reading goes on when the client has drained. */
  pause(): void;
  /** The answer is with the client, whole. */
  answered(): void;
  /** It is no answer, and the client has seen nothing of it. `told`: in the provider's own words. */
  fail(error: ProviderError, told: boolean): void;
  /** The transport broke before the client saw anything. */
  failTransport(failure: TransportFailure): void;
  /** It broke after the commit point: the client is told by one error event, and the stream is closed as failed. */
  breakOff(error: ProviderError): void;
}

/** What broke a stream, for the caller. */
export function brokenWords(failure: TransportFailure): string {
  switch (failure.kind) {
    case "idle-timeout":
      return "the provider fell silent in the middle of the stream";
    case "total-timeout":
      return "the time limit of the request passed in the middle of the stream";
    default:
      return "the provider's stream broke off before its end";
  }
}

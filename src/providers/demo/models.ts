// The table of the demo's models: name, what it does, and the behaviour that does it.
import * as answers from "./play-answers.ts";
import * as bodies from "./play-bodies.ts";
import * as refusals from "./play-refusals.ts";
import * as streams from "./play-streams.ts";
import * as transport from "./play-transport.ts";
import type { Play } from "./scene.ts";

export interface DemoModel {
  /** As it is asked for; a name with numbers in it stands for every number. */
  readonly name: string;
  readonly description: string;
  readonly play: Play;
  /** Matches every spelling of a name with numbers in it. */
  readonly pattern?: RegExp;
}

const OK = [
  ["echo", "Answers at once and quotes the last user message", answers.echo],
  ["slow-2s", "Answers after the time in its name", answers.slow, /^slow-(\d{1,5})(ms|s)$/],
  ["slow-stream", "Streams with 100 ms before each piece", answers.slowStream],
  [
    "slow-stream-20ms",
    "Streams with this pause before each piece",
    answers.slowStream,
    /^slow-stream-(\d{1,5})(ms|s)$/,
  ],
  ["chunks-20", "Streams this number of pieces", answers.chunks, /^chunks-(\d{1,6})$/],
  [
    "chunks-20-20ms",
    "Streams this number of pieces with a pause between them",
    answers.chunks,
    /^chunks-(\d{1,6})-(\d{1,5})ms$/,
  ],
  ["big-200mb", "Streams this much text as fast as it is read", answers.big, /^big-(\d{1,4})mb$/],
  ["big-text-5mb", "One answer of this size", answers.bigText, /^big-text-(\d{1,2})mb$/],
  ["thinking", "Reasons before it answers", answers.thinking],
  ["length", "Stops at its output limit", answers.cutByLength],
  ["content-filter", "Stops at the content filter", answers.filtered],
  [
    "fail-then-ok-2",
    "Fails so often with 500 for the same request, then answers",
    answers.failThenOk,
    /^fail-then-ok-(\d{1,4})$/,
  ],
  ["close-on-reuse", "Answers, and breaks the connection when it is used again", answers.reusableOnce],
  ["leaky-headers", "Sends cookies and account headers with its answer", answers.leakyHeaders],
  ["until-close", "A body without a length that ends with the connection", answers.untilClose],
  ["http-1.0", "Answers as HTTP/1.0", answers.http10],
  ["interim-1xx", "Sends interim answers before the real one", answers.interim],
  ["split-bytes", "Writes every byte by itself", answers.splitBytes],
] as const;

const REFUSALS = [
  ["status-500", "Refuses with the status in its name", refusals.anyStatus, /^status-([2-5]\d\d)$/],
  [
    "status-429-retry-after-2",
    "Refuses with this status and Retry-After",
    refusals.anyStatus,
    /^status-([2-5]\d\d)-retry-after-(\d{1,6})$/,
  ],
  ["bare-status-503", "Refuses with this status and no body", refusals.bareStatus, /^bare-status-([2-5]\d\d)$/],
  ["throttle", "429 that names no time", refusals.refusing(429, "throttle")],
  ["throttle-headers", "429 with the rate limit headers of a used-up window", refusals.throttledByHeaders],
  ["throttle-date", "429 with Retry-After as a date", refusals.throttledByDate],
  ["throttle-503", "A rate limit told under status 503", refusals.throttledBy503],
  ["bad-key", "401: the key is not valid", refusals.refusing(401, "bad-key")],
  ["echo-key", "401 whose message repeats the key", refusals.echoesKey],
  ["no-credit", "The account has no credit", refusals.noCredit],
  ["overloaded", "529: overloaded", refusals.refusing(529, "overloaded")],
  ["signature-rejected", "400 while the conversation brings signed reasoning back", refusals.signatureRejected],
  ["signature-rejected-always", "400 about a signature, whatever comes", refusals.signatureAlwaysRejected],
  ["context-length", "400: the prompt is too long", refusals.refusing(400, "context-length")],
  ["content-policy", "400: the content policy", refusals.refusing(400, "content-policy")],
  ["unknown-model", "404: there is no such model", refusals.refusing(404, "unknown-model")],
] as const;

const TRANSPORT = [
  ["cut-before-head", "Resets the connection instead of answering", transport.cutBeforeHead],
  ["cut-in-head", "Resets within the head", transport.cutInHead],
  ["cut-in-body", "Resets within the body", transport.cutInBody],
  ["close-in-body", "Closes in order within the body", transport.closeMidBody],
  ["break-mid-stream", "Resets within an event of the stream", transport.breakMidStream],
  ["stall-before-head", "Reads the request and says nothing", transport.stallBeforeHead],
  ["stall-in-head", "Falls silent within the head", transport.stallInHead],
  ["stall-after-head", "Falls silent after the head", transport.stallAfterHead],
  ["stall-before-content", "Falls silent before the first content of a stream", transport.stallBeforeContent],
  ["stall-mid-stream", "Falls silent in the middle", transport.stallMidStream],
  ["drip", "One byte a second", transport.drip],
  ["wrong-length", "Content-Length is larger than the body", transport.wrongLength],
  ["short-length", "Content-Length is smaller than the body", transport.shortLength],
  ["bytes-after-body", "Garbage behind the body", transport.bytesAfterBody],
  ["two-answers", "A second answer that nobody asked for", transport.twoAnswers],
  ["both-framings", "Content-Length and chunked at once", transport.bothFramings],
  ["bad-chunk", "A chunk size that is none", transport.badChunk],
  ["huge-head", "A head of 1 MB", transport.hugeHead],
  ["not-http", "Another protocol", transport.notHttp],
] as const;

const BODIES = [
  ["truncated-json", "JSON that breaks off", bodies.truncatedJson],
  ["invalid-json", "JSON that is none", bodies.invalidJson],
  ["empty-body", "200 without a body", bodies.emptyBody],
  ["json-list", "A list in place of an answer", bodies.jsonList],
  ["html-error", "502 with an HTML page", bodies.htmlError],
  ["html-200", "200 with an HTML page", bodies.html200],
  ["error-in-200", "200 around an error", bodies.errorIn200],
  ["no-choices", "An answer without content", bodies.noChoices],
  ["invalid-utf8", "A byte that is no UTF-8", bodies.invalidUtf8],
  ["redirect", "A redirect to a forbidden address", bodies.redirect],
  ["gzip", "Packed with gzip though it was not asked for", bodies.gzip],
  ["br", "Packed with brotli though it was not asked for", bodies.brotli],
  ["deflate", "Packed with deflate though it was not asked for", bodies.deflate],
  ["zstd", "Packed with zstd though it was not asked for", bodies.zstd],
  ["unknown-coding", "Packed with a coding that nobody knows", bodies.unknownCoding],
  ["broken-gzip", "gzip that breaks off", bodies.brokenGzip],
  ["bomb", "500 MB in half a megabyte of gzip", bodies.bomb],
  ["huge-usage", "Usage beyond every context window", bodies.hugeUsage],
  ["negative-usage", "Negative usage", bodies.negativeUsage],
  ["text-usage", "Usage that is no number", bodies.textUsage],
  ["no-usage", "No usage", bodies.noUsage],
] as const;

const STREAMS = [
  ["no-done", "A stream without its end marker", streams.noDone],
  ["end-mid-stream", "A stream that ends in order in the middle", streams.endMidStream],
  ["empty-stream", "A stream without events", streams.emptyStream],
  ["done-only", "A stream of the end marker alone", streams.doneOnly],
  ["error-event-first", "An error as the first event", streams.errorFirst],
  ["error-event-before-content", "An error event before the first content", streams.errorBeforeContent],
  ["error-event-mid-stream", "An error event after content", streams.errorMidStream],
  ["error-then-done", "An error event, then the end marker", streams.errorThenDone],
  ["json-instead-of-stream", "One JSON body to a streamed request", streams.jsonInstead],
  ["wrong-content-type", "The right bytes as text/plain", streams.wrongType],
  ["bad-event", "An event after content whose data is no JSON", streams.badEvent],
  ["bad-first-event", "A first event whose data is no JSON", streams.badFirstEvent],
  ["out-of-order", "The events of a stream in reverse", streams.outOfOrder],
  ["crlf-events", "Events whose lines end with CR LF", streams.crlfEvents],
  ["comments", "Comments and unknown fields between the events", streams.comments],
  ["no-space", "data: without the space behind it", streams.noSpace],
  ["one-write", "All events in one write", streams.oneWrite],
  ["huge-event-20mb", "One event of this size", streams.hugeEvent, /^huge-event-(\d{1,2})mb$/],
  ["stall-after-done", "Keeps the connection open behind the end marker", streams.stallAfterDone],
] as const;

type Row = readonly [name: string, description: string, play: Play, pattern?: RegExp];

const rows: readonly Row[] = [...OK, ...REFUSALS, ...TRANSPORT, ...BODIES, ...STREAMS];

/** Every model, in the order in which lists show them. */
export const demoModels: readonly DemoModel[] = rows.map(([name, description, play, pattern]) =>
  pattern === undefined ? { name, description, play } : { name, description, play, pattern },
);

const byName = new Map(demoModels.map((model) => [model.name, model]));

/** The model of this name and the numbers in it; undefined when there is none. */
export function findDemoModel(
  name: string,
): { readonly model: DemoModel; readonly parts: readonly string[] } | undefined {
  const exact = byName.get(name);
  if (exact !== undefined && exact.pattern === undefined) return { model: exact, parts: [name] };
  for (const model of demoModels) {
    const parts = model.pattern?.exec(name);
    if (parts) return { model, parts: [...parts] };
  }
  return undefined;
}

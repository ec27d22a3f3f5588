// Unpacks a buffer of packed records (record-codec.ts) to plain objects, in the control plane.
import type { Outcome } from "./exchange.ts";
import { unpackMessage } from "./message-outline.ts";
import type { PricedPart } from "./price.ts";
import type {
  AttemptRecord,
  CandidateRecord,
  ContentRecord,
  CostRecord,
  RequestRecord,
  RuleRecord,
  TargetRecord,
} from "./record.ts";
import { ATTEMPT_FLAG, CONTENT_LEVELS, FIXED_SLOTS, FLAG, RECORD_LAYOUT, SIZE } from "./record-codec.ts";
import type { Words } from "./record-words.ts";
import type { RawUsage, Usage, UsageKey } from "./usage.ts";

/** A place in the slots of a record and in its text. */
class Cursor {
  slot = 0;
  readonly #numbers: Float64Array;
  readonly #words: Words;
  #text = "";
  #textAt = 0;

  constructor(numbers: Float64Array, words: Words) {
    this.#numbers = numbers;
    this.#words = words;
  }

  start(slot: number, text: string): void {
    this.slot = slot;
    this.#text = text;
    this.#textAt = 0;
  }

  number(): number {
    return this.#numbers[this.slot++] as number;
  }

  numberOrNull(): number | null {
    const value = this.number();
    return value === -1 ? null : value;
  }

  stringOrNull(): string | null {
    const value = this.number();
    if (value === -1) return null;
    if (value >= 0) return this.#words.get(value);
    const from = this.#textAt;
    this.#textAt = from - value - 2;
    return this.#text.slice(from, this.#textAt);
  }

  string(): string {
    return this.stringOrNull() ?? "";
  }

  usage(): Usage {
    return {
      inputTokens: this.numberOrNull(),
      outputTokens: this.numberOrNull(),
      cachedTokens: this.numberOrNull(),
      cacheWriteTokens: this.numberOrNull(),
      reasoningTokens: this.numberOrNull(),
    };
  }
}

/** The records of one buffer, in order. Their content is a view of it. Throws a RangeError on what is no buffer of records. */
export function* unpackRecords(buffer: ArrayBuffer, words: Words): Generator<RequestRecord> {
  const numbers = new Float64Array(buffer);
  const bytes = Buffer.from(buffer);
  const cursor = new Cursor(numbers, words);
  const count = numbers[0] as number;
  let at = 1;
  for (let i = 0; i < count; i++) {
    const slots = numbers[at + SIZE.slots] as number;
    if (!(slots >= FIXED_SLOTS && at + slots <= numbers.length)) throw new RangeError(`record ${i} has a wrong length`);
    yield unpackRecord(cursor, numbers, bytes, at);
    at += slots;
  }
}

/** The record whose slots begin at `start`; of a stored one with the layout that it was written in. */
export function unpackRecordAt(
  numbers: Float64Array,
  bytes: Buffer,
  start: number,
  words: Words,
  layout = RECORD_LAYOUT,
): RequestRecord {
  return unpackRecord(new Cursor(numbers, words), numbers, bytes, start, layout);
}

function unpackRecord(
  cursor: Cursor,
  numbers: Float64Array,
  bytes: Buffer,
  start: number,
  layout = RECORD_LAYOUT,
): RequestRecord {
  const size = (name: keyof typeof SIZE): number => numbers[start + SIZE[name]] as number;
  const flags = size("flags");
  const inputBytes = size("inputBytes");
  const outputBytes = size("outputBytes");
  const dataBytes = size("textBytes") + inputBytes + outputBytes;
  const end = (start + size("slots")) << 3;
  // The data stands at the end, padded to the next 8 bytes.
  const from = end - ((dataBytes + 7) & ~7);
  const inputFrom = from + size("textBytes");
  cursor.start(start + SIZE.first, bytes.toString("utf8", from, inputFrom));
  const request = unpackRequest(cursor, flags);
  const decision = {
    seed: cursor.number(),
    draw: cursor.numberOrNull(),
    engine: cursor.string(),
    snapshotVersion: cursor.number(),
  };
  const people = layout === 1 ? firstPeople(flags) : unpackPeople(cursor, flags);
  const { counts, ...facts } = people;
  const attempts = list(size("attempts"), () => unpackAttempt(cursor));
  const candidates = list(size("candidates"), () => unpackCandidate(cursor));
  const order = list(size("targets"), () => unpackTarget(cursor));
  const losses = list(size("losses"), () => cursor.string());
  const rules = list(counts.rules, () => unpackRule(cursor));
  const tags = list(counts.tags, () => [cursor.string(), cursor.string()] as const);
  const messages = list(counts.messages, () => unpackMessage(cursor.number()));
  const content = (has: number, cut: number, at: number, length: number): ContentRecord | null =>
    (flags & has) === 0 ? null : { bytes: bytes.subarray(at, at + length), cut: (flags & cut) !== 0 };
  return {
    ...request,
    ...facts,
    attempts,
    decision: (flags & FLAG.hasDecision) === 0 ? null : { ...decision, candidates, order, rules },
    losses,
    tags,
    messages,
    contentHidden: (flags & FLAG.contentHidden) !== 0,
    contentDropped: (flags & FLAG.contentDropped) !== 0,
    input: content(FLAG.hasInput, FLAG.inputCut, inputFrom, inputBytes),
    output: content(FLAG.hasOutput, FLAG.outputCut, inputFrom + inputBytes, outputBytes),
    outputIsStream: (flags & FLAG.outputIsStream) !== 0,
    outputDialect: (flags & FLAG.outputIsAnthropic) === 0 ? "openai" : "anthropic",
  };
}

type Facts = Pick<
  RequestRecord,
  | "contentLevel"
  | "overheadUs"
  | "messageCount"
  | "inputMessage"
  | "userId"
  | "app"
  | "sessionId"
  | "ruleId"
  | "ruleName"
>;

/** What came with the second layout, and the counts of its lists. */
type People = Facts & { readonly counts: { messages: number; tags: number; rules: number } };

/** Of a record in the first layout. */
function firstPeople(flags: number): People {
  return {
    contentLevel: (flags & FLAG.contentHidden) === 0 ? "ends" : "off",
    overheadUs: -1,
    messageCount: 0,
    inputMessage: -1,
    userId: null,
    app: null,
    sessionId: null,
    ruleId: null,
    ruleName: null,
    counts: { messages: 0, tags: 0, rules: 0 },
  };
}

function unpackPeople(cursor: Cursor, flags: number): People {
  const contentLevel = CONTENT_LEVELS[cursor.number()] ?? firstPeople(flags).contentLevel;
  const overheadUs = cursor.number();
  const messages = cursor.number();
  const messageCount = cursor.number();
  const inputMessage = cursor.number();
  const counts = { messages, tags: cursor.number(), rules: cursor.number() };
  return {
    contentLevel,
    overheadUs,
    messageCount,
    inputMessage,
    userId: cursor.stringOrNull(),
    app: cursor.stringOrNull(),
    sessionId: cursor.stringOrNull(),
    ruleId: cursor.stringOrNull(),
    ruleName: cursor.stringOrNull(),
    counts,
  };
}

function unpackRule(cursor: Cursor): RuleRecord {
  return { id: cursor.string(), name: cursor.string(), matched: cursor.number() === 1, why: cursor.string() };
}

type OwnFields = Omit<
  RequestRecord,
  | keyof Facts
  | "attempts"
  | "decision"
  | "losses"
  | "tags"
  | "messages"
  | "contentHidden"
  | "contentDropped"
  | "input"
  | "output"
  | "outputIsStream"
  | "outputDialect"
>;

/** The fields are read in the order in which they were written: object literals keep it. */
function unpackRequest(cursor: Cursor, flags: number): OwnFields {
  const fields = {
    id: cursor.string(),
    acceptedAt: cursor.number(),
    endedAt: cursor.number(),
    dispatchedAt: cursor.number(),
    firstTokenAt: cursor.number(),
    requestType: cursor.string(),
    requestedModel: cursor.string(),
    virtualKeyId: cursor.stringOrNull(),
    virtualKeyName: cursor.stringOrNull(),
    snapshotVersion: cursor.number(),
    clientRequestId: cursor.stringOrNull(),
    userAgent: cursor.stringOrNull(),
    outcome: cursor.string() as Outcome,
    status: cursor.number(),
    stopReason: cursor.stringOrNull(),
    usage: cursor.usage(),
    chunks: cursor.number(),
    bytesOut: cursor.number(),
    answeredBy: cursor.number(),
    stream: (flags & FLAG.stream) !== 0,
  };
  const error = { code: cursor.string(), type: cursor.string(), status: cursor.number(), message: cursor.string() };
  const owners = {
    teamId: cursor.stringOrNull(),
    teamName: cursor.stringOrNull(),
    customerId: cursor.stringOrNull(),
    customerName: cursor.stringOrNull(),
    costNano: cursor.numberOrNull(),
    isUnpriced: (flags & FLAG.isUnpriced) !== 0,
  };
  return { ...fields, ...owners, error: (flags & FLAG.hasError) === 0 ? null : error };
}

function unpackAttempt(cursor: Cursor): AttemptRecord {
  const fields = {
    provider: cursor.string(),
    model: cursor.string(),
    keyId: cursor.string(),
    keyName: cursor.string(),
    fallbackIndex: cursor.number(),
    startedAt: cursor.number(),
    connectedAt: cursor.number(),
    headAt: cursor.number(),
    firstTokenAt: cursor.number(),
    endedAt: cursor.number(),
    status: cursor.number(),
    outcome: cursor.string(),
    error: cursor.string(),
    reason: cursor.string(),
  };
  const flags = cursor.number();
  const usage = cursor.usage();
  const askedModel = cursor.stringOrNull();
  const rawUsage = (flags & ATTEMPT_FLAG.hasRawUsage) === 0 ? null : unpackRawUsage(cursor);
  const cost = (flags & ATTEMPT_FLAG.hasCost) === 0 ? null : unpackCost(cursor, flags);
  return {
    ...fields,
    possiblyBilled: (flags & ATTEMPT_FLAG.possiblyBilled) !== 0,
    usage: (flags & ATTEMPT_FLAG.hasUsage) === 0 ? null : usage,
    askedModel,
    rawUsage,
    usageOrigin: usageOrigin(flags),
    cost,
  };
}

function usageOrigin(flags: number): AttemptRecord["usageOrigin"] {
  if ((flags & ATTEMPT_FLAG.usageReported) !== 0) return "reported";
  return (flags & ATTEMPT_FLAG.usageCounted) === 0 ? "none" : "counted";
}

function unpackRawUsage(cursor: Cursor): RawUsage {
  const tier = cursor.stringOrNull();
  const region = cursor.stringOrNull();
  const reportedNano = cursor.numberOrNull();
  const kinds = cursor.number();
  const refused = cursor.number();
  const counts: Partial<Record<UsageKey, number>> = {};
  for (let i = 0; i < kinds; i++) {
    const kind = cursor.string() as UsageKey;
    counts[kind] = cursor.number();
  }
  return { counts, tier, region, reportedNano, refused: list(refused, () => cursor.string()) };
}

function unpackCost(cursor: Cursor, flags: number): CostRecord {
  const head = {
    nano: cursor.number(),
    origin: (flags & ATTEMPT_FLAG.isReportedCost) === 0 ? "computed" : "reported",
    computedNano: cursor.number(),
    reportedNano: cursor.numberOrNull(),
    priceVersion: cursor.stringOrNull(),
    source: cursor.stringOrNull(),
  } as const;
  const parts = cursor.number();
  const unpriced = cursor.number();
  return {
    ...head,
    parts: list(parts, () => unpackPart(cursor)),
    unpriced: list(unpriced, () => cursor.string() as UsageKey),
  };
}

function unpackPart(cursor: Cursor): PricedPart {
  return {
    kind: cursor.string() as UsageKey,
    count: cursor.number(),
    rate: cursor.string(),
    unitPico: cursor.number(),
  };
}

function unpackCandidate(cursor: Cursor): CandidateRecord {
  return {
    provider: cursor.string(),
    model: cursor.string(),
    weight: cursor.numberOrNull(),
    share: cursor.number(),
    health: cursor.number(),
    removed: cursor.stringOrNull(),
  };
}

function unpackTarget(cursor: Cursor): TargetRecord {
  return { provider: cursor.string(), model: cursor.string(), keyName: cursor.string(), reason: cursor.string() };
}

function list<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read());
  return items;
}

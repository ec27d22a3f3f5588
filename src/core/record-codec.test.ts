// Records survive the way through their buffer: whatever an exchange holds, within the bounds, comes out again.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { contentLevelOf, keptWords } from "./content-level.ts";
import type { RemovalReason, TargetReason } from "./decision.ts";
import { GatewayError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { type ExchangeSpec, fixtureExchange } from "./exchange-fixture.ts";
import { packMessage, unpackMessage } from "./message-outline.ts";
import { overheadUs } from "./overhead.ts";
import type { Cost } from "./price.ts";
import { type CostRecord, RECORD_BUFFER_BYTES, RECORD_LIMITS, type RequestRecord } from "./record.ts";
import { FIELD, FLAG, STRING_FIELDS } from "./record-codec.ts";
import { RecordPacker } from "./record-pack.ts";
import { unpackRecords } from "./record-unpack.ts";
import { RecordView } from "./record-view.ts";
import { WordList } from "./record-words.ts";
import { costOf, hasUnpriced } from "./request-cost.ts";
import type { RawUsage, UsageKey } from "./usage.ts";

const cut = (text: string, limit: number = RECORD_LIMITS.name): string => text.slice(0, limit);
const cutOrNull = (text: string | null, limit?: number): string | null => (text === null ? null : cut(text, limit));

const teams = [{ id: "team-1", name: "Team", customerId: "customer-1" }];
const customers = [{ id: "customer-1", name: "Customer" }];

function owners({ virtualKey }: Exchange) {
  const { teamId = null, customerId: own = null } = virtualKey?.entity ?? {};
  const team = teams.find(({ id }) => id === teamId);
  const customerId = own ?? team?.customerId ?? null;
  const customerName = customers.find(({ id }) => id === customerId)?.name ?? null;
  return { teamId: cutOrNull(teamId), teamName: team?.name ?? null, customerId: cutOrNull(customerId), customerName };
}

function expectedCost(cost: Cost | null): CostRecord | null {
  if (cost === null) return null;
  const { nano, origin, reportedNano, computed, unpriced } = cost;
  return {
    nano,
    origin,
    reportedNano,
    computedNano: computed.nano,
    priceVersion: cutOrNull(computed.priceVersion),
    source: cutOrNull(computed.source),
    parts: computed.parts
      .slice(0, 24)
      .map((part) => ({ ...part, kind: cut(part.kind) as UsageKey, rate: cut(part.rate) })),
    unpriced: unpriced.slice(0, 24).map((kind) => cut(kind) as UsageKey),
  };
}

function expectedUsage(usage: RawUsage | null): RawUsage | null {
  if (usage === null) return null;
  const counts = Object.fromEntries(
    Object.entries(usage.counts)
      .slice(0, 24)
      .map(([kind, count]) => [cut(kind), count]),
  );
  const refused = usage.refused.slice(0, 8).map((name) => cut(name));
  return { ...usage, counts, tier: cutOrNull(usage.tier), region: cutOrNull(usage.region), refused };
}

/** What should come out, said the plain way. */
function expected(exchange: Exchange): RequestRecord {
  const { request, decision, error, answer } = exchange;
  const level = contentLevelOf(exchange);
  const hidden = level === "off";
  const outline = hidden ? null : exchange.outline;
  const input =
    exchange.inputFrom >= 0 ? request.body.bytes.subarray(exchange.inputFrom, exchange.inputTo) : Buffer.alloc(0);
  const outputLimit = exchange.answerIsStream ? RECORD_LIMITS.streamOutput : RECORD_LIMITS.plainOutput;
  const attempts =
    exchange.attempts.length <= 64
      ? exchange.attempts
      : [...exchange.attempts.slice(0, 63), ...exchange.attempts.slice(-1)];
  return {
    id: cut(exchange.id),
    acceptedAt: exchange.acceptedAt,
    endedAt: exchange.endedAt,
    dispatchedAt: exchange.dispatchedAt,
    firstTokenAt: exchange.firstTokenAt,
    requestType: exchange.stream ? "chat_completion_stream" : "chat_completion",
    requestedModel: cut(exchange.model),
    virtualKeyId: cutOrNull(exchange.virtualKey?.id ?? null),
    virtualKeyName: cutOrNull(exchange.virtualKey?.name ?? null),
    ...owners(exchange),
    costNano: costOf(exchange.attempts),
    isUnpriced: hasUnpriced(exchange.attempts),
    snapshotVersion: 7,
    clientRequestId: cutOrNull(exchange.options.clientRequestId),
    userAgent: cutOrNull(exchange.options.userAgent),
    outcome: exchange.outcome,
    status: exchange.status,
    stopReason: exchange.stopReason,
    usage: exchange.usage,
    chunks: exchange.chunks,
    bytesOut: exchange.bytesOut,
    answeredBy: exchange.answeredBy === null ? -1 : attempts.indexOf(exchange.answeredBy),
    stream: exchange.stream,
    error: error && {
      code: cut(error.providerCode ?? error.code),
      type: cut(error.type),
      status: error.status,
      message: cut(keptWords(error.message, error.status, contentLevelOf(exchange)), RECORD_LIMITS.message),
    },
    attempts: attempts.map((attempt) => ({
      ...attempt,
      provider: cut(attempt.provider),
      model: cut(attempt.model),
      keyId: cut(attempt.keyId),
      keyName: cut(attempt.keyName),
      outcome: cut(attempt.outcome),
      reason: cut(attempt.reason),
      error: cut(keptWords(attempt.error, attempt.status, contentLevelOf(exchange)), RECORD_LIMITS.message),
      askedModel: cutOrNull(decision?.order[attempt.fallbackIndex]?.askedModel ?? null),
      rawUsage: expectedUsage(attempt.rawUsage),
      cost: expectedCost(attempt.cost),
    })),
    decision: decision && {
      seed: decision.seed,
      draw: decision.draw,
      engine: decision.engine,
      snapshotVersion: decision.snapshotVersion,
      candidates: decision.candidates.slice(0, 64).map((candidate) => ({
        provider: cut(candidate.provider),
        model: cut(candidate.model),
        weight: candidate.weight,
        share: candidate.share,
        health: candidate.health,
        removed: candidate.removed ?? null,
      })),
      order: decision.order.slice(0, 64).map((target) => ({
        provider: cut(target.provider.name),
        model: cut(target.model),
        keyName: cut(target.key.name),
        reason: target.reason,
      })),
      rules: decision.rules
        .slice(0, 64)
        .map((rule) => ({ ...rule, id: cut(rule.id), name: cut(rule.name), why: cut(rule.why) })),
    },
    losses: exchange.losses.slice(0, 64).map((loss) => cut(loss.field)),
    contentHidden: hidden,
    contentLevel: level,
    contentDropped: false,
    userId: cutOrNull(exchange.userId, RECORD_LIMITS.tagValue),
    app: cutOrNull(exchange.app),
    sessionId: cutOrNull(exchange.sessionId, RECORD_LIMITS.tagValue),
    tags: exchange.tags.slice(0, 16).map(([name, value]) => [cut(name), cut(value, RECORD_LIMITS.tagValue)] as const),
    overheadUs: overheadUs(exchange),
    ruleId: cutOrNull(decision?.rule?.id ?? null),
    ruleName: cutOrNull(decision?.rule?.name ?? null),
    messages: (outline?.messages ?? []).slice(0, 2000).map(unpackMessage),
    messageCount: outline?.count ?? 0,
    inputMessage: outline?.input ?? -1,
    input:
      hidden || input.length === 0
        ? null
        : {
            bytes: Buffer.from(input.subarray(0, RECORD_LIMITS.input)),
            cut: input.length > RECORD_LIMITS.input,
          },
    output:
      hidden || answer === null
        ? null
        : { bytes: Buffer.from(answer.subarray(0, outputLimit)), cut: answer.length > outputLimit },
    outputIsStream: exchange.answerIsStream,
    outputDialect: exchange.answerDialect,
  };
}

/** All strings as UTF-8 can carry them; views as copies. */
function comparable(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, comparable(entry)]));
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "\u0000\u001f", "\ud83d", "\ude00x", "ü".repeat(600), "日本".repeat(400), "a".repeat(2000)),
);
const count = fc.option(fc.nat(100_000_000));
const time = fc.double({ min: -1, max: 1e7, noNaN: true });
const usage = fc.record({
  inputTokens: count,
  outputTokens: count,
  cachedTokens: count,
  cacheWriteTokens: count,
  reasoningTokens: count,
});
const amount = fc.nat(Number.MAX_SAFE_INTEGER);
const kind = fc
  .oneof(
    fc.constantFrom("input", "output", "cached_input", "image_out/hd/1024x1024"),
    text.map((value) => `web_search/${value.toWellFormed()}`),
  )
  .map((name) => name as UsageKey);
const rawUsage = fc.record({
  counts: fc.dictionary(kind, fc.oneof(fc.nat(1_000_000), fc.constant(1.5)), { maxKeys: 30 }),
  tier: fc.option(text),
  region: fc.option(text),
  reportedNano: fc.option(amount),
  refused: fc.array(text, { maxLength: 10 }),
}) as fc.Arbitrary<RawUsage>;
const unpriced = fc.array(kind, { maxLength: 30 });
const cost = fc.record({
  nano: amount,
  origin: fc.constantFrom<"computed" | "reported">("computed", "reported"),
  unpriced,
  reportedNano: fc.option(amount),
  computed: fc.record({
    nano: amount,
    parts: fc.array(fc.record({ kind, count: amount, rate: text, unitPico: amount }), { maxLength: 30 }),
    unpriced,
    priceVersion: fc.option(text),
    source: fc.option(text),
  }),
});
const attempt = fc.record({
  provider: text,
  model: text,
  keyId: text,
  keyName: text,
  fallbackIndex: fc.nat(9),
  startedAt: time,
  connectedAt: time,
  headAt: time,
  firstTokenAt: time,
  endedAt: time,
  status: fc.nat(999),
  outcome: text,
  error: text,
  reason: text,
  possiblyBilled: fc.boolean(),
  usage: fc.option(usage),
  rawUsage: fc.option(rawUsage),
  usageOrigin: fc.constantFrom<"reported" | "counted" | "none">("reported", "counted", "none"),
  cost: fc.option(cost),
});
const candidate = fc.record({
  provider: text,
  model: text,
  weight: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  health: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.constantFrom<RemovalReason | undefined>(undefined, "repeated", "assumed down"),
});
const target = fc.record({
  provider: text,
  model: text,
  key: text,
  reason: fc.constantFrom<TargetReason>("drawn", "named"),
});
const rule = fc.record({ id: text, name: text, matched: fc.boolean(), why: text });
const message = fc
  .tuple(fc.nat(7), fc.nat(7), fc.nat(2 ** 31 - 1))
  .map(([role, kind, size]) => packMessage(role, kind, size));
const outline = fc
  .record({
    messages: fc.array(message, { maxLength: 40 }),
    count: fc.nat(9000),
    input: fc.integer({ min: -1, max: 3 }),
  })
  .map((given) => ({ ...given, input: Math.min(given.input, given.messages.length - 1) }));
const bytes = fc.uint8Array({ maxLength: 60 }).map((value) => Buffer.from(value));
const large = (limit: number) => fc.oneof(bytes, fc.constantFrom(Buffer.alloc(limit, 7), Buffer.alloc(limit + 1, 8)));

const spec = fc.record({
  id: text,
  acceptedAt: fc.nat(4e12),
  endedAt: time,
  model: text,
  stream: fc.boolean(),
  body: large(RECORD_LIMITS.input),
  inputFrom: fc.constantFrom(-1, 0),
  answer: fc.option(large(RECORD_LIMITS.streamOutput)),
  answerIsStream: fc.boolean(),
  answerDialect: fc.constantFrom<"openai" | "anthropic">("openai", "anthropic"),
  contentLogging: fc.boolean(),
  contentLevel: fc.constantFrom<"off" | "ends" | "full" | "redacted">("off", "ends", "full", "redacted"),
  userId: fc.option(text),
  app: fc.option(text),
  sessionId: fc.option(text),
  tags: fc.array(fc.tuple(text, text), { maxLength: 20 }),
  outline: fc.option(outline),
  sentAt: time,
  answerEndedAt: time,
  virtualKey: fc.option(
    fc.record(
      {
        id: text,
        name: text,
        teamId: fc.option(fc.constantFrom("team-1", "gone")),
        customerId: fc.option(fc.constantFrom("customer-1", "gone")),
      },
      { requiredKeys: ["id", "name"] },
    ),
  ),
  clientRequestId: fc.option(text),
  userAgent: fc.option(text),
  outcome: fc.constantFrom<"success" | "error" | "cancelled">("success", "error", "cancelled"),
  status: fc.nat(599),
  error: fc.option(
    fc
      .record({ message: text, type: text, providerCode: fc.option(text, { nil: undefined }) })
      .map(({ message, type, providerCode }) => new GatewayError("upstream_error", message, { type, providerCode })),
  ),
  usage,
  firstTokenAt: time,
  attempts: fc.oneof(
    { weight: 4, arbitrary: fc.array(attempt, { maxLength: 3 }) },
    fc.array(attempt, { maxLength: 80 }),
  ),
  decision: fc.option(
    fc.record({
      seed: fc.nat(),
      draw: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      candidates: fc.array(candidate, { maxLength: 70 }),
      order: fc.array(target, { maxLength: 70 }),
      rules: fc.array(rule, { maxLength: 70 }),
      rule: fc.option(fc.record({ id: text, name: text })),
    }),
  ),
  losses: fc.array(fc.record({ field: text, kind: fc.constantFrom<"hint" | "loss">("hint", "loss") }), {
    maxLength: 70,
  }),
});

const exchangeOf = (given: ExchangeSpec): Exchange =>
  fixtureExchange({ ...given, teams, customers, inputTo: given.inputFrom === 0 ? (given.body?.length ?? 0) : -1 });

/** What a view tells of each record where it lies. */
function lookedAt(buffer: ArrayBuffer, words: WordList) {
  const view = new RecordView(buffer, words);
  let at = 1;
  return Array.from({ length: view.count }, () => {
    at = view.move(at);
    let slot = view.firstAttempt;
    const attempts = Array.from({ length: view.attempts }, (_, i) => {
      const names = (["provider", "model", "keyId"] as const).map((name) => view.attemptName(i, slot, name));
      const seen = [...names, view.attemptCost(slot)];
      slot = view.behindAttempt(slot);
      return seen;
    });
    const strings = Object.entries(FIELD).filter(([, field]) => STRING_FIELDS.includes(field as 9));
    const content = [view.input, view.output].map((place) => place && view.bytes.subarray(place.from, place.to));
    return {
      strings: Object.fromEntries(strings.map(([name, field]) => [name, view.string(field)])),
      times: [view.number(FIELD.acceptedAt), view.number(FIELD.endedAt), view.number(FIELD.firstTokenAt)],
      counts: [view.numberOrNull(FIELD.inputTokens), view.numberOrNull(FIELD.outputTokens)],
      money: [view.numberOrNull(FIELD.costNano), view.has(FLAG.isUnpriced)],
      level: [view.contentLevel, view.number(FIELD.overheadUs)],
      tags: view.tags(),
      shown: view.shownAttempt,
      attempts,
      content,
      whole: view.unpacked().id,
    };
  });
}

/** The same, taken from the unpacked record. */
function looks(record: RequestRecord): ReturnType<typeof lookedAt>[number] {
  const { id, requestType, requestedModel, virtualKeyId, clientRequestId, outcome, stopReason } = record;
  const { teamId, customerId, attempts, answeredBy, usage, userAgent, userId, app, sessionId, ruleId, ruleName } =
    record;
  return {
    strings: {
      id,
      requestType,
      requestedModel,
      virtualKeyId,
      clientRequestId,
      outcome,
      stopReason,
      teamId,
      customerId,
      userAgent,
      engine: record.decision?.engine ?? null,
      userId,
      app,
      sessionId,
      ruleId,
      ruleName,
    },
    times: [record.acceptedAt, record.endedAt, record.firstTokenAt],
    counts: [usage.inputTokens, usage.outputTokens],
    money: [record.costNano, record.isUnpriced],
    level: [record.contentLevel, record.overheadUs],
    tags: record.tags,
    shown: answeredBy >= 0 ? answeredBy : attempts.length - 1,
    attempts: attempts.map((attempt) => [attempt.provider, attempt.model, attempt.keyId, attempt.cost?.nano ?? null]),
    content: [record.input?.bytes ?? null, record.output?.bytes ?? null],
    whole: id,
  };
}

test("what was packed comes out again, several records to a buffer", () => {
  const packer = new RecordPacker();
  const words = new WordList();
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 4 }), (specs) => {
      const buffer = new ArrayBuffer(RECORD_BUFFER_BYTES);
      packer.begin(buffer);
      const exchanges = specs.map(exchangeOf);
      const packed = exchanges.filter((exchange) => packer.pack(exchange));
      assert.ok(packed.length > 0);
      const { firstWord, words: fresh } = packer.finish();
      words.add(firstWord, fresh);
      const unpacked = [...unpackRecords(buffer, words)];
      assert.deepEqual(comparable(unpacked), comparable(packed.map(expected)));
      assert.deepEqual(lookedAt(buffer, words), unpacked.map(looks));
    }),
    { numRuns: 250, seed: 1 },
  );
});

test("nothing is written beyond a buffer, and a record that does not fit leaves it as it was", () => {
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 3000 }), (specs, size) => {
      const packer = new RecordPacker();
      const words = new WordList();
      const buffer = new ArrayBuffer(size * 8);
      packer.begin(buffer);
      const packed = specs.map(exchangeOf).filter((exchange) => packer.pack(exchange));
      const { firstWord, words: fresh } = packer.finish();
      words.add(firstWord, fresh);
      assert.deepEqual(comparable([...unpackRecords(buffer, words)]), comparable(packed.map(expected)));
    }),
    { numRuns: 250, seed: 2 },
  );
});

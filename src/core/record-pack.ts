// Packs settled exchanges into a buffer of numbers and bytes (record-codec.ts), without making an object for any of them.
import { contentLevelOf, keptWords, providerStatus } from "./content-level.ts";
import type { Decision } from "./decision.ts";
import type { ContentLevel } from "./entities.ts";
import type { Attempt, Exchange } from "./exchange.ts";
import type { MessageOutline } from "./message-outline.ts";
import { requestType } from "./operations.ts";
import { overheadUs } from "./overhead.ts";
import type { Cost, PricedPart } from "./price.ts";
import { RECORD_LIMITS } from "./record.ts";
import {
  ATTEMPT_FLAG,
  ATTEMPT_SLOTS,
  CANDIDATE_SLOTS,
  CONTENT_LEVELS,
  COST_SLOTS,
  COUNT_SLOTS,
  FIXED_SLOTS,
  FLAG,
  LIST,
  PART_SLOTS,
  RULE_SLOTS,
  SIZE,
  TAG_SLOTS,
  TARGET_SLOTS,
  USAGE_SLOTS,
} from "./record-codec.ts";
import { WordTable } from "./record-words.ts";
import { costOf, hasUnpriced } from "./request-cost.ts";
import type { RawUsage, Usage } from "./usage.ts";

const EMPTY_BUFFER = new ArrayBuffer(8);
const { kinds: MOST_KINDS, refused: MOST_REFUSED } = RECORD_LIMITS;
/** The most that an attempt's usage and its cost take: how much it is, is known only when they are written. */
const MOST_USAGE_SLOTS = USAGE_SLOTS + MOST_KINDS * COUNT_SLOTS + MOST_REFUSED;
const MOST_COST_SLOTS = COST_SLOTS + MOST_KINDS * PART_SLOTS + MOST_KINDS;

function kept(count: number, limit: number): number {
  return count < limit ? count : limit;
}

/** What of the content finds no room: nothing of it, the whole that goes beside the row, or the row's own too. */
export type ContentLoss = "none" | "whole" | "all";

const NO_RULES: Decision["rules"] = [];

/** Slots that these attempts may take beyond their own. */
function moneySlots(attempts: readonly Attempt[]): number {
  let slots = 0;
  for (let i = 0; i < attempts.length; i++) {
    const { rawUsage, cost } = attempts[i] as Attempt;
    slots += (rawUsage === null ? 0 : MOST_USAGE_SLOTS) + (cost === null ? 0 : MOST_COST_SLOTS);
  }
  return slots;
}

/** Packs exchanges, one after the other, into the buffer given to `begin`. */
export class RecordPacker {
  readonly #words = new WordTable();
  #numbers = new Float64Array(EMPTY_BUFFER);
  #bytes = Buffer.from(EMPTY_BUFFER);
  /** Next free byte. */
  #end = 8;
  /** Next slot to write. */
  #slot = 0;
  /** Text of the record under way. */
  #text = "";
  #count = 0;

  get count(): number {
    return this.#count;
  }

  begin(buffer: ArrayBuffer): void {
    this.#numbers = new Float64Array(buffer);
    this.#bytes = Buffer.from(buffer);
    this.#end = 8;
    this.#count = 0;
  }

  /** Closes the buffer: it holds what was packed since `begin`. */
  close(): void {
    this.#numbers[0] = this.#count;
    this.#numbers = new Float64Array(EMPTY_BUFFER);
    this.#bytes = Buffer.from(EMPTY_BUFFER);
    this.#count = 0;
  }

  /** The words that the receiver has not been told yet: they go with the next buffer, whichever it is. */
  takeWords(): { firstWord: number; words: string[] } {
    return this.#words.takeNew();
  }

  /** Both at once. */
  finish(): { firstWord: number; words: string[] } {
    this.close();
    return this.takeWords();
  }

  /** The receiver began anew: send all words again. */
  forgetSent(): void {
    this.#words.forgetSent();
  }

  /** False when the rest of the buffer is too small: it holds what it held before. */
  pack(exchange: Exchange, loss: ContentLoss = "none"): boolean {
    const start = this.#end >> 3;
    const numbers = this.#numbers;
    const attempts = kept(exchange.attempts.length, RECORD_LIMITS.attempts);
    const candidates = kept(exchange.decision?.candidates.length ?? 0, RECORD_LIMITS.candidates);
    const targets = kept(exchange.decision?.order.length ?? 0, RECORD_LIMITS.targets);
    const losses = kept(exchange.losses.length, RECORD_LIMITS.losses);
    const verdicts = exchange.decision?.rules ?? NO_RULES;
    const rules = kept(verdicts.length, RECORD_LIMITS.rules);
    const tags = kept(exchange.tags.length, RECORD_LIMITS.tags);
    const level = contentLevelOf(exchange);
    const outline = level === "off" || loss === "all" ? null : exchange.outline;
    const messages = outline === null ? 0 : kept(outline.messages.length, RECORD_LIMITS.messages);
    const slots =
      FIXED_SLOTS +
      attempts * ATTEMPT_SLOTS +
      candidates * CANDIDATE_SLOTS +
      targets * TARGET_SLOTS +
      losses +
      rules * RULE_SLOTS +
      tags * TAG_SLOTS +
      messages;
    if (start + slots + moneySlots(exchange.attempts) > numbers.length) return false;

    this.#text = "";
    this.#slot = start + SIZE.first;
    this.#packRequest(exchange, level);
    this.#packOwners(exchange);
    this.#packDecision(exchange.decision);
    this.#packPeople(exchange, level);
    this.#slot = start + FIXED_SLOTS;
    for (let i = 0; i < attempts; i++) {
      // Of too many the last one is kept: it is the one that answered, or the error that the caller got.
      const last = i === attempts - 1;
      this.#packAttempt(
        exchange.attempts[last ? exchange.attempts.length - 1 : i] as Attempt,
        exchange.decision,
        level,
      );
    }
    for (let i = 0; i < candidates; i++) this.#packCandidate(exchange.decision as Decision, i);
    for (let i = 0; i < targets; i++) this.#packTarget(exchange.decision as Decision, i);
    for (let i = 0; i < losses; i++) this.#guest((exchange.losses[i] as { field: string }).field);
    for (let i = 0; i < rules; i++) this.#packRule(verdicts[i] as Decision["rules"][number]);
    for (let i = 0; i < tags; i++) this.#packTag(exchange.tags[i] as readonly [string, string]);
    for (let i = 0; i < messages; i++) this.#number(outline?.messages[i] as number);

    numbers[start + SIZE.attempts] = attempts;
    numbers[start + SIZE.candidates] = candidates;
    numbers[start + SIZE.targets] = targets;
    numbers[start + SIZE.losses] = losses;
    numbers[start + LIST.rules] = rules;
    numbers[start + LIST.tags] = tags;
    this.#noteMessages(start, messages, outline);
    return this.#packBytes(exchange, start, this.#slot, level, loss);
  }

  #noteMessages(start: number, listed: number, outline: MessageOutline | null): void {
    const input = outline === null ? -1 : outline.input;
    this.#numbers[start + LIST.messages] = listed;
    this.#numbers[start + LIST.allMessages] = outline === null ? 0 : outline.count;
    this.#numbers[start + LIST.inputMessage] = input < listed ? input : -1;
  }

  #packRequest(exchange: Exchange, level: ContentLevel): void {
    const { options, error, virtualKey } = exchange;
    this.#inline(exchange.id, RECORD_LIMITS.name);
    this.#number(exchange.acceptedAt);
    this.#number(exchange.endedAt);
    this.#number(exchange.dispatchedAt);
    this.#number(exchange.firstTokenAt);
    this.#own(requestType(exchange.endpoint.operation, exchange.stream));
    this.#guest(exchange.model);
    this.#own(virtualKey === null ? null : virtualKey.id);
    this.#own(virtualKey === null ? null : virtualKey.name);
    this.#number(exchange.snapshot.version);
    this.#inline(options.clientRequestId, RECORD_LIMITS.name);
    this.#guest(options.userAgent);
    this.#own(exchange.outcome);
    this.#number(exchange.status);
    this.#own(exchange.stopReason);
    this.#usage(exchange.usage);
    this.#number(exchange.chunks);
    this.#number(exchange.bytesOut);
    this.#number(this.#answeredBy(exchange));
    this.#guest(error === null ? null : (error.providerCode ?? error.code));
    this.#guest(error === null ? null : error.type);
    this.#number(error === null ? 0 : error.status);
    this.#inline(error === null ? null : keptWords(error.message, providerStatus(error), level), RECORD_LIMITS.message);
  }

  #answeredBy(exchange: Exchange): number {
    if (exchange.answeredBy === null) return -1;
    const index = exchange.attempts.indexOf(exchange.answeredBy);
    if (index < RECORD_LIMITS.attempts - 1) return index;
    return index === exchange.attempts.length - 1 ? RECORD_LIMITS.attempts - 1 : -1;
  }

  /** Whose request it was, and what it cost. */
  #packOwners({ virtualKey, snapshot, attempts }: Exchange): void {
    const entity = virtualKey === null ? null : virtualKey.entity;
    const team = entity?.teamId ? snapshot.governance.findTeam(entity.teamId) : undefined;
    const customerId = entity?.customerId ?? team?.customerId ?? null;
    this.#own(team === undefined ? (entity?.teamId ?? null) : team.id);
    this.#own(team === undefined ? null : team.name);
    this.#own(customerId);
    this.#own(customerId === null ? null : (snapshot.governance.findCustomer(customerId)?.name ?? null));
    this.#number(costOf(attempts) ?? -1);
  }

  #packDecision(decision: Decision | null): void {
    this.#number(decision === null ? 0 : decision.seed);
    this.#number(decision === null || decision.draw === null ? -1 : decision.draw);
    this.#own(decision === null ? null : decision.engine);
    this.#number(decision === null ? 0 : decision.snapshotVersion);
  }

  /** Level, overhead, who it is for, and the rule; the counts of the lists between them are written with the lists. */
  #packPeople(exchange: Exchange, level: ContentLevel): void {
    const rule = exchange.decision === null ? null : exchange.decision.rule;
    this.#number(CONTENT_LEVELS.indexOf(level));
    this.#number(overheadUs(exchange));
    this.#slot += 5;
    this.#inline(exchange.userId, RECORD_LIMITS.tagValue);
    this.#guest(exchange.app);
    this.#inline(exchange.sessionId, RECORD_LIMITS.tagValue);
    this.#own(rule === null ? null : rule.id);
    this.#own(rule === null ? null : rule.name);
  }

  #packRule(rule: Decision["rules"][number]): void {
    this.#own(rule.id);
    this.#own(rule.name);
    this.#number(rule.matched ? 1 : 0);
    this.#inline(rule.why, RECORD_LIMITS.name);
  }

  /** Values are as many as there are requests: they are no words. */
  #packTag(tag: readonly [name: string, value: string]): void {
    this.#guest(tag[0]);
    this.#inline(tag[1], RECORD_LIMITS.tagValue);
  }

  #packAttempt(attempt: Attempt, decision: Decision | null, level: ContentLevel): void {
    const { usage, rawUsage, cost } = attempt;
    this.#own(attempt.provider);
    this.#guest(attempt.model);
    this.#own(attempt.keyId);
    this.#own(attempt.keyName);
    this.#number(attempt.fallbackIndex);
    this.#number(attempt.startedAt);
    this.#number(attempt.connectedAt);
    this.#number(attempt.headAt);
    this.#number(attempt.firstTokenAt);
    this.#number(attempt.endedAt);
    this.#number(attempt.status);
    this.#own(attempt.outcome);
    this.#inline(keptWords(attempt.error, attempt.status, level), RECORD_LIMITS.message);
    this.#own(attempt.reason);
    this.#number(
      (attempt.possiblyBilled ? ATTEMPT_FLAG.possiblyBilled : 0) |
        (usage === null ? 0 : ATTEMPT_FLAG.hasUsage) |
        (rawUsage === null ? 0 : ATTEMPT_FLAG.hasRawUsage) |
        (cost === null ? 0 : ATTEMPT_FLAG.hasCost) |
        (cost !== null && cost.origin === "reported" ? ATTEMPT_FLAG.isReportedCost : 0) |
        (attempt.usageOrigin === "reported" ? ATTEMPT_FLAG.usageReported : 0) |
        (attempt.usageOrigin === "counted" ? ATTEMPT_FLAG.usageCounted : 0),
    );
    if (usage === null) this.#slot += 5;
    else this.#usage(usage);
    this.#guest(decision?.order[attempt.fallbackIndex]?.askedModel ?? null);
    if (rawUsage !== null) this.#packRawUsage(rawUsage);
    if (cost !== null) this.#packCost(cost);
  }

  /** Kinds name what was asked for (an image's size): they come from outside. */
  #packRawUsage(usage: RawUsage): void {
    this.#guest(usage.tier);
    this.#guest(usage.region);
    this.#number(usage.reportedNano ?? -1);
    const sizes = this.#slot;
    this.#slot += 2;
    let counts = 0;
    for (const kind in usage.counts) {
      if (counts === MOST_KINDS) break;
      this.#guest(kind);
      this.#number(usage.counts[kind as keyof typeof usage.counts] as number);
      counts++;
    }
    const refused = kept(usage.refused.length, MOST_REFUSED);
    for (let i = 0; i < refused; i++) this.#guest(usage.refused[i] as string);
    this.#numbers[sizes] = counts;
    this.#numbers[sizes + 1] = refused;
  }

  #packCost(cost: Cost): void {
    const { computed, unpriced } = cost;
    const parts = kept(computed.parts.length, MOST_KINDS);
    const missing = kept(unpriced.length, MOST_KINDS);
    this.#number(cost.nano);
    this.#number(computed.nano);
    this.#number(cost.reportedNano ?? -1);
    this.#own(computed.priceVersion);
    this.#own(computed.source);
    this.#number(parts);
    this.#number(missing);
    for (let i = 0; i < parts; i++) {
      const part = computed.parts[i] as PricedPart;
      this.#guest(part.kind);
      this.#number(part.count);
      this.#own(part.rate);
      this.#number(part.unitPico);
    }
    for (let i = 0; i < missing; i++) this.#guest(unpriced[i] as string);
  }

  #packCandidate(decision: Decision, index: number): void {
    const candidate = decision.candidates[index] as Decision["candidates"][number];
    this.#own(candidate.provider);
    this.#guest(candidate.model);
    this.#number(candidate.weight === null ? -1 : candidate.weight);
    this.#number(candidate.share);
    this.#number(candidate.health);
    this.#own(candidate.removed ?? null);
  }

  #packTarget(decision: Decision, index: number): void {
    const target = decision.order[index] as Decision["order"][number];
    this.#own(target.provider.name);
    this.#guest(target.model);
    this.#own(target.key.name);
    this.#own(target.reason);
  }

  /** Text, input and output behind the slots; last of all, for only now the length of the text is known. */
  #packBytes(exchange: Exchange, start: number, slotsEnd: number, level: ContentLevel, loss: ContentLoss): boolean {
    const numbers = this.#numbers;
    const bytes = this.#bytes;
    const isHidden = level === "off";
    const isKept = !isHidden && loss !== "all";
    const body = exchange.request.body.bytes;
    const { inputFrom, answer } = exchange;
    const inputEnd = Math.min(exchange.inputTo, body.length);
    const hasInput = isKept && inputFrom >= 0 && inputEnd > inputFrom;
    const inputBytes = hasInput ? Math.min(inputEnd - inputFrom, RECORD_LIMITS.input) : 0;
    const outputLimit = exchange.answerIsStream ? RECORD_LIMITS.streamOutput : RECORD_LIMITS.plainOutput;
    const hasOutput = isKept && answer !== null;
    const outputBytes = hasOutput ? Math.min(answer.length, outputLimit) : 0;

    let at = slotsEnd << 3;
    // A UTF-16 unit is at most three bytes.
    if (at + this.#text.length * 3 + inputBytes + outputBytes + 8 > bytes.length) return false;
    const textBytes = this.#text.length === 0 ? 0 : bytes.write(this.#text, at, "utf8");
    at += textBytes;
    if (hasInput) at += body.copy(bytes, at, inputFrom, inputFrom + inputBytes);
    if (hasOutput) at += answer.copy(bytes, at, 0, outputBytes);
    this.#end = (at + 7) & ~7;
    this.#count++;

    numbers[start + SIZE.slots] = (this.#end >> 3) - start;
    numbers[start + SIZE.textBytes] = textBytes;
    numbers[start + SIZE.inputBytes] = inputBytes;
    numbers[start + SIZE.outputBytes] = outputBytes;
    numbers[start + SIZE.flags] =
      (exchange.stream ? FLAG.stream : 0) |
      (isHidden ? FLAG.contentHidden : 0) |
      (hasInput ? FLAG.hasInput : 0) |
      (hasInput && inputBytes < inputEnd - inputFrom ? FLAG.inputCut : 0) |
      (hasOutput ? FLAG.hasOutput : 0) |
      (hasOutput && (exchange.answerCut || outputBytes < answer.length) ? FLAG.outputCut : 0) |
      (exchange.answerIsStream ? FLAG.outputIsStream : 0) |
      (exchange.answerDialect === "anthropic" ? FLAG.outputIsAnthropic : 0) |
      (exchange.error === null ? 0 : FLAG.hasError) |
      (exchange.decision === null ? 0 : FLAG.hasDecision) |
      (hasUnpriced(exchange.attempts) ? FLAG.isUnpriced : 0) |
      (isHidden || loss === "none" ? 0 : FLAG.contentDropped);
    return true;
  }

  #number(value: number): void {
    this.#numbers[this.#slot++] = value;
  }

  #usage(usage: Usage): void {
    this.#number(usage.inputTokens ?? -1);
    this.#number(usage.outputTokens ?? -1);
    this.#number(usage.cachedTokens ?? -1);
    this.#number(usage.cacheWriteTokens ?? -1);
    this.#number(usage.reasoningTokens ?? -1);
  }

  #own(value: string | null): void {
    const word = value === null ? -1 : this.#words.own(value);
    if (value === null || word >= 0) this.#numbers[this.#slot++] = word;
    else this.#inline(value, RECORD_LIMITS.name);
  }

  #guest(value: string | null): void {
    const word = value === null ? -1 : this.#words.guest(value);
    if (value === null || word >= 0) this.#numbers[this.#slot++] = word;
    else this.#inline(value, RECORD_LIMITS.name);
  }

  #inline(value: string | null, limit: number): void {
    if (value === null) {
      this.#numbers[this.#slot++] = -1;
      return;
    }
    const room = Math.min(limit, RECORD_LIMITS.text - this.#text.length);
    const text = value.length <= room ? value : value.slice(0, room);
    this.#text += text;
    this.#numbers[this.#slot++] = -2 - text.length;
  }
}

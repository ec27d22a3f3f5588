// What an ended attempt is charged: its provider's report at our prices, the documented count where there is no usable one, else nothing.
import type { PlannedTarget } from "../core/decision.ts";
import type { Attempt, Exchange } from "../core/exchange.ts";
import { requestType } from "../core/operations.ts";
import type { Cost, ModelPrice, PriceBook, PricedUsage, PriceTarget } from "../core/price.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import type { RawUsage } from "../core/usage.ts";
import { type Side, sideOf, tokensOf, withCounted } from "./count-usage.ts";
import { chargeUsage, priceUsage } from "./prices/price-usage.ts";
import { rawUsageOf } from "./prices/raw-usage.ts";

/** What reservations and estimates learn of an ended attempt. */
export interface Charged {
  /** Nano-dollars; of the priced parts. */
  readonly cost: number;
  /** Input, with cached and written, and output. */
  readonly tokens: number;
  /** Its usage was not reported, and it may have cost more than it is charged. */
  readonly isUnknown: boolean;
  /** Nano-dollars of the input side by our prices; null = not reported, or without a price. */
  readonly inputCost: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** Requests with so many inputs at most: each may fill the window. */
const MOST_INPUTS = 2048;
const PICO_IN_NANO = 1000;

/** By what the price of a target is looked up, for estimates and for what it is charged. */
export function priceTargetOf(exchange: Exchange, target: PlannedTarget, key: ProviderKey, model: string): PriceTarget {
  return {
    provider: target.provider.name,
    base: target.provider.adapter.name,
    model,
    askedModel: target.askedModel,
    providerKeyId: key.id,
    providerKeyName: key.name,
    virtualKeyId: exchange.virtualKey?.id ?? null,
    requestType: requestType(exchange.endpoint.operation, exchange.stream),
  };
}

/** Charges an attempt that has ended: once, before the next one begins and before the exchange is settled. */
export function chargeAttempt(
  exchange: Exchange,
  attempt: Attempt,
  target: PlannedTarget,
  key: ProviderKey,
  prices: PriceBook,
): Charged {
  const price = prices.priceOf(priceTargetOf(exchange, target, key, attempt.model));
  const usage = usageOf(exchange, attempt, windowOf(target, price));
  attempt.rawUsage = usage;
  if (usage === null) return charged(attempt, null);
  const computed = priceUsage(usage, price, exchange.acceptedAt);
  attempt.cost = chargeUsage(usage, computed, target.provider.adapter.name);
  return charged(attempt, usage);
}

function charged(attempt: Attempt, usage: RawUsage | null): Charged {
  const isUnknown = attempt.usageOrigin === "counted" || (usage === null && attempt.possiblyBilled);
  const cost = attempt.cost?.nano ?? 0;
  if (usage === null) return { cost, tokens: 0, isUnknown, inputCost: null, inputTokens: null, outputTokens: null };
  const [input, output] = [tokensOf(usage, "input"), tokensOf(usage, "output")];
  const isReported = attempt.usageOrigin === "reported";
  return {
    cost,
    tokens: input + output,
    isUnknown,
    inputCost: isReported ? inputCostOf((attempt.cost as Cost).computed) : null,
    inputTokens: isReported ? input : null,
    outputTokens: isReported ? output : null,
  };
}

/** Null where a part of the input has no price. */
function inputCostOf({ parts, unpriced }: PricedUsage): number | null {
  if (unpriced.some((key) => sideOf(key) === "input")) return null;
  let pico = 0;
  for (const { kind, count, unitPico } of parts) if (sideOf(kind) === "input") pico += count * unitPico;
  return Math.round(pico / PICO_IN_NANO);
}

/** Tokens that fit into the model at all; 0 = not known. */
function windowOf({ contextWindow }: PlannedTarget, price: ModelPrice | null): number {
  return Math.max(contextWindow ?? 0, price?.maxInputTokens ?? 0);
}

/** What the attempt used, and where that is from; null: nothing that anybody knows of. */
function usageOf(exchange: Exchange, attempt: Attempt, window: number): RawUsage | null {
  const reported = attempt.rawUsage ?? (attempt.usage === null ? null : rawUsageOf(attempt.usage));
  const isAnswer = exchange.answeredBy === attempt;
  const missing = isAnswer ? missingSides(exchange, attempt) : [];
  const absurd = reported === null ? [] : absurdSides(exchange, reported, window);
  if (!isAnswer && absurd.length > 0) return null;
  const sides = [...new Set([...missing, ...absurd])];
  if (sides.length > 0) {
    attempt.usageOrigin = "counted";
    return withCounted(
      exchange,
      reported,
      sides,
      absurd.map((side) => `${side}_tokens`),
    );
  }
  const isKnown =
    reported !== null && (isAnswer || Object.keys(reported.counts).length > 0 || reported.reportedNano !== null);
  attempt.usageOrigin = isKnown ? "reported" : "none";
  return isKnown ? reported : null;
}

/** The sides of an answer on which its provider told no count that is one. */
function missingSides(exchange: Exchange, { usage }: Attempt): Side[] {
  const sides: Side[] = [];
  if ((usage?.inputTokens ?? null) === null) sides.push("input");
  if ((usage?.outputTokens ?? null) === null && exchange.endpoint.operation !== "embeddings") sides.push("output");
  return sides;
}

/** Counts that no model of this window can reach. Tools of the provider ask the model again and again, so they prove nothing. */
function absurdSides({ endpoint, n }: Exchange, usage: RawUsage, window: number): Side[] {
  const isRepeated = Object.keys(usage.counts).some((key) => key !== "request" && sideOf(key as "input") === null);
  if (window === 0 || isRepeated) return [];
  const inputs = endpoint.operation === "chat" ? 1 : MOST_INPUTS;
  const sides: Side[] = [];
  if (tokensOf(usage, "input") > window * inputs) sides.push("input");
  if (tokensOf(usage, "output") > window * inputs * Math.max(1, n)) sides.push("output");
  return sides;
}

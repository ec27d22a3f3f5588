// What an ended attempt is charged: its provider's report at our prices, the documented count where there is no usable one, else nothing.
import type { PlannedTarget } from "../core/decision.ts";
import type { Attempt, Exchange } from "../core/exchange.ts";
import { requestType } from "../core/operations.ts";
import type { ModelPrice, PriceBook, PricedUsage, PriceTarget } from "../core/price.ts";
import type { ProviderKey } from "../core/snapshot.ts";
import type { RawUsage, UsageKey } from "../core/usage.ts";
import { type Side, sideOf, tally, withCounted } from "./count-usage.ts";
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
const NONE: readonly Side[] = [];
const NOTHING_USED: Charged = Object.freeze({
  cost: 0,
  tokens: 0,
  isUnknown: false,
  inputCost: null,
  inputTokens: null,
  outputTokens: null,
});
const NOTHING_KNOWN: Charged = Object.freeze({ ...NOTHING_USED, isUnknown: true });

/** By what the price of a target is looked up, for estimates and for what it is charged. */
export function priceTargetOf(exchange: Exchange, target: PlannedTarget, key: ProviderKey, model: string): PriceTarget {
  return {
    provider: target.provider.name,
    base: target.provider.adapter.name,
    model,
    askedModel: target.askedModel,
    modelName: key.entity.modelNames?.[target.askedModel] ?? null,
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
  if (usage === null) return attempt.possiblyBilled ? NOTHING_KNOWN : NOTHING_USED;
  const computed = priceUsage(usage, price, exchange.acceptedAt);
  const cost = chargeUsage(usage, computed, target.provider.adapter.name);
  attempt.cost = cost;
  const { input, output } = tally(usage);
  const isReported = attempt.usageOrigin === "reported";
  return {
    cost: cost.nano,
    tokens: input + output,
    isUnknown: !isReported,
    inputCost: isReported ? inputCostOf(computed) : null,
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
  const absurd = reported === null || window === 0 ? NONE : absurdSides(exchange, reported, window);
  attempt.usageOrigin = "none";
  if (!isAnswer) {
    const isTold = reported !== null && absurd.length === 0 && tellsAnything(reported);
    if (isTold) attempt.usageOrigin = "reported";
    return isTold ? reported : null;
  }
  const missing = missingSides(exchange, attempt);
  if (missing.length === 0 && absurd.length === 0) {
    attempt.usageOrigin = "reported";
    return reported;
  }
  attempt.usageOrigin = "counted";
  const refused = absurd.map((side) => `${side}_tokens`);
  return withCounted(exchange, reported, [...new Set([...missing, ...absurd])], refused);
}

function tellsAnything({ counts, reportedNano }: RawUsage): boolean {
  for (const key in counts) if ((counts[key as UsageKey] ?? 0) > 0) return true;
  return reportedNano !== null;
}

/** The sides of an answer on which its provider told no count that is one. */
function missingSides({ endpoint }: Exchange, { usage }: Attempt): readonly Side[] {
  const hasInput = usage !== null && usage.inputTokens !== null;
  const hasOutput = (usage !== null && usage.outputTokens !== null) || endpoint.operation === "embeddings";
  if (hasInput && hasOutput) return NONE;
  if (hasInput) return ["output"];
  return hasOutput ? ["input"] : ["input", "output"];
}

/** Counts that no model of this window can reach. Tools of the provider ask the model again and again, so they prove nothing. */
function absurdSides({ endpoint, n }: Exchange, usage: RawUsage, window: number): readonly Side[] {
  const { input, output, others } = tally(usage);
  const most = endpoint.operation === "chat" ? window : window * MOST_INPUTS;
  const mostOutput = most * Math.max(1, n);
  if (others > 0 || (input <= most && output <= mostOutput)) return NONE;
  if (output <= mostOutput) return ["input"];
  return input <= most ? ["output"] : ["input", "output"];
}

// The cost of a usage: a pure function of what was used, the model's prices and the moment of the request.
import type { Cost, ModelPrice, PricedPart, PricedUsage, PricePeriod, Rates } from "../../core/price.ts";
import { INPUT_KINDS, type RawUsage, type UsageKey } from "../../core/usage.ts";
import { amountOf, upliftedPico } from "./exact-amount.ts";
import { kindOf } from "./rate-key.ts";
import { type KindRates, planOf } from "./rate-plan.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

function isInWindow(period: PricePeriod, at: number): boolean {
  if (period.windows === null) return true;
  const minute = Math.floor((((at % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS);
  // 1 January 1970 was a Thursday
  const day = ((((Math.floor(at / DAY_MS) + 3) % 7) + 7) % 7) + 1;
  return period.windows.some(
    ({ from, to, days }) =>
      (days === undefined || days.includes(day)) &&
      (from < to ? minute >= from && minute < to : minute >= from || minute < to),
  );
}

/** The rates that hold at a moment (Unix ms); null: none do. */
export function ratesAt(price: ModelPrice, at: number): Rates | null {
  const holds = (period: PricePeriod): boolean =>
    (period.from === null || at >= period.from) && (period.to === null || at < period.to) && isInWindow(period, at);
  // most prices hold always
  const only = price.periods.length === 1 ? (price.periods[0] as PricePeriod) : undefined;
  if (only !== undefined) return holds(only) ? only.rates : null;
  return price.periods.findLast(holds)?.rates ?? null;
}

function isUsed(count: number | undefined): count is number {
  return typeof count === "number" && count > 0 && count < Number.POSITIVE_INFINITY;
}

function usedKeys({ counts }: RawUsage): UsageKey[] {
  const keys = Object.keys(counts) as UsageKey[];
  return keys.every((key) => isUsed(counts[key])) ? keys : keys.filter((key) => isUsed(counts[key]));
}

/** All input tokens, cached and written ones included: what decides on long-context rates. */
export function contextOf({ counts }: RawUsage): number {
  let sum = 0;
  for (const kind of INPUT_KINDS) {
    const count = counts[kind];
    if (isUsed(count)) sum += count;
  }
  return sum;
}

/** Gathers the parts of one cost. */
class Parts {
  readonly parts: PricedPart[] = [];
  readonly unpriced: UsageKey[] = [];
  readonly #rates: KindRates;
  /** Millionths. */
  readonly #uplift: number | undefined;

  constructor(rates: KindRates, uplift: number | undefined) {
    this.#rates = rates;
    this.#uplift = uplift;
  }

  add(kind: UsageKey, count: number): void {
    const found = this.#rates.find(kind);
    if (found === null) {
      this.unpriced.push(kind);
      return;
    }
    const isRaised = this.#uplift !== undefined && found.isToken;
    const unitPico = isRaised ? upliftedPico(found.pico, this.#uplift as number) : found.pico;
    this.parts.push({ kind, count, rate: found.rate, unitPico });
  }
}

/** Prices a usage. `price`: null = the model is unknown, and all of it is unpriced. `at`: when the request was accepted, Unix ms. */
export function priceUsage(usage: RawUsage, price: ModelPrice | null, at: number): PricedUsage {
  const rates = price === null ? null : ratesAt(price, at);
  const used = usedKeys(usage);
  if (price === null || rates === null)
    return { nano: 0, parts: [], unpriced: used, priceVersion: price?.version ?? null, source: price?.source ?? null };
  const plan = planOf(rates);
  const uplift = usage.region === null ? undefined : price.uplift?.[usage.region];
  const gathered = new Parts(plan.servedAs(usage.tier, contextOf(usage)), uplift);
  // what the price itself replaces or adds
  const isFlat = plan.isFlatSearch && used.some((key) => kindOf(key) === "web_search");
  for (const key of used) if (!isFlat || kindOf(key) !== "web_search") gathered.add(key, usage.counts[key] as number);
  if (isFlat) gathered.add("web_search", 1);
  if (plan.isPerRequest && !used.some((key) => kindOf(key) === "request")) gathered.add("request", 1);
  const { parts, unpriced } = gathered;
  return { nano: amountOf(parts), parts, unpriced, priceVersion: price.version, source: price.source };
}

/** Providers whose own figure wins: their price depends on what only they know. By adapter name. */
const REPORTS_COST: ReadonlySet<string> = new Set(["openrouter", "perplexity"]);

/** What an attempt is charged: the provider's own figure where it wins, else the computed one; both are kept. */
export function chargeUsage(usage: RawUsage, computed: PricedUsage, base: string): Cost {
  const { reportedNano } = usage;
  if (reportedNano !== null && REPORTS_COST.has(base))
    return { nano: reportedNano, origin: "reported", unpriced: [], reportedNano, computed };
  return { nano: computed.nano, origin: "computed", unpriced: computed.unpriced, reportedNano, computed };
}

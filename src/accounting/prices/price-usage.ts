// The cost of a usage: a pure function of what was used, the model's prices and the moment of the request.
import type { Cost, ModelPrice, PricedPart, PricedUsage, PricePeriod, Rates } from "../../core/price.ts";
import type { RawUsage, UsageKey } from "../../core/usage.ts";
import { dividedHalfUp } from "./decimal.ts";
import { GROUNDED_PROMPT, isTokenKind, kindOf } from "./rate-key.ts";
import { resolveRate, type ServedAs } from "./resolve-rate.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Counts are taken in millionths: seconds have decimals. */
const MILLIONTHS = 1_000_000;
/** 10^-18 dollars, the unit of pico-dollars times millionths, in a nano-dollar. */
const ATTO_IN_NANO = 1_000_000_000n;
const INPUT_SIDE: ReadonlySet<string> = new Set([
  "input",
  "cached_input",
  "cache_write_5m",
  "cache_write_1h",
  "input_audio",
  "cached_audio",
  "input_image",
  "cached_image",
  "input_video",
]);

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
  return price.periods.findLast(holds)?.rates ?? null;
}

function usedKeys(usage: RawUsage): (readonly [UsageKey, number])[] {
  return Object.entries(usage.counts).filter((entry): entry is [UsageKey, number] => {
    const count = entry[1];
    return typeof count === "number" && Number.isFinite(count) && count > 0;
  });
}

/** All input tokens, cached and written ones included: what decides on long-context rates. */
export function contextOf(usage: RawUsage): number {
  return usedKeys(usage).reduce((sum, [key, count]) => (INPUT_SIDE.has(kindOf(key)) ? sum + count : sum), 0);
}

function unitPrice(rates: Rates, rate: string, kind: string, millionths: number | undefined): number {
  const unit = rates[rate] as number;
  if (millionths === undefined || !isTokenKind(kind)) return unit;
  return Number(dividedHalfUp(BigInt(unit) * BigInt(millionths), 1_000_000n));
}

/** What was used, with what the price itself adds or replaces. */
function charged(usage: RawUsage, rates: Rates): (readonly [UsageKey, number])[] {
  const used = usedKeys(usage);
  const isFlat = rates[GROUNDED_PROMPT] !== undefined;
  const hasSearch = used.some(([key]) => kindOf(key) === "web_search");
  const counted = isFlat && hasSearch ? used.filter(([key]) => kindOf(key) !== "web_search") : used;
  const searched: [UsageKey, number][] = isFlat && hasSearch ? [["web_search", 1]] : [];
  const isPerRequest = rates["request"] !== undefined && !used.some(([key]) => kindOf(key) === "request");
  return [...counted, ...searched, ...(isPerRequest ? [["request", 1] as [UsageKey, number]] : [])];
}

function rateOf(rates: Rates, key: UsageKey, served: ServedAs): string | null {
  if (kindOf(key) === "web_search" && rates[GROUNDED_PROMPT] !== undefined) return GROUNDED_PROMPT;
  return resolveRate(rates, key, served);
}

function amountOf(parts: readonly PricedPart[]): number {
  const atto = parts.reduce(
    (sum, { count, unitPico }) => sum + BigInt(unitPico) * BigInt(Math.round(count * MILLIONTHS)),
    0n,
  );
  const nano = dividedHalfUp(atto, ATTO_IN_NANO);
  // nine million dollars for one answer: a nonsense price, which must not become a nonsense number
  return nano > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nano);
}

/** Prices a usage. `price`: null = the model is unknown, and all of it is unpriced. `at`: when the request was accepted, Unix ms. */
export function priceUsage(usage: RawUsage, price: ModelPrice | null, at: number): PricedUsage {
  const rates = price === null ? null : ratesAt(price, at);
  if (price === null || rates === null) {
    const unpriced = usedKeys(usage).map(([key]) => key);
    return { nano: 0, parts: [], unpriced, priceVersion: price?.version ?? null, source: price?.source ?? null };
  }
  const served: ServedAs = { tier: usage.tier, context: contextOf(usage) };
  const uplift = usage.region === null ? undefined : price.uplift?.[usage.region];
  const parts: PricedPart[] = [];
  const unpriced: UsageKey[] = [];
  for (const [kind, count] of charged(usage, rates)) {
    const rate = rateOf(rates, kind, served);
    if (rate === null) unpriced.push(kind);
    else parts.push({ kind, count, rate, unitPico: unitPrice(rates, rate, kindOf(kind), uplift) });
  }
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

// Prices and what comes of them: rates in pico-dollars, costs in nano-dollars, and overrides as they are configured.
import type { UsageKey } from "./usage.ts";

/** Pico-dollars in a dollar: the unit of every rate. */
export const PICO = 1_000_000_000_000;

/**
 * A usage key, then the tier and the long-context step where the rate is for these alone:
 * `input`, `input@batch`, `input>200000`, `input@priority>200000`, `image_out/hd/1024x1024`. `grounded_prompt` is the price of
 * a request that searched at all, in place of one for each `web_search`.
 */
export type RateKey = string;

/** Pico-dollars for one token, piece, second or character. A rate that is absent is unknown, never 0. */
export type Rates = Readonly<Record<RateKey, number>>;

/** A part of each day, UTC. */
export interface DailyWindow {
  /** Minutes since midnight; `to` is not part of it. */
  readonly from: number;
  readonly to: number;
  /** 1 = Monday … 7 = Sunday; absent = every day. */
  readonly days?: readonly number[];
}

/** Rates and when they hold; of several that fit a moment the last one counts. */
export interface PricePeriod {
  /** Unix ms; null = open. `to` is not part of it. */
  readonly from: number | null;
  readonly to: number | null;
  /** null = all day. */
  readonly windows: readonly DailyWindow[] | null;
  readonly rates: Rates;
}

/** What is known of one model's price at one provider. */
export interface ModelPrice {
  readonly periods: readonly PricePeriod[];
  /** Region → what its rates for tokens are multiplied by, in millionths: `us` → 1,100,000. */
  readonly uplift: Readonly<Record<string, number>> | null;
  readonly maxInputTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** Whose figures these are, for people: `price sheet`, `@pydantic/genai-prices`, `override our contract`. */
  readonly source: string;
  /** Names the figures: the same version always prices the same way. */
  readonly version: string;
}

export interface PricedPart {
  readonly kind: UsageKey;
  readonly count: number;
  /** The rate that was taken; it names another kind where that one's price includes this kind. */
  readonly rate: RateKey;
  /** Pico-dollars, region included. */
  readonly unitPico: number;
}

/** What a usage costs by our prices. */
export interface PricedUsage {
  /** Nano-dollars of the priced parts; half up. */
  readonly nano: number;
  readonly parts: readonly PricedPart[];
  /** What was used and has no price. Its cost is not in `nano`. */
  readonly unpriced: readonly UsageKey[];
  /** null = the model is unknown. */
  readonly priceVersion: string | null;
  readonly source: string | null;
}

/** What an attempt is charged. */
export interface Cost {
  readonly nano: number;
  /** `reported`: the provider's own figure, which wins for some providers. */
  readonly origin: "computed" | "reported";
  /** Unpriced kinds of the amount that is charged: none where the provider's figure wins. */
  readonly unpriced: readonly UsageKey[];
  readonly reportedNano: number | null;
  readonly computed: PricedUsage;
}

export const OVERRIDE_SCOPES = [
  "virtual_key_provider_key",
  "virtual_key_provider",
  "virtual_key",
  "provider_key",
  "provider",
  "global",
] as const;

/** From the most specific to the least. */
export type OverrideScope = (typeof OVERRIDE_SCOPES)[number];

/** A configured price in place of the sheet's. */
export interface PriceOverride {
  readonly id: string;
  readonly name: string;
  readonly scope: OverrideScope;
  readonly virtualKeyId: string | null;
  /** Name of the provider. */
  readonly providerId: string | null;
  /** Id or name of the provider key. */
  readonly providerKeyId: string | null;
  readonly match: "exact" | "wildcard";
  /** Model as the provider spells it; a wildcard ends in `*`. */
  readonly pattern: string;
  readonly requestTypes: readonly string[];
  /** Members of a price sheet's entry, in dollars. */
  readonly patch: Readonly<Record<string, unknown>>;
}

/** What a price is looked up by. */
export interface PriceTarget {
  /** As configured: a custom provider has a name of its own. */
  readonly provider: string;
  /** The adapter. */
  readonly base: string;
  /** As the provider spells it. */
  readonly model: string;
  /** As the caller asked, without provider. */
  readonly askedModel: string;
  /** What the key's alias says of the model behind it; it goes before the others. */
  readonly modelName?: string | null;
  readonly providerKeyId: string;
  readonly providerKeyName: string;
  readonly virtualKeyId: string | null;
  /** `chat_completion`, `embedding` …, with or without `_stream`. */
  readonly requestType: string;
}

/** The prices in force in this thread: overrides before the sheet before the bundled catalogue. A look-up is a map access in the usual case. */
export interface PriceBook {
  /** The same object while nothing about it changes; null = the model has no price. */
  priceOf(target: PriceTarget): ModelPrice | null;
}

/** Where the prices of now are. */
export interface PriceSource {
  /** Never changes: what was admitted before others came keeps its price. */
  readonly current: PriceBook;
}

/** A price sheet, and how its last reading went. */
export interface SheetStatus {
  /** Of the sheet in force; null = none is. */
  readonly version: string | null;
  readonly entries: number;
  /** Unix ms of the last good content; null = there was none. */
  readonly fetchedAt: number | null;
  /** Unix ms of the last answer that said it is still the same, or was taken. */
  readonly checkedAt: number | null;
  /** Why the last try failed; null = it did not. */
  readonly error: string | null;
  /** Unix ms from which on it is asked again. */
  readonly nextAt: number;
}

/** The sheet that is configured. */
export interface SheetFacts extends SheetStatus {
  /** Without credentials and query; null = none is configured. */
  readonly url: string | null;
  /** ms between two checks. */
  readonly interval: number;
}

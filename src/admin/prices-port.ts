// What the management API may ask of the prices in force; the control plane's composition root puts it together.
import type { PriceTarget, Rates, SheetFacts } from "../core/price.ts";

/** The prices that come with the gateway. */
export interface BundledFacts {
  /** The day of the figures, `2026-11-23`. */
  readonly date: string;
  readonly version: string;
  readonly sources: readonly string[];
}

export type SyncOutcome =
  | { readonly type: "taken"; readonly version: string }
  | { readonly type: "unchanged"; readonly version: string }
  | { readonly type: "failed"; readonly reason: string };

/** A model's price as it is at this moment. */
export interface PriceNow {
  readonly rates: Rates;
  readonly maxInputTokens: number | null;
  readonly maxOutputTokens: number | null;
  readonly source: string;
  readonly version: string;
}

/** A look-up with everything loaded: overrides before the sheet before the bundled prices. Null: the model has no price. */
export type PriceLookup = (target: PriceTarget) => PriceNow | null;

export interface PricesPort {
  sheet(): SheetFacts;
  bundled(): Promise<BundledFacts>;
  /** Reads the source now; resolves when what came is in force on the loop. Null: no sheet is configured. */
  sync(): Promise<SyncOutcome | null>;
  lookup(): Promise<PriceLookup>;
  /** What is wrong with the patch of an override, naming the member; null = nothing. */
  patchProblem(patch: Readonly<Record<string, unknown>>): string | null;
}

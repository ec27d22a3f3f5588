// Prices as people read and type them: USD for a million tokens, where sheets have USD for one.
import type { ModelShown } from "./types.ts";

const MILLION = 1_000_000;

/** USD for a million tokens; null = unknown. */
export interface Price {
  readonly input: number | null;
  readonly output: number | null;
}

export function priceOf(model: Pick<ModelShown, "pricing">): Price {
  return { input: perMillion(model.pricing?.["prompt"]), output: perMillion(model.pricing?.["completion"]) };
}

/** Rounded, so that floats of one token show no dust. */
function perMillion(text: string | undefined): number | null {
  const value = Number(text);
  return text === undefined || text === "" || !Number.isFinite(value)
    ? null
    : Number((value * MILLION).toPrecision(10));
}

/** The patch of an override: USD for one token; members that are left empty stay as they are. */
export function patchOf(input: string, output: string): Record<string, number | string> {
  return {
    ...(input.trim() === "" ? {} : { input_cost_per_token: rate(input) }),
    ...(output.trim() === "" ? {} : { output_cost_per_token: rate(output) }),
  };
}

/** As typed, out of an override that is there. */
export function typedRate(rate: number | undefined): string {
  return rate === undefined ? "" : String(Number((rate * MILLION).toPrecision(10)));
}

/** What is no number is sent as it is typed: the gateway says what is wrong. */
function rate(text: string): number | string {
  return Number.isFinite(Number(text)) ? Number((Number(text) / MILLION).toPrecision(12)) : text;
}

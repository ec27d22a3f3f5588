// What the lists of models tell of prices, in words.
import { money, NONE, short } from "../../lib/format.ts";

/** GET /api/models/details */
export interface CatalogueModel {
  readonly name: string;
  readonly provider: string;
  readonly context_length?: number;
  readonly max_output_tokens?: number;
  /** USD of one unit, as text. */
  readonly pricing?: Readonly<Record<string, string>>;
  readonly pricing_source?: string;
}

export interface CataloguePage {
  readonly models: readonly CatalogueModel[];
  readonly total: number;
}

const MILLION = 1e6;

/** `openai/gpt-4o` */
export function fullName({ provider, name }: CatalogueModel): string {
  return `${provider}/${name}`;
}

/** USD of a million tokens; null = unknown. */
export function perMillion({ pricing }: CatalogueModel, member: "prompt" | "completion"): number | null {
  const text = pricing?.[member];
  return text === undefined ? null : Number((Number(text) * MILLION).toPrecision(9));
}

/** `$2.50 in, $10.00 out`, of a million tokens. */
export function priceWords(model: CatalogueModel): string {
  const input = perMillion(model, "prompt");
  const output = perMillion(model, "completion");
  if (input === null && output === null) return money(null);
  if (input === 0 && (output === 0 || output === null)) return "free";
  return [input === null ? "" : `${money(input)} in`, output === null ? "" : `${money(output)} out`]
    .filter((word) => word !== "")
    .join(", ");
}

/** `128k` */
export function windowWords({ context_length: length }: CatalogueModel): string {
  return length === undefined ? NONE : short(length);
}

/** Where a price of a model is set. */
export function priceHref(provider: string, model: string): string {
  return `/providers?${new URLSearchParams({ tab: "models", provider, q: model })}`;
}

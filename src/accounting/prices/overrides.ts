// Configured prices: reads their patches and chooses the one that holds for a request, the most specific scope first.
import { createHash } from "node:crypto";
import { type ModelPrice, OVERRIDE_SCOPES, type PriceOverride, type Rates } from "../../core/price.ts";
import { PriceMemberError, rateOfMember, readRates } from "./sheet-fields.ts";

/** Members of a patch that are no single price. */
const ALSO_KNOWN: ReadonlySet<string> = new Set(["search_context_cost_per_query", "file_search_cost_per_1k_calls"]);

/** What a request was, as far as overrides ask. */
export interface PricedRequest {
  readonly virtualKeyId: string | null;
  readonly provider: string;
  readonly providerKeyId: string | null;
  readonly providerKeyName: string | null;
  /** Model as the provider spells it. */
  readonly model: string;
  /** With or without `_stream`. */
  readonly requestType: string;
}

/** An override that was read. */
export interface CompiledOverride extends PriceOverride {
  /** Takes the place of the rates of the same key. */
  readonly rates: Rates;
}

/** The rates of a patch. Throws PriceMemberError, for an unknown member too: a patch that does nothing would go unseen. */
export function readPatch(patch: Readonly<Record<string, unknown>>): Rates {
  for (const member of Object.keys(patch))
    if (rateOfMember(member) === null && !ALSO_KNOWN.has(member))
      throw new PriceMemberError(member, "is no price of a sheet");
  return readRates(patch);
}

/** What is wrong with a patch, naming the member; null = nothing. */
export function patchProblem(patch: Readonly<Record<string, unknown>>): string | null {
  try {
    readPatch(patch);
    return null;
  } catch (error) {
    if (error instanceof PriceMemberError) return `patch.${error.member} ${error.message}`;
    throw error;
  }
}

const withoutStream = (requestType: string): string => requestType.replace(/_stream$/, "");

function fitsScope(override: PriceOverride, request: PricedRequest): boolean {
  const isKey = (): boolean => override.virtualKeyId !== null && override.virtualKeyId === request.virtualKeyId;
  const isProvider = (): boolean => override.providerId !== null && override.providerId === request.provider;
  // a provider key is one provider's; where that is named too it must be this one
  const isProviderKey = (): boolean =>
    override.providerKeyId !== null &&
    [request.providerKeyId, request.providerKeyName].includes(override.providerKeyId) &&
    (override.providerId === null || isProvider());
  switch (override.scope) {
    case "virtual_key_provider_key":
      return isKey() && isProviderKey();
    case "virtual_key_provider":
      return isKey() && isProvider();
    case "virtual_key":
      return isKey();
    case "provider_key":
      return isProviderKey();
    case "provider":
      return isProvider();
    case "global":
      return true;
  }
}

/** True when the override's pattern is this model, as the provider spells it. */
export function fitsModel({ match, pattern }: PriceOverride, model: string): boolean {
  if (match === "exact") return pattern === model;
  return pattern.endsWith("*") && model.startsWith(pattern.slice(0, -1));
}

function fitsType(override: PriceOverride, requestType: string): boolean {
  return override.requestTypes.includes(withoutStream(requestType));
}

/** The more specific of two comes first: scope, exact before wildcard, longer pattern, and then the id, so that it is always the same. */
function compare(a: CompiledOverride, b: CompiledOverride): number {
  return (
    OVERRIDE_SCOPES.indexOf(a.scope) - OVERRIDE_SCOPES.indexOf(b.scope) ||
    Number(a.match === "wildcard") - Number(b.match === "wildcard") ||
    b.pattern.length - a.pattern.length ||
    (a.id < b.id ? -1 : 1)
  );
}

/** The overrides in the order in which they are asked; made once per configuration. Throws PriceMemberError. */
export function compileOverrides(overrides: readonly PriceOverride[]): readonly CompiledOverride[] {
  return overrides
    .map((override) => ({
      ...override,
      requestTypes: override.requestTypes.map(withoutStream),
      rates: readPatch(override.patch),
    }))
    .toSorted(compare);
}

/** The override that holds for a request; null: none. `ordered`: from compileOverrides. */
export function chooseOverride(ordered: readonly CompiledOverride[], request: PricedRequest): CompiledOverride | null {
  return (
    ordered.find(
      (override) =>
        fitsModel(override, request.model) && fitsType(override, request.requestType) && fitsScope(override, request),
    ) ?? null
  );
}

/** Names a price that an override changed: the same figures have the same name. */
function versionOf(override: CompiledOverride, price: ModelPrice | null): string {
  const rates = Object.entries(override.rates).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify(rates)).digest("hex").slice(0, 12);
  return `${price === null ? "" : `${price.version} + `}override ${hash}`;
}

/** A price with an override's rates in place of its own; a model without a price has these alone. */
export function applyOverride(price: ModelPrice | null, override: CompiledOverride): ModelPrice {
  const periods = price?.periods ?? [{ from: null, to: null, windows: null, rates: {} }];
  return {
    periods: periods.map((period) => ({ ...period, rates: { ...period.rates, ...override.rates } })),
    uplift: price?.uplift ?? null,
    maxInputTokens: price?.maxInputTokens ?? null,
    maxOutputTokens: price?.maxOutputTokens ?? null,
    source: `override ${override.name === "" ? override.id : override.name}`,
    version: versionOf(override, price),
  };
}

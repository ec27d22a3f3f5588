// The members of a price sheet's entry, as Bifrost and LiteLLM spell them, and the rates that they stand for.
import type { Rates } from "../../core/price.ts";
import { remember } from "../../lib/remember.ts";
import { scaledDollars } from "./decimal.ts";
import { GROUNDED_PROMPT, rateKey } from "./rate-key.ts";

/** A member without its suffixes → what it is the price of. Of two names for one thing the first in the table wins. */
const BASES: Readonly<Record<string, string>> = {
  input_cost_per_token: "input",
  output_cost_per_token: "output",
  cache_read_input_token_cost: "cached_input",
  input_cost_per_token_cache_hit: "cached_input",
  cache_creation_input_token_cost: "cache_write_5m",
  cache_creation_input_token_cost_above_1hr: "cache_write_1h",
  input_cost_per_audio_token: "input_audio",
  cache_read_input_audio_token_cost: "cached_audio",
  cache_read_input_token_cost_per_audio_token: "cached_audio",
  input_cost_per_image_token: "input_image",
  cache_read_input_image_token_cost: "cached_image",
  input_cost_per_video_token: "input_video",
  output_cost_per_reasoning_token: "reasoning",
  output_cost_per_audio_token: "output_audio",
  output_cost_per_image_token: "output_image",
  output_cost_per_video_token: "output_video",
  citation_cost_per_token: "citation",
  input_cost_per_request: "request",
  input_cost_per_query: "search_unit",
  search_units_cost_per_query: "search_unit",
  code_interpreter_cost_per_session: "code_interpreter",
  google_maps_grounding_cost_per_query: "maps_search",
  input_cost_per_image: "image_in",
  output_cost_per_image: "image_out",
  input_cost_per_second: "second_in",
  input_cost_per_audio_per_second: "second_in",
  input_cost_per_video_per_second: "second_in/video",
  output_cost_per_second: "second_out",
  output_cost_per_video_per_second: "second_out",
  input_cost_per_character: "character_in",
  output_cost_per_character: "character_out",
  ocr_cost_per_page: "page",
  annotation_cost_per_page: "annotated_page",
};
/** Bases that take a variant after a further underscore: `output_cost_per_second_720p`, `output_cost_per_image_2K`. */
const VARIED: Readonly<Record<string, string>> = {
  output_cost_per_second: "second_out",
  output_cost_per_image: "image_out",
};
const SUFFIX = /^(.*?)(?:_above_(\d{1,5})k_tokens)?(?:_(batches|flex|priority|fast|ultrafast|balanced))?$/;
const VARIANT = /^(.+?)_(\d{3,4}p|[\d.]{1,3}k)$/i;
/** One thousandth of these is one piece. */
const PER_THOUSAND: Readonly<Record<string, string>> = { file_search_cost_per_1k_calls: "file_search" };
const SEARCH = "search_context_cost_per_query";
const STEPPED = "tiered_pricing";
const SEARCH_SIZES = ["low", "medium", "high"] as const;

type Entry = Readonly<Record<string, unknown>>;

/** No price of one token, picture or second is above this: dollars. */
export const HIGHEST_PRICE = 1000;

/** What a member is the price of; null: of nothing that we know. */
export const rateOfMember: (member: string) => string | null = remember(1000, readMember);

function readMember(member: string): string | null {
  const [, base = "", thousands, suffix] = SUFFIX.exec(member) ?? [];
  const tier = suffix === "batches" ? "batch" : (suffix ?? null);
  const above = thousands === undefined ? 0 : Number(thousands) * 1000;
  const what = Object.hasOwn(BASES, base) ? BASES[base] : undefined;
  if (what !== undefined) return rateKey(what, tier, above);
  const [, stem = "", variant = ""] = VARIANT.exec(base) ?? [];
  const varied = Object.hasOwn(VARIED, stem) ? VARIED[stem] : undefined;
  return varied === undefined ? null : rateKey(`${varied}/${variant.toLowerCase()}`, tier, above);
}

/** A member that is no price: which one, and what is wrong with it. */
export class PriceMemberError extends Error {
  readonly member: string;
  constructor(member: string, problem: string) {
    super(problem);
    this.member = member;
  }
}

function pico(member: string, value: unknown, divisor = 1): number {
  if (typeof value !== "number") throw new PriceMemberError(member, "is no number");
  if (Number.isNaN(value) || value < 0) throw new PriceMemberError(member, "is negative");
  if (!Number.isFinite(value) || value > HIGHEST_PRICE * divisor)
    throw new PriceMemberError(member, `is more than ${HIGHEST_PRICE * divisor} dollars`);
  const scaled = scaledDollars(value, divisor === 1 ? 12 : 9) as number;
  if (scaled === 0 && value > 0) throw new PriceMemberError(member, "is less than a trillionth of a dollar");
  return scaled;
}

function searchRates(value: unknown, entry: Entry, into: Record<string, number>): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PriceMemberError(SEARCH, "is no object");
  const sizes = value as Entry;
  // Gemini 2 charges for a prompt that searched, later ones for every query; only the later ones say so
  const isPerPrompt = isGoogle(entry) && entry["web_search_billing_unit"] !== "per_query";
  const rates = SEARCH_SIZES.flatMap((size) => {
    const price = sizes[`search_context_size_${size}`];
    return price === undefined || price === null
      ? []
      : [[size, pico(`${SEARCH}.search_context_size_${size}`, price)] as const];
  });
  const usual = rates.find(([size]) => size === "medium")?.[1] ?? rates[0]?.[1];
  if (usual === undefined) return;
  into[isPerPrompt ? GROUNDED_PROMPT : "web_search"] ??= usual;
  for (const [size, rate] of rates) if (!isPerPrompt && rate !== usual) into[`web_search/${size}`] ??= rate;
}

function isGoogle(entry: Entry): boolean {
  const provider = entry["provider"] ?? entry["litellm_provider"];
  // other vendors' models on Vertex keep their own way
  return typeof provider === "string" && /^(gemini|vertex|vertex_ai|vertex_ai-language-models)$/.test(provider);
}

/** Pictures that are made are charged by the picture, and some sheets call that the input's price. */
function readsImages(entry: Entry): boolean {
  return entry["mode"] === "image_generation" || entry["mode"] === "image_edit";
}

/** Prices by ranges of the input's length: `[{range: [0, 32000], input_cost_per_token, …}]`. */
function steppedRates(value: unknown, into: Record<string, number>): void {
  if (!Array.isArray(value)) throw new PriceMemberError(STEPPED, "is no list");
  for (const step of value as readonly unknown[]) {
    const range = typeof step === "object" && step !== null ? (step as Entry)["range"] : undefined;
    // some entries step by something else than tokens
    if (!Array.isArray(range)) continue;
    const from: unknown = range[0];
    if (typeof from !== "number" || !Number.isInteger(from) || from < 0)
      throw new PriceMemberError(STEPPED, "has a range that does not begin with a count");
    for (const [key, rate] of Object.entries(readRates(step as Entry)))
      into[`${key}${from === 0 ? "" : `>${from}`}`] ??= rate;
  }
}

/** The rates of an entry's members, in pico-dollars. Unknown members are ignored, null is absent. Throws PriceMemberError. */
export function readRates(entry: Entry): Rates {
  const rates: Record<string, number> = {};
  for (const member of [...Object.keys(BASES).filter((name) => Object.hasOwn(entry, name)), ...Object.keys(entry)]) {
    const value = entry[member];
    if (value === undefined || value === null) continue;
    const thousand = Object.hasOwn(PER_THOUSAND, member) ? PER_THOUSAND[member] : undefined;
    const key = rateOfMember(member);
    if (thousand !== undefined) rates[thousand] ??= pico(member, value, 1000);
    else if (member === SEARCH) searchRates(value, entry, rates);
    else if (member === STEPPED) steppedRates(value, rates);
    else if (key !== null) rates[key === "image_in" && readsImages(entry) ? "image_out" : key] ??= pico(member, value);
  }
  // the same as the output's is no rate of its own: the output has tiers and steps that it would stand before
  if (rates["reasoning"] !== undefined && rates["reasoning"] === rates["output"]) delete rates["reasoning"];
  return rates;
}

// Reads the kept part of LiteLLM's price sheet into drafts, entry by entry as the gateway reads such a sheet.
import { readFileSync } from "node:fs";
import { providerName } from "../../src/accounting/prices/provider-names.ts";
import { isTokenKind, readRateKey } from "../../src/accounting/prices/rate-key.ts";
import { readPeriods } from "../../src/accounting/prices/sheet-periods.ts";
import type { PricePeriod, Rates } from "../../src/core/price.ts";
import { type Draft, type Drafts, put } from "./draft.ts";
import { EXTRACT } from "./litellm-source.ts";

type Entry = Readonly<Record<string, unknown>>;

/** `hd/1024-x-1024/dall-e-3`: the price of one picture of this quality and size. */
const PICTURE = /^(?:([a-z]+)\/)?(\d+)-x-(\d+)\/(?:(?:\d+|max)-steps\/)?(?:bedrock\/)?(.+)$/;
/** Models that their provider gives away; elsewhere a sheet's 0 means that nobody entered a price. */
const FREE = /[-:]free$|^glm-4\.[57]-flash$/;
/** Pico-dollars: no token costs a thousandth of a dollar; such a price was entered for a thousand of them. */
const DEAREST_TOKEN = 1e9;
const CHATS: ReadonlySet<unknown> = new Set(["chat", "responses", "completion"]);
const UPLIFTS: Readonly<Record<string, string>> = {
  regional_processing_uplift_multiplier_eu: "eu",
  regional_processing_uplift_multiplier_us: "us",
  regional_endpoint_uplift_multiplier: "regional",
};

function withoutProvider(key: string, provider: string): string {
  const slash = key.indexOf("/");
  if (slash < 0) return key;
  const prefix = key.slice(0, slash);
  const isOwn = providerName(prefix) === providerName(provider) || prefix === provider;
  const rest = isOwn ? key.slice(slash + 1) : key;
  return rest.replace(/^(claude_platform|global)\//, "").replace(/^accounts\/fireworks\/(models|routers)\//, "");
}

/** Sonar models ask a fee for the request by the size of the search; deep research asks it for every search. */
function asRequestFee(rates: Rates): Rates {
  return Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key.replace(/^web_search/, "request"), rate]));
}

/** What the sheet says twice, or under another provider's name for it. */
function corrected(rates: Rates, entry: Entry, model: string): Rates {
  const kept = believed(rates, entry, model);
  if (entry["litellm_provider"] === "perplexity" && !model.includes("deep-research")) return asRequestFee(kept);
  if (entry["mode"] !== "audio_transcription") return kept;
  // a recording is charged once, though the sheet names its seconds on both sides
  const { second_out: _twice, ...once } = kept;
  return once;
}

/** A nought that stands for "not entered" is no price; nor is one that would give written or cached tokens away. */
function believed(rates: Rates, entry: Entry, model: string): Rates {
  const isChat = CHATS.has(entry["mode"]);
  const isDoubted = ([key, rate]: [string, number]): boolean =>
    (rate === 0 && !FREE.test(model) && (isChat || /^(cached|cache_write)/.test(key))) ||
    (rate > DEAREST_TOKEN && isTokenKind(readRateKey(key)?.what ?? ""));
  return Object.fromEntries(Object.entries(rates).filter((item) => !isDoubted(item)));
}

function upliftOf(entry: Entry): Record<string, number> | null {
  const own = entry["provider_specific_entry"] as Entry | undefined;
  const found = Object.entries(UPLIFTS).flatMap(([member, region]) => {
    const factor = entry[member];
    return typeof factor === "number" && factor > 1 ? [[region, Math.round(factor * 1e6)] as const] : [];
  });
  if (typeof own?.["us"] === "number") found.push(["us", Math.round(own["us"] * 1e6)]);
  return found.length === 0 ? null : Object.fromEntries(found);
}

const countOf = (value: unknown): number | null => (typeof value === "number" && value > 0 ? Math.floor(value) : null);

function draftOf(entry: Entry, model: string): Draft | null {
  const periods: PricePeriod[] = readPeriods(entry)
    .map((period) => ({ ...period, rates: corrected(period.rates, entry, model) }))
    .filter(({ rates }) => Object.keys(rates).length > 0);
  if (periods.length === 0) return null;
  const maxOutputTokens = CHATS.has(entry["mode"]) ? countOf(entry["max_output_tokens"]) : null;
  return { periods, uplift: upliftOf(entry), maxInputTokens: countOf(entry["max_input_tokens"]), maxOutputTokens };
}

/** The price of one picture, where it is told by the point: rounded to the hundred-thousandth of a dollar. */
function pictureRate(entry: Entry, width: number, height: number): number | null {
  const whole = [entry["output_cost_per_image"], entry["input_cost_per_image"]].find(
    (price) => typeof price === "number" && price > 0,
  );
  if (typeof whole === "number") return Math.round(whole * 1e12);
  const points = [entry["input_cost_per_pixel"], entry["output_cost_per_pixel"]].find(
    (price) => typeof price === "number" && price > 0,
  );
  return typeof points === "number" ? Math.round(points * width * height * 1e5) * 1e7 : null;
}

function addPicture(drafts: Drafts, provider: string, match: RegExpExecArray, entry: Entry): void {
  const [, quality, width = "", height = "", model = ""] = match;
  const rate = pictureRate(entry, Number(width), Number(height));
  if (rate === null) return;
  const key = `image_out/${quality === undefined ? "" : `${quality}/`}${width}x${height}`;
  const before = drafts.get(provider)?.get(model);
  const known = before?.periods[0]?.rates ?? {};
  const rates = { ...known, [key]: known[key] ?? rate };
  const draft = before ?? { uplift: null, maxInputTokens: null, maxOutputTokens: null };
  put(drafts, provider, model, { ...draft, periods: [{ from: null, to: null, windows: null, rates }] });
}

/** Everything of the kept sheet. An entry that names its provider in its key comes before one that does not. */
export function draftsOfLitellm(): Drafts {
  const sheet = JSON.parse(readFileSync(EXTRACT, "utf8")) as Record<string, Entry>;
  const drafts: Drafts = new Map();
  const pictures: (() => void)[] = [];
  const byPrefix = Object.keys(sheet).toSorted((a, b) => Number(a.includes("/")) - Number(b.includes("/")));
  for (const key of byPrefix) {
    const entry = sheet[key] as Entry;
    const told = entry["litellm_provider"] as string;
    const provider = providerName(told);
    const model = withoutProvider(key, told);
    const match = PICTURE.exec(model);
    const draft = draftOf(entry, model);
    if (match !== null) pictures.push(() => addPicture(drafts, provider, match, entry));
    else if (draft !== null) put(drafts, provider, model, draft);
  }
  for (const add of pictures) add();
  return drafts;
}

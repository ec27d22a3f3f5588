// Reads a price sheet in Bifrost's and LiteLLM's form: whole and right, or refused with the place of the fault.
import { createHash } from "node:crypto";
import type { ModelPrice } from "../../core/price.ts";
import { parseJson } from "../../lib/json-text/parse.ts";
import { ANY } from "./find-price.ts";
import { isProviderName, providerName } from "./provider-names.ts";
import { PriceMemberError } from "./sheet-fields.ts";
import { readPeriods } from "./sheet-periods.ts";

/** LiteLLM's sheet begins with an entry that explains the members. */
const EXPLAINED = "sample_spec";
const MOST_ENTRIES = 100_000;

export interface SheetEntry {
  readonly provider: string;
  readonly model: string;
  readonly price: ModelPrice;
}

/** A sheet that was read: plain data, which may cross to another thread. */
export interface PriceSheet {
  readonly version: string;
  readonly entries: readonly SheetEntry[];
}

/** A sheet that is not taken. The message names the line, or the entry and its member. */
export class PriceSheetError extends Error {}

type Entry = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a text that JSON.parse did not take breaks: its own message tells it for some breaks only. */
function placeOf(text: string): string {
  const bytes = Buffer.from(text);
  const { problems } = parseJson(bytes, { deepest: 100, mostValues: 10_000_000, longLists: new Set() });
  const [problem] = problems;
  // comments, and nothing else, are right for this reader and wrong for the other
  if (problem === undefined) return "it has comments or something else that JSON has not";
  const before = bytes.toString("utf8", 0, problem.offset).split("\n");
  const place = `line ${before.length}, column ${(before.at(-1) as string).length + 1}`;
  return `${problem.kind.replaceAll("-", " ")} at ${place}`;
}

function parse(text: string): Entry {
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch (error) {
    throw new PriceSheetError(`the price sheet is no JSON: ${placeOf(plain)}`, { cause: error });
  }
  if (!isObject(value))
    throw new PriceSheetError("the price sheet must be one JSON object: a model's name to its prices");
  return value;
}

function textOf(key: string, entry: Entry, member: string): string | null {
  const value = entry[member];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw new PriceSheetError(`the price sheet's entry "${key}": ${member} is no text`);
  return value;
}

function limitOf(key: string, entry: Entry, member: string): number | null {
  const value = entry[member];
  if (value === undefined || value === null) return null;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    throw new PriceSheetError(`the price sheet's entry "${key}": ${member} is no count`);
  return value === 0 ? null : Math.floor(value);
}

/** Provider and model that an entry is for: its members before its key. */
function nameOf(key: string, entry: Entry): { provider: string; model: string } {
  const told = textOf(key, entry, "provider") ?? textOf(key, entry, "litellm_provider");
  const slash = key.indexOf("/");
  if (told === null)
    return slash > 0
      ? { provider: providerName(key.slice(0, slash)), model: key.slice(slash + 1) }
      : { provider: ANY, model: key };
  const provider = providerName(told);
  // of `provider/model` the part before the slash goes where it names this provider; elsewhere it is part of the model's name
  const isPrefix = slash > 0 && [told.toLowerCase(), provider].includes(providerName(key.slice(0, slash)));
  return { provider, model: isPrefix ? key.slice(slash + 1) : key };
}

function entryOf(key: string, value: unknown, version: string): SheetEntry | null {
  if (!isObject(value)) throw new PriceSheetError(`the price sheet's entry "${key}" is no object`);
  try {
    const periods = readPeriods(value);
    if (periods.every(({ rates }) => Object.keys(rates).length === 0)) return null;
    const price: ModelPrice = {
      periods,
      uplift: null,
      maxInputTokens: limitOf(key, value, "max_input_tokens"),
      maxOutputTokens: limitOf(key, value, "max_output_tokens"),
      source: "price sheet",
      version,
    };
    return { ...nameOf(key, value), price };
  } catch (error) {
    if (error instanceof PriceMemberError)
      throw new PriceSheetError(`the price sheet's entry "${key}": ${error.member} ${error.message}`, { cause: error });
    throw error;
  }
}

/** An entry also prices its base model, where that has no entry of its own. */
function baseEntries(root: Entry, entries: ReadonlyMap<string, SheetEntry>): readonly SheetEntry[] {
  const taken = new Set([...entries.values()].map(({ provider, model }) => `${provider}\n${model}`));
  const more: SheetEntry[] = [];
  for (const [key, entry] of entries) {
    const base = textOf(key, root[key] as Entry, "base_model");
    if (base === null || taken.has(`${entry.provider}\n${base}`)) continue;
    taken.add(`${entry.provider}\n${base}`);
    more.push({ ...entry, model: base });
  }
  return more;
}

/** Names a sheet by its content. */
export function sheetVersion(content: string | Uint8Array): string {
  return `sheet ${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
}

/** Reads a sheet. Throws PriceSheetError; nothing of a broken sheet is taken. `version`: from sheetVersion. */
export function readSheet(text: string, version: string = sheetVersion(text)): PriceSheet {
  const root = parse(text);
  const keys = Object.keys(root).filter((key) => key !== EXPLAINED);
  if (keys.length > MOST_ENTRIES) throw new PriceSheetError(`the price sheet has more than ${MOST_ENTRIES} entries`);
  const entries = new Map<string, SheetEntry>();
  for (const key of keys) {
    const entry = entryOf(key, root[key], version);
    if (entry !== null) entries.set(key, entry);
  }
  if (entries.size === 0) throw new PriceSheetError("the price sheet has no price in it");
  return { version, entries: [...entries.values(), ...baseEntries(root, entries)] };
}

/** `openai/gpt-4o` of an entry whose members name another provider is that one's `gpt-4o` too. */
function bareModel(model: string): string | null {
  const slash = model.indexOf("/");
  return slash > 0 && isProviderName(model.slice(0, slash)) ? model.slice(slash + 1) : null;
}

/** A sheet's entries as they are looked up, each model once. Of two entries for one model the later one counts. */
export function sheetEntries(sheet: PriceSheet): readonly SheetEntry[] {
  const providers = new Map<string, Map<string, ModelPrice>>();
  for (const { provider, model, price } of sheet.entries) {
    let models = providers.get(provider);
    if (models === undefined) providers.set(provider, (models = new Map()));
    models.set(model, price);
  }
  for (const { provider, model, price } of sheet.entries) {
    const models = providers.get(provider);
    const bare = bareModel(model);
    if (bare !== null && models?.has(bare) === false) models.set(bare, price);
  }
  return [...providers].flatMap(([provider, models]) =>
    [...models].map(([model, price]) => ({ provider, model, price })),
  );
}

// The prices that come with the gateway: read when they are first asked for, in the thread that asks.
import { readFile } from "node:fs/promises";
import { type CatalogueFile, catalogueTable } from "./catalogue-file.ts";
import type { PriceTable } from "./find-price.ts";

export interface BundledPrices {
  readonly table: PriceTable;
  /** The day of the snapshot, `2026-11-23`. */
  readonly date: string;
  readonly version: string;
  /** Where the figures come from, name and version each. */
  readonly sources: readonly string[];
}

let loading: Promise<BundledPrices> | null = null;

/** Read as a file and not imported: a bundler makes a program of what is imported, five times as long to load and three times as large. */
async function load(): Promise<BundledPrices> {
  const text = await readFile(new URL("./catalogue.generated.json", import.meta.url), "utf8");
  const file = JSON.parse(text) as CatalogueFile;
  return { table: catalogueTable(file), date: file.date, version: file.version, sources: file.sources };
}

/** The bundled prices; loaded once a thread, in a few milliseconds. */
export function bundledPrices(): Promise<BundledPrices> {
  return (loading ??= load());
}

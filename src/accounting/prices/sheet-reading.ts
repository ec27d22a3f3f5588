// What is asked of the thread that reads a price sheet, and what it answers.
import { catalogueBytes } from "./catalogue-write.ts";
import { PriceSheetError, readSheet, sheetVersion } from "./read-sheet.ts";

export interface SheetTask {
  /** As it came: UTF-8. */
  readonly bytes: Uint8Array;
  /** Version of the sheet in force: the same one is not read again. */
  readonly known: string | null;
  /** The day on which it came, `2026-11-23`. */
  readonly date: string;
}

/** A sheet as it travels to the threads that price. */
export interface CompactSheet {
  readonly version: string;
  readonly entries: number;
  /** JSON text of a CatalogueFile. */
  readonly catalogue: Uint8Array<ArrayBuffer>;
}

export type SheetReading =
  | ({ readonly type: "sheet" } & CompactSheet)
  | { readonly type: "unchanged" }
  /** The reason names line, or entry and member. */
  | { readonly type: "refused"; readonly reason: string };

/** Reads a sheet whole. Takes its time: for a thread of its own. */
export function readSheetApart({ bytes, known, date }: SheetTask): SheetReading {
  const version = sheetVersion(bytes);
  if (version === known) return { type: "unchanged" };
  try {
    const sheet = readSheet(decode(bytes), version);
    return { type: "sheet", version, entries: sheet.entries.length, catalogue: catalogueBytes(sheet, date) };
  } catch (error) {
    if (error instanceof PriceSheetError) return { type: "refused", reason: error.message };
    throw error;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new PriceSheetError("the price sheet is no UTF-8 text", { cause: error });
  }
}

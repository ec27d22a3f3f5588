// The prices in force in one thread; those that a request was admitted with stay as they were for it when others come.
import type { ModelPrice, PriceBook, PriceOverride, PriceSource, PriceTarget } from "../../core/price.ts";
import { type CatalogueFile, catalogueTable } from "./catalogue-file.ts";
import type { PriceTable } from "./find-price.ts";
import { type CompiledOverride, compileOverrides, patchProblem } from "./overrides.ts";
import { PriceLines } from "./price-lines.ts";

/** One for the thread that asks. */
export class PriceShelf implements PriceBook, PriceSource {
  #current: PriceLines | null = null;
  #overrides: readonly CompiledOverride[] = [];
  #told: readonly PriceOverride[] | null = null;
  #bundled: PriceTable | null = null;
  #sheet: PriceTable | null = null;

  /** The prices of now: what comes later does not change them. */
  get current(): PriceLines {
    return (this.#current ??= new PriceLines(
      [this.#sheet, this.#bundled].filter((table) => table !== null),
      this.#overrides,
    ));
  }

  /** How many looked-up models are kept. */
  get size(): number {
    return this.current.size;
  }

  /** The prices that come with the gateway. */
  setBundled(table: PriceTable): void {
    this.#bundled = table;
    this.#current = null;
  }

  /** JSON text of a CatalogueFile, or null for none. Throws where it is something else; the one before stays then. */
  setSheet(bytes: Uint8Array | null): void {
    this.#sheet = bytes === null ? null : catalogueTable(readSheetBytes(bytes));
    this.#current = null;
  }

  /** The overrides of a configuration; the same list again costs nothing. Those that are none are left out and told. */
  setOverrides(list: readonly PriceOverride[]): readonly string[] {
    if (list === this.#told) return [];
    this.#told = list;
    const problems: string[] = [];
    const usable = list.filter((override) => {
      const problem = problemOf(override);
      if (problem !== null) problems.push(problem);
      return problem === null;
    });
    this.#overrides = compileOverrides(usable);
    this.#current = null;
    return problems;
  }

  priceOf(target: PriceTarget): ModelPrice | null {
    return this.current.priceOf(target);
  }
}

function readSheetBytes(bytes: Uint8Array): CatalogueFile {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as CatalogueFile;
}

function problemOf({ name, patch }: PriceOverride): string | null {
  const problem = patchProblem(patch);
  return problem === null ? null : `pricing override "${name}": ${problem}`;
}

// What is known of the providers' models without asking them: ids, context windows, output limits.
import type { CatalogueEntity } from "../core/entities.ts";
import generated from "./catalogue.generated.json" with { type: "json" };
import { demoModels } from "./demo/models.ts";

type Row = readonly [id: string, contextWindow: number | null, maxOutputTokens: number | null];

/** So large that no test of a demo model meets it, and small enough to be one. */
const DEMO_WINDOW = 128_000;

const lists = Object.entries(generated.providers as unknown as Readonly<Record<string, readonly Row[]>>);

/** One entity for each provider type of which something is known, in the order of the generated file, demo last. */
export const catalogue: readonly CatalogueEntity[] = [
  ...lists.map(
    ([provider, rows]): CatalogueEntity => ({
      kind: "catalogue",
      provider,
      models: rows.map(([id, contextWindow, maxOutputTokens]) => ({ id, contextWindow, maxOutputTokens })),
    }),
  ),
  {
    kind: "catalogue",
    provider: "demo",
    models: demoModels.map(({ name }) => ({ id: name, contextWindow: DEMO_WINDOW, maxOutputTokens: null })),
  },
];

/** Where the list comes from, for people: source, version and date. */
export const catalogueSource = `${generated.source} ${generated.version}, ${generated.date}`;

// Flattens the price data of @pydantic/genai-prices into the model catalogue that ships with the gateway.
import { readFileSync, writeFileSync } from "node:fs";
import { findProvider, type ModelInfo } from "@pydantic/genai-prices";
import { DATED, outputLimit, SOURCES } from "./catalogue-facts.ts";

/** Id, context window, output limit; null where it is not known. */
type Row = readonly [id: string, contextWindow: number | null, maxOutputTokens: number | null];

export interface CatalogueFile {
  readonly generator: string;
  readonly source: string;
  readonly version: string;
  /** When it was last generated with another content. */
  readonly date: string;
  readonly providers: Readonly<Record<string, readonly Row[]>>;
}

type Match = ModelInfo["match"];
const FILE = new URL("../src/providers/catalogue.generated.json", import.meta.url);
const PACKAGE = new URL("../node_modules/@pydantic/genai-prices/package.json", import.meta.url);

function literals(match: Match): string[] {
  if ("equals" in match) return [match.equals as string];
  if ("or" in match) return (match.or as Match[]).flatMap(literals);
  return [];
}

function fits(match: Match, id: string): boolean {
  if ("equals" in match) return id === match.equals;
  if ("starts_with" in match) return id.startsWith(match.starts_with as string);
  if ("ends_with" in match) return id.endsWith(match.ends_with as string);
  if ("contains" in match) return id.includes(match.contains as string);
  if ("regex" in match) return new RegExp(match.regex as string).test(id);
  if ("or" in match) return (match.or as Match[]).some((inner) => fits(inner, id));
  return (match.and as Match[]).every((inner) => fits(inner, id));
}

/** Ids of one entry that the provider itself takes: spellings that do not begin with its id are other people's. */
function idsOf(model: ModelInfo): string[] {
  const known = literals(model.match).filter((id) => id.startsWith(model.id));
  const own = fits(model.match, model.id) || known.length === 0 ? [model.id] : [];
  // A prefix of fine-tuned models is no model.
  return [...own, ...known].filter((id) => !/^ft:|-$|\.ft-/.test(id));
}

function rowsOf(provider: string): Row[] {
  const rows = new Map<string, Row>();
  for (const source of SOURCES[provider] ?? []) {
    const models = findProvider({ providerId: source })?.models;
    if (models === undefined) throw new Error(`the source knows no provider ${source}`);
    const add = (id: string, model: ModelInfo): void => {
      const row: Row = [id, model.context_window ?? null, outputLimit(provider, id)];
      // A second source fills in what the first one does not say.
      if (rows.get(id)?.[1] == null) rows.set(id, row);
    };
    for (const model of models) for (const id of idsOf(model)) add(id, model);
    for (const id of DATED[provider] ?? []) {
      const model = models.find((entry) => fits(entry.match, id));
      if (model !== undefined) add(id, model);
    }
  }
  return [...rows.values()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** The catalogue as the installed source has it, without a date. */
export function flatten(): Omit<CatalogueFile, "date"> {
  const { name, version } = JSON.parse(readFileSync(PACKAGE, "utf8")) as { name: string; version: string };
  const providers = Object.fromEntries(Object.keys(SOURCES).map((provider) => [provider, rowsOf(provider)]));
  return { generator: "scripts/build-catalogue.ts", source: name, version, providers };
}

/** The file as it is stored. */
export function readCatalogue(): CatalogueFile {
  return JSON.parse(readFileSync(FILE, "utf8")) as CatalogueFile;
}

/** One line a model: a change of the source is readable as a difference. */
function print(file: CatalogueFile): string {
  const { providers, ...head } = file;
  const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const lists = Object.entries(providers).map(
    ([name, rows]) =>
      `    ${JSON.stringify(name)}: [\n${rows.map((row) => `      ${JSON.stringify(row)}`).join(",\n")}\n    ]`,
  );
  return `{\n${fields.join("")}  "providers": {\n${lists.join(",\n")}\n  }\n}\n`;
}

if (import.meta.main) {
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(FILE, print({ ...flatten(), date }));
}

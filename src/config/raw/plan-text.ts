// What a text of the configuration would change: its findings, the entries that differ from what is stored, and what a start alone takes.
import { parse } from "jsonc-parser";
import type { RawChange, RawDiagnostic } from "../../core/config-desk.ts";
import type { ConfigStore, EntryChange, JsonObject, StoredEntry } from "../../core/config-store.ts";
import { auditRow } from "../book/audit-rows.ts";
import { importFile } from "../book/import-file.ts";
import type { OpenedStore } from "../book/opened-store.ts";
import { ownerIds } from "../book/owner-ids.ts";
import { isObject } from "../book/pointers.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { type LoadOptions, type LoadResult, loadConfiguration } from "../load.ts";
import { CollectingStore } from "./collecting-store.ts";

type Loaded = Extract<LoadResult, { ok: true }>;

export interface PlanParts {
  readonly store: ConfigStore;
  readonly fingerprint: OpenedStore["fingerprint"];
  readonly load: LoadOptions;
  /** There is a file, and this is to be its text. */
  readonly hasFile: boolean;
  /** The text that is in force. */
  readonly before: string;
  readonly now: () => number;
}

export interface TextPlan {
  readonly diagnostics: readonly RawDiagnostic[];
  /** Null: it is refused. */
  readonly loaded: Loaded | null;
  readonly changes: readonly EntryChange[];
  readonly diff: readonly RawChange[];
  readonly restart: readonly string[];
  /** Where the file would declare what. */
  readonly places: ReadonlyMap<string, string>;
}

/** Members that are read at a start alone. */
const AT_START = [
  "version",
  "source_of_truth",
  "encryption_key",
  "env_label",
  "setup_token",
  "server",
  "config_store",
  "logs_store",
  "vector_store",
  "plugins",
];
const MOST_SHOWN = 500;

/** Nothing is changed by it. */
export async function planText(text: string, parts: PlanParts): Promise<TextPlan> {
  const loaded = loadConfiguration({ ...parts.load, text });
  const found = loaded.ok ? loaded.warnings : [...loaded.errors, ...loaded.warnings];
  const diagnostics = found.map(shownFinding);
  const nothing = { changes: [], diff: [], restart: [], places: new Map<string, string>() };
  if (!loaded.ok || loaded.file === null) return { diagnostics, loaded: null, ...nothing };
  const collector = new CollectingStore(parts.store);
  const imported = await importFile({
    store: collector as unknown as ConfigStore,
    file: loaded.file,
    fingerprint: parts.fingerprint,
    owners: await ownerIds(parts.store, loaded.file),
    fileRules: true,
    environment: parts.load.environment,
    now: parts.now,
  });
  const isRuling = loaded.facts.sourceOfTruth === "config.json";
  const kept = await keptChanges(collector.changes, loaded, { ...parts, isRuling });
  const warnings = imported.warnings.map((message) => plainFinding(message));
  return {
    diagnostics: [...diagnostics, ...warnings],
    loaded,
    changes: kept.map(({ change }) => change),
    diff: kept.slice(0, MOST_SHOWN).flatMap(shownChange),
    restart: restartMembers(parts.before, text),
    places: imported.places,
  };
}

interface Step {
  readonly change: EntryChange;
  readonly before: StoredEntry | null;
}

/** Of an import in which the text says everything, the part that it says here. */
async function keptChanges(
  changes: readonly EntryChange[],
  { file }: Loaded,
  parts: PlanParts & { readonly isRuling: boolean },
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const change of changes) {
    const { kind, id } = change.type === "put" ? change.entry : change;
    const before = await parts.store.get(kind, id);
    const step = parts.hasFile
      ? ofFile({ change, before }, parts.isRuling)
      : ofStore({ change, before }, file?.members ?? {});
    if (step !== null) steps.push(step);
  }
  const back = new Set(steps.flatMap(({ change }) => (change.type === "put" ? [change.entry.id] : [])));
  // keys that were deleted with their provider come back with it, and not by themselves
  return steps.filter(
    ({ change, before }) =>
      !(change.type === "put" && change.entry.kind === "provider-key" && isStale(change.entry, before)) ||
      back.has(change.entry.owner),
  );
}

function isStale(entry: StoredEntry, before: StoredEntry | null): boolean {
  return before?.deleted === true && before.fileHash === entry.fileHash;
}

/** What the API made, or changed since the file said it, stays, unless the file rules. */
function ofFile(step: Step, isRuling: boolean): Step | null {
  const { change, before } = step;
  if (isRuling) return step;
  if (change.type === "remove") return before?.source === "api" && before.fileHash === null ? null : step;
  const isSame = before !== null && before.fileHash === change.entry.fileHash;
  return isSame && change.entry.kind !== "provider-key" ? null : isSame && before?.deleted !== true ? null : step;
}

/** Without a file the entries are as the API makes them, and a list that the text leaves out stays as it is. */
function ofStore({ change, before }: Step, members: Readonly<Record<string, unknown>>): Step | null {
  if (change.type === "remove")
    return isListed(change.kind, members) && before?.deleted !== true ? { change, before } : null;
  const { entry } = change;
  const isOwnMask = entry.kind === "virtual-key" && before !== null && before.body["value"] === entry.body["value"];
  const lookup = isOwnMask ? before.lookup : entry.lookup;
  const wanted: StoredEntry = { ...entry, lookup, source: "api", fileHash: before?.fileHash ?? null };
  if (before !== null && !before.deleted && sameContent(before, wanted)) return null;
  return { change: { type: "put", entry: wanted }, before };
}

const GOVERNED: Readonly<Record<string, string>> = { "virtual-key": "virtual_keys" };

function isListed(kind: string, members: Readonly<Record<string, unknown>>): boolean {
  if (kind === "block") return true;
  if (kind === "provider" || kind === "provider-key") return members["providers"] !== undefined;
  const governance = members["governance"];
  const list = GOVERNED[kind];
  if (list === undefined) return true;
  return isObject(governance as JsonObject) && (governance as JsonObject)[list] !== undefined;
}

function sameContent(a: StoredEntry, b: StoredEntry): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf({ body, secrets, lookup }: StoredEntry): string {
  return canonical([body, secrets, lookup]);
}

/** JSON with members in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const NOBODY = { at: 0, actor: "", address: "", method: "", path: "", written: 0 };

function shownChange({ change, before }: Step): RawChange[] {
  const row = auditRow(NOBODY, { before, after: change.type === "put" ? change.entry : null });
  if (row === null) return [];
  const had = before !== null && !before.deleted;
  const op = change.type === "remove" ? "remove" : had ? "change" : "add";
  const { entity: kind, entityId: id, entityName: name } = row;
  return [
    {
      op,
      kind,
      id,
      name,
      ...(row.before === null ? {} : { before: row.before }),
      ...(row.after === null ? {} : { after: row.after }),
    },
  ];
}

function restartMembers(before: string, after: string): string[] {
  const [old, wanted] = [parse(before), parse(after)] as [JsonObject | undefined, JsonObject | undefined];
  return AT_START.filter((name) => canonical(old?.[name]) !== canonical(wanted?.[name]));
}

/** A finding as pages show it; its snippet is left out. */
export function shownFinding({ severity, line, column, message, details }: Diagnostic): RawDiagnostic {
  const { expected, nearest, remedy } = details;
  const hints = [
    expected === undefined ? "" : `expected: ${expected}`,
    nearest === undefined ? "" : `did you mean "${nearest}"?`,
    remedy ?? "",
  ];
  const path = /^"?([A-Za-z_$][\w$]*(?:\.[\w$-]+|\[\d+\])*)"?(?=[:\s])/.exec(message)?.[1] ?? "";
  return { severity, line, column, path, message, hint: hints.filter((hint) => hint !== "").join("; ") };
}

/** One without a place. */
export function plainFinding(message: string, severity: "error" | "warning" = "warning"): RawDiagnostic {
  return { severity, line: 0, column: 0, path: "", message, hint: "" };
}

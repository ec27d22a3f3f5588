// Knows a large file again by its hash, so that its virtual keys are read once and not at every start.
import { hash } from "node:crypto";
import type { JsonValue, StoredEntry } from "../../core/config-store.ts";
import { findingLine } from "../diagnostic.ts";
import type { LoadResult, OpenedConfiguration } from "../load.ts";
import type { OpenedStore } from "./opened-store.ts";

/** What was found in the virtual keys when they were read. */
export interface KnownKeys {
  readonly warnings: readonly string[];
  readonly hints: readonly string[];
}

/** A smaller file is read in no time. Bytes. */
const LARGE = 1024 * 1024;
/** Another number whenever the same file would make other entries than before. */
const FORMAT = 2;
/** No name of a member: nobody sees or changes this block. */
const BLOCK = "$file";

/** Reading it takes so long that it pays not to. */
export function isLargeFile({ bytes }: OpenedConfiguration): boolean {
  return bytes !== null && bytes.length >= LARGE;
}

function isRemembered(opened: OpenedConfiguration): boolean {
  // where the file always wins, the store has to be compared with it
  return isLargeFile(opened) && opened.facts?.sourceOfTruth === "split";
}

function printOf(bytes: Buffer, { fingerprint }: OpenedStore): string {
  return fingerprint(`${FORMAT} ${hash("sha256", bytes, "hex")}`);
}

/** What is known of the virtual keys of this very file; null = they have to be read. */
export async function knownKeys(opened: OpenedConfiguration, opening: OpenedStore): Promise<KnownKeys | null> {
  if (!isRemembered(opened)) return null;
  const entry = await opening.store.get("block", BLOCK).catch(() => null);
  if (entry === null || entry.body["content"] !== printOf(opened.bytes!, opening)) return null;
  return { warnings: textsOf(entry.body["warnings"]), hints: textsOf(entry.body["hints"]) };
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

interface ReadKeys {
  readonly opened: OpenedConfiguration;
  readonly loaded: Extract<LoadResult, { ok: true }>;
  /** What was found before the virtual keys were read. */
  readonly before: readonly string[];
}

/** All of the file is in the store: the next start may go by that. */
export async function rememberKeys(read: ReadKeys, opening: OpenedStore, now: number): Promise<void> {
  const { opened, loaded } = read;
  if (!isRemembered(opened)) return;
  const before = new Set(read.before);
  const warnings = loaded.warnings.map(findingLine).filter((line) => !before.has(line));
  const body = { content: printOf(opened.bytes!, opening), warnings, hints: [...loaded.facts.hints] };
  const entry: StoredEntry = {
    kind: "block",
    id: BLOCK,
    name: BLOCK,
    owner: "",
    body,
    secrets: {},
    lookup: "",
    source: "file",
    fileHash: null,
    deleted: false,
    createdAt: now,
    updatedAt: now,
  };
  await opening.store.write([{ type: "put", entry }]);
}

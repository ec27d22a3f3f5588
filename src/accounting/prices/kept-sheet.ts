// The last good price sheet on disk: one line of facts, then the sheet as it came. It is replaced whole or not at all.
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { type KeptSheet, LONGEST_SHEET } from "./price-source.ts";

const LONGEST_FACTS = 100_000;

/** Nobody but the user may read it: prices may be a contract's. */
const MODE = 0o600;

export interface SheetKeep {
  readonly read: () => Promise<KeptSheet | null>;
  readonly write: (kept: KeptSheet) => Promise<void>;
}

/** The sheet in the file at `path`. What is there and is no kept sheet reads as none. */
export function keptSheet(path: () => string): SheetKeep {
  return { read: () => read(path()), write: (kept) => write(path(), kept) };
}

async function read(path: string): Promise<KeptSheet | null> {
  const { size } = await stat(path);
  if (size > LONGEST_SHEET + LONGEST_FACTS) return null;
  const bytes = await readFile(path);
  const end = bytes.indexOf(10);
  return end < 0 ? null : keptOf(bytes.toString("utf8", 0, end), new Uint8Array(bytes.subarray(end + 1)));
}

const isText = (value: unknown): value is string | null => value === null || typeof value === "string";

function keptOf(line: string, bytes: Uint8Array): KeptSheet | null {
  const facts = JSON.parse(line) as Partial<Record<keyof KeptSheet, unknown>>;
  const { source, etag, lastModified, fetchedAt } = facts;
  if (typeof source !== "string" || !isText(etag) || !isText(lastModified)) return null;
  if (typeof fetchedAt !== "number" || !Number.isSafeInteger(fetchedAt) || Math.abs(fetchedAt) > 8e15) return null;
  return { source, etag, lastModified, fetchedAt, bytes };
}

async function write(path: string, { bytes, ...facts }: KeptSheet): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, [`${JSON.stringify(facts)}\n`, bytes], { mode: MODE, flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

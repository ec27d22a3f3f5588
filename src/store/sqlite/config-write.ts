// Writes changes of the configuration in one transaction, and says whose name or secret stands in the way.
import type { DatabaseSync } from "node:sqlite";
import type { AuditRow } from "../../core/audit.ts";
import {
  type EntryChange,
  type EntryKind,
  NameTakenError,
  type StoredEntry,
  type Vault,
} from "../../core/config-store.ts";
import { insertAudit } from "./config-audit.ts";
import { CACHE } from "./config-file.ts";
import { entryValues } from "./config-rows.ts";
import { type ConfigStatements, REMEMBERED } from "./config-statements.ts";
import { inTransaction, resultCode, SQLITE } from "./file.ts";

export interface Writing {
  readonly database: DatabaseSync;
  readonly statements: ConfigStatements;
  readonly vault: Vault & { readonly keyId: string };
}

/** The store is sealed with another key now: what would be written with ours could not be opened by anybody. */
export class KeyChangedError extends Error {
  constructor() {
    super("its encryption key was changed by another process; start this one again with the new key");
    this.name = "KeyChangedError";
  }
}

/** From so many changes on it pays to suppose that all of them are new. */
const MANY = 500;

/** Returns the new revision. What counts is the state after all changes: two entries may swap their names. */
export function writeChanges(
  writing: Writing,
  changes: readonly EntryChange[],
  audit: readonly AuditRow[] = [],
): number {
  const isImport = changes.length >= MANY && audit.length === 0;
  return (isImport ? addMany(writing, changes) : null) ?? applyChanges(writing, changes, audit);
}

/**
 * Adds entries that the store does not have: half the cost of asking first. Null, and nothing is changed, when one of them
 * is there already or something else stands in the way.
 */
function addMany(writing: Writing, changes: readonly EntryChange[]): number | null {
  const { database, statements } = writing;
  if (!changes.every((change) => change.type === "put")) return null;
  // ids and hashes fall anywhere into their indexes: these have to stay in memory, or each page is read and written many times
  database.exec(`PRAGMA cache_size = -${CACHE.many}`);
  try {
    return inTransaction(database, () => {
      checkKey(writing);
      const [revision] = statements.nextRevision.get() as unknown as [number];
      let [next] = statements.lastPlace.get() as unknown as [number];
      for (const { entry } of changes) insert(writing, entry, ++next, revision);
      return revision;
    });
  } catch (error) {
    if (resultCode(error) !== SQLITE.constraint) throw error;
    return null;
  } finally {
    database.exec(`PRAGMA cache_size = -${CACHE.usual}`);
  }
}

function applyChanges(writing: Writing, changes: readonly EntryChange[], audit: readonly AuditRow[]): number {
  return inTransaction(writing.database, () => {
    const { statements } = writing;
    checkKey(writing);
    const [revision] = statements.nextRevision.get() as unknown as [number];
    let [next] = statements.lastPlace.get() as unknown as [number];
    const places = new Map<EntryChange, number | null>();
    for (const change of lastOfEach(changes)) places.set(change, takeOut(statements, change));
    for (const [change, seq] of places) {
      if (change.type === "put") put(writing, change.entry, seq ?? ++next, revision);
      else if (seq !== null) rememberRemoved(statements, revision, change);
    }
    insertAudit(statements, audit);
    return revision;
  });
}

function checkKey({ statements, vault }: Writing): void {
  const [, keyId] = statements.state.get() as unknown as [number, string];
  if (keyId !== vault.keyId) throw new KeyChangedError();
}

function keyOf(change: EntryChange): { readonly kind: EntryKind; readonly id: string } {
  return change.type === "put" ? change.entry : change;
}

/** Of several changes to one entry the last counts. */
function lastOfEach(changes: readonly EntryChange[]): Iterable<EntryChange> {
  const last = new Map<string, EntryChange>();
  for (const change of changes) {
    const { kind, id } = keyOf(change);
    last.set(`${kind}:${id}`, change);
  }
  return last.values();
}

/** The place that the entry had among the others; null = there was none. */
function takeOut(statements: ConfigStatements, change: EntryChange): number | null {
  const { kind, id } = keyOf(change);
  const [seq] = (statements.takeOut.get(kind, id) ?? []) as unknown as [number?];
  return seq ?? null;
}

function put(writing: Writing, entry: StoredEntry, seq: number, revision: number): void {
  try {
    insert(writing, entry, seq, revision);
  } catch (error) {
    if (resultCode(error) !== SQLITE.constraint) throw error;
    throw takenError(writing.statements, entry) ?? error;
  }
}

function insert({ statements, vault }: Writing, entry: StoredEntry, seq: number, revision: number): void {
  statements.insert.run(...entryValues(entry, seq, vault), revision);
}

function takenError(statements: ConfigStatements, entry: StoredEntry): NameTakenError | null {
  const { kind, owner, name } = entry;
  const secretOf = statements.lookupHolder.get(entry.lookup) as unknown as [EntryKind, string, string] | undefined;
  if (secretOf !== undefined) {
    return new NameTakenError(
      kind,
      "lookup",
      `this secret is already that of the ${words(secretOf[0])} "${secretOf[2]}"`,
    );
  }
  if (entry.deleted || statements.nameHolder.get(kind, owner, name) === undefined) return null;
  const where = owner === "" ? "" : ` of "${owner}"`;
  return new NameTakenError(kind, "name", `there is already a ${words(kind)} "${name}"${where}`);
}

function words(kind: EntryKind): string {
  return kind.replace("-", " ");
}

function rememberRemoved(statements: ConfigStatements, revision: number, change: EntryChange): void {
  const { kind, id } = keyOf(change);
  const now = Date.now();
  statements.remember.run(revision, kind, id, now);
  statements.forget.run(now - REMEMBERED);
}

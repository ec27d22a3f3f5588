// Changes of owners of limits and of configured prices: from the body that came to the entry that is stored.
import { randomUUID } from "node:crypto";
import type { GovernanceKind } from "../../core/config-book.ts";
import type { EntryChange, JsonObject, StoredEntry } from "../../core/config-store.ts";
import type { Ledger } from "./ledger.ts";
import { removalOf } from "./provider-changes.ts";

/** A checked entry. */
export interface PlannedOwner {
  readonly entry: StoredEntry;
  readonly warnings: readonly string[];
}

/** The whole wanted body; `id` null = a new one. */
export async function planOwner(
  ledger: Ledger,
  kind: GovernanceKind,
  id: string | null,
  body: JsonObject,
): Promise<PlannedOwner> {
  const known = id === null ? undefined : ledger.owners.get(kind, id)?.entry;
  const now = ledger.options.now();
  const own = id ?? randomUUID();
  return {
    entry: {
      kind,
      id: own,
      name: String(body["name"] ?? own),
      owner: "",
      body: { ...body, id: own },
      secrets: {},
      lookup: "",
      source: "api",
      fileHash: known?.fileHash ?? null,
      deleted: false,
      createdAt: known?.createdAt ?? now,
      updatedAt: now,
    },
    warnings: [],
  };
}

/** What is to be stored so that it is gone. */
export async function planOwnerRemoval(ledger: Ledger, kind: GovernanceKind, id: string): Promise<EntryChange[]> {
  const entry = ledger.owners.get(kind, id)?.entry;
  return entry === undefined ? [] : [removalOf(entry, ledger)];
}

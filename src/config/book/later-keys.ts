// The second half of a start with many new virtual keys: they are served already, and now the store gets them.
import type { Ledger } from "./ledger.ts";
import { type KeyStoring, storeNewKeys } from "./new-keys.ts";

/**
 * What became of storing the keys. `foreign`: another process wrote meanwhile, so that what is served need not be what is stored,
 * and a new start has to find out.
 */
export type KeysStored = "stored" | "ended" | "foreign";

/** Rejects when the store cannot be written. `isEnded` is asked now and then: true ends the work. */
export type LaterKeys = (isEnded: () => boolean) => Promise<KeysStored>;

export interface LaterStoring extends KeyStoring {
  /** All of the file is stored: the next start may go by that. */
  remember(): Promise<void>;
}

/** `done` lets those go on who wait for the keys. */
export function laterKeys(storing: Omit<LaterStoring, "isEnded">, ledger: Ledger, done: () => void): LaterKeys {
  const { store } = storing;
  return async (isEnded) => {
    const references = await storeNewKeys({ ...storing, isEnded });
    if (references === null) return "ended";
    await storing.remember();
    // with a foreign change in between, the store counts nothing as known from there on
    const { revision, changed } = await store.changedSince(store.revision);
    if (changed.length > 0 || ledger.hasForeignKeys) return "foreign";
    ledger.tookKeys(revision, references);
    done();
    return "stored";
  };
}

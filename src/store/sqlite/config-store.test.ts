// The SQLite store of the configuration keeps the contract of every such store.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigStore } from "../../core/config-store.ts";
import { configStoreHistory } from "../contract/config-history.ts";
import { configStoreContract } from "../contract/config-store.ts";
import { openConfigStore } from "./config-store.ts";

function openAt(folder: string): Promise<ConfigStore> {
  return openConfigStore({ path: join(folder, "config.db"), encryptionKey: null, log: () => {} });
}

configStoreContract("sqlite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "config-store-"));
  const opened = [await openAt(folder)];
  const another = async (): Promise<ConfigStore> => {
    const store = await openAt(folder);
    opened.push(store);
    return store;
  };
  const dispose = async (): Promise<void> => {
    for (const store of opened) await store.close();
    rmSync(folder, { recursive: true });
  };
  return { store: opened[0] as ConfigStore, another, dispose };
});

configStoreHistory("sqlite", () => {
  const folder = mkdtempSync(join(tmpdir(), "config-store-"));
  return { open: () => openAt(folder), dispose: () => rmSync(folder, { recursive: true }) };
});

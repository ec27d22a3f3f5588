// The configuration store in memory keeps the same promises as the one on SQLite.
import { MemoryConfigStore, sharedMemory } from "../src/config/book/memory-store.ts";
import { configStoreContract } from "../src/store/contract/config-store.ts";

configStoreContract("memory", async () => {
  const memory = sharedMemory();
  return {
    store: new MemoryConfigStore(memory),
    another: async () => new MemoryConfigStore(memory),
    dispose: async () => {},
  };
});

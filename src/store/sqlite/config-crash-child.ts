// Helper of a test: writes groups of entries and tells each one that the store has acknowledged, until it is killed.
import { writeSync } from "node:fs";
import { put } from "../contract/config-store.ts";
import { openConfigStore } from "./config-store.ts";

/** Of each write: a provider with its two keys. */
export const GROUP = ["provider", "provider-key", "virtual-key"] as const;

if (process.argv[2] !== undefined) {
  const store = await openConfigStore({ path: process.argv[2], encryptionKey: null, log: () => {} });
  for (let n = 0; n < 1000; n++) {
    const filler = "x".repeat(n % 7 === 0 ? 20_000 : 100);
    const secrets = { "/value": `secret ${n}` };
    // Every third write changes what an earlier one made, so that replacing is torn as well if anything is.
    const id = n % 3 === 2 ? `g${n - 2}` : `g${n}`;
    await store.write(GROUP.map((kind) => put({ kind, id, body: { n, filler }, secrets, lookup: "" })));
    writeSync(1, `${n}\n`);
  }
  await store.close();
}

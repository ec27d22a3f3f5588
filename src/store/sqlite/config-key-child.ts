// Helper of a test: changes a store's key until it is killed, or opens a new store beside others and writes one secret.
import { put } from "../contract/config-store.ts";
import { openConfigStore } from "./config-store.ts";
import { rotateEncryptionKey } from "./rotate-key.ts";

const [, , path = "", next = "", third = ""] = process.argv;

if (next === "open") {
  const store = await openConfigStore({ path, encryptionKey: null, log: () => {} });
  await store.write([put({ kind: "provider-key", id: third, secrets: { "/value": third } })]);
  await store.close();
  process.disconnect?.();
} else {
  process.send?.("begins");
  await rotateEncryptionKey({ path, encryptionKey: next || null, previousKey: third || null });
  process.disconnect?.();
}

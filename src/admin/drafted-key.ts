// A virtual key as a form has it so far: checked as if it were saved, and stored nowhere.
import { compileVirtualKey, SetPool } from "../config/compile-virtual-key.ts";
import type { ConfigBook } from "../core/config-book.ts";
import type { JsonObject } from "../core/config-store.ts";
import type { VirtualKey } from "../core/snapshot.ts";
import { readChange, readNewKey } from "./virtual-keys-read.ts";

/** Ready to be planned with. */
export interface DraftedKey {
  readonly key: VirtualKey;
  /** Findings about it, as saving it would tell them. */
  readonly warnings: readonly string[];
}

/** With the id of a stored key it is the change of that key, else a new one. Throws GatewayError as saving would. */
export async function draftedKey(body: JsonObject, book: ConfigBook): Promise<DraftedKey> {
  const id = typeof body["id"] === "string" && body["id"] !== "" ? body["id"] : null;
  const item = id === null ? undefined : await book.virtualKey(id);
  const name = body["name"] === "" || body["name"] === undefined ? "draft" : body["name"];
  const { item: drafted, warnings } =
    item === undefined
      ? await book.draftVirtualKey(null, readNewKey({ ...body, name }, book))
      : await book.draftVirtualKey(item.id, readChange({ ...body, name }, item, book));
  const key = compileVirtualKey(drafted.entity, new SetPool());
  // the question is where its requests would go once they are taken
  return { key: { ...key, active: true, expiresAt: null }, warnings };
}

// What the management API is told of an entry: its body without secrets, the masks, where it comes from.
import { hash } from "node:crypto";
import type { ItemFacts, ItemSource } from "../../core/config-book.ts";
import type { JsonObject, StoredEntry } from "../../core/config-store.ts";
import type { Environment } from "../reading.ts";
import type { Shape } from "../validate.ts";
import { shownSecrets } from "./secrets.ts";

/** Where an entry comes from. */
export type SourceOf = (entry: StoredEntry) => ItemSource;

export function factsOf(entry: StoredEntry, shape: Shape, source: ItemSource, environment: Environment): ItemFacts {
  return {
    id: entry.id,
    name: entry.name,
    source,
    body: entry.body,
    masked: shownSecrets(entry, shape, environment),
    hash: contentHash(entry.body, entry.updatedAt),
    createdAt: entry.createdAt,
    updatedAt: entry.updatedAt,
  };
}

/** Secrets are not hashed, so that nothing can be guessed by it; the time of the change stands for them. */
export function contentHash(body: JsonObject, updatedAt: number): string {
  return hash("sha256", `${updatedAt} ${JSON.stringify(body)}`, "hex");
}

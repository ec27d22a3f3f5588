// The lists governance.budgets and governance.rate_limits as they were written: entries found by their own id and by their owner.
import type { JsonObject } from "../../core/config-store.ts";
import { OWNER_MEMBERS, type OwnerKind } from "../shared-limits.ts";

const NONE: readonly never[] = Object.freeze([]);

/** One of the two lists. */
export class SharedList {
  readonly #byName = new Map<string, JsonObject[]>();

  constructor(entries: readonly JsonObject[]) {
    for (const entry of entries) {
      if (typeof entry["id"] === "string" && entry["id"] !== "") this.#note(`id ${entry["id"]}`, entry);
      for (const member of OWNER_MEMBERS) {
        const owner = entry[member];
        if (owner !== undefined && owner !== null && owner !== "") this.#note(`${member} ${String(owner)}`, entry);
      }
    }
  }

  #note(name: string, entry: JsonObject): void {
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, [entry]);
    else known.push(entry);
  }

  /** Those of the owner that is called by any of these names, and the one with this id. */
  find(kind: OwnerKind, names: readonly string[], id: unknown): readonly JsonObject[] {
    if (this.#byName.size === 0) return NONE;
    const found = new Set(names.flatMap((name) => this.#byName.get(`${kind} ${name}`) ?? []));
    if (typeof id === "string" && id !== "") for (const entry of this.#byName.get(`id ${id}`) ?? []) found.add(entry);
    return [...found];
  }
}

/** No list at all. */
export const NO_SHARED = new SharedList([]);

// Owners of limits and configured prices as they are in force: all of them stand in memory, in the order of their creation.
import type { GovernanceEntity, GovernanceKind, GovernanceQuery } from "../../core/config-book.ts";
import type { StoredEntry } from "../../core/config-store.ts";
import { type CustomerEntity, entityId, type TeamEntity } from "../../core/entities.ts";
import { GOVERNANCE_KINDS, governanceEntity } from "./owner-entries.ts";

/** An entry with what the loop is told of it. */
export interface HeldOwner {
  readonly entry: StoredEntry;
  readonly entity: GovernanceEntity;
}

/** Of one kind. */
class Held {
  readonly byId = new Map<string, HeldOwner>();
  /** Owner and name → id. */
  readonly byName = new Map<string, string>();
}

export class HeldOwners {
  readonly #kinds = new Map<GovernanceKind, Held>(GOVERNANCE_KINDS.map((kind) => [kind, new Held()]));
  /** Id of an entity → its owner. */
  readonly #byEntity = new Map<string, HeldOwner>();

  /** The id of the entity that it concerns. */
  take(kind: GovernanceKind, entry: StoredEntry): string {
    const held = this.#kinds.get(kind)!;
    const entity = governanceEntity(kind, entry);
    const id = entityId(entity);
    const before = held.byId.get(entry.id);
    if (before !== undefined) forgetName(held, before.entry);
    if (entry.deleted) {
      held.byId.delete(entry.id);
      this.#byEntity.delete(id);
      return id;
    }
    const owner = { entry, entity };
    held.byId.set(entry.id, owner);
    held.byName.set(nameKey(entry), entry.id);
    this.#byEntity.set(id, owner);
    return id;
  }

  /** The id of the entity that is gone; empty when there was none. */
  drop(kind: GovernanceKind, id: string): string {
    const held = this.#kinds.get(kind)!;
    const before = held.byId.get(id);
    if (before === undefined) return "";
    forgetName(held, before.entry);
    held.byId.delete(id);
    this.#byEntity.delete(entityId(before.entity));
    return entityId(before.entity);
  }

  get(kind: GovernanceKind, id: string): HeldOwner | undefined {
    return this.#kinds.get(kind)!.byId.get(id);
  }

  /** `owner` as in the entry: model configs of one virtual key have names of their own. */
  findByName(kind: GovernanceKind, name: string, owner = ""): HeldOwner | undefined {
    const held = this.#kinds.get(kind)!;
    const id = held.byName.get(nameKey({ name, owner }));
    return id === undefined ? undefined : held.byId.get(id);
  }

  /** By id, else by name. */
  find(kind: "team" | "customer", idOrName: string): HeldOwner | undefined {
    return this.get(kind, idOrName) ?? this.findByName(kind, idOrName);
  }

  findTeam(idOrName: string): TeamEntity | undefined {
    return this.find("team", idOrName)?.entity as TeamEntity | undefined;
  }

  findCustomer(idOrName: string): CustomerEntity | undefined {
    return this.find("customer", idOrName)?.entity as CustomerEntity | undefined;
  }

  entityOf(entityId: string): GovernanceEntity | undefined {
    return this.#byEntity.get(entityId)?.entity;
  }

  all(kind: GovernanceKind): Iterable<HeldOwner> {
    return this.#kinds.get(kind)!.byId.values();
  }

  entities(): GovernanceEntity[] {
    return Array.from(this.#byEntity.values(), ({ entity }) => entity);
  }

  /** One page. */
  list(kind: GovernanceKind, query: GovernanceQuery): { owners: HeldOwner[]; total: number } {
    const wanted = query.search?.toLowerCase() ?? "";
    const found = [...this.all(kind)].filter(({ entry }) => entry.name.toLowerCase().includes(wanted));
    const { sort } = query;
    if (sort === "name") found.sort((a, b) => compare(a.entry.name, b.entry.name));
    else if (sort !== undefined) {
      const member = sort === "created_at" ? "createdAt" : "updatedAt";
      found.sort((a, b) => a.entry[member] - b.entry[member]);
    }
    if (query.descending === true) found.reverse();
    return { owners: found.slice(query.offset, query.offset + query.limit), total: found.length };
  }
}

function forgetName(held: Held, entry: StoredEntry): void {
  if (held.byName.get(nameKey(entry)) === entry.id) held.byName.delete(nameKey(entry));
}

function nameKey({ owner, name }: { readonly owner: string; readonly name: string }): string {
  return `${owner}/${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

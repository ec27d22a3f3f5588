// Who the owners of counters are, for people: names, and what of a virtual key a limit belongs to.
import type { ConfigBook, GovernanceKind } from "../core/config-book.ts";
import { rateCounterId } from "../core/counter-declarations.ts";
import { hasLimits, type OwnedLimits, type VirtualKeyEntity } from "../core/entities.ts";

/** What a limit of an owner is for. */
export interface LimitPlace {
  /** Empty = at whatever provider. */
  readonly provider: string;
  /** Empty = any model. */
  readonly model: string;
  /** As configured; empty = never reset. */
  readonly resetDuration: string;
}

export interface OwnerFacts {
  readonly type: "virtual_key" | "team" | "customer" | "model_config" | "provider";
  readonly id: string;
  readonly name: string;
  /** By counter. */
  readonly limits: ReadonlyMap<string, LimitPlace>;
}

/** So many owners are remembered. */
const REMEMBERED = 2000;

const KINDS: Readonly<Record<string, { readonly kind: GovernanceKind; readonly type: OwnerFacts["type"] }>> = {
  team: { kind: "team", type: "team" },
  customer: { kind: "customer", type: "customer" },
  "model-limit": { kind: "model-config", type: "model_config" },
  "provider-limit": { kind: "provider-limit", type: "provider" },
};

export class OwnerNames {
  readonly #book: () => ConfigBook;
  readonly #known = new Map<string, OwnerFacts>();

  constructor(book: () => ConfigBook) {
    this.#book = book;
  }

  /** null = there is no such owner (any more). `owner` is the id of an entity. */
  async of(owner: string): Promise<OwnerFacts | null> {
    const known = this.#known.get(owner);
    if (known !== undefined) return known;
    const found = await this.#find(owner);
    if (found === null) return null;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(owner, found);
    return found;
  }

  /** After a change: names and limits may be others now. */
  forget(): void {
    this.#known.clear();
  }

  async #find(owner: string): Promise<OwnerFacts | null> {
    const colon = owner.indexOf(":");
    const [word, id] = [owner.slice(0, colon), owner.slice(colon + 1)];
    if (word === "virtual-key") {
      const item = await this.#book().virtualKey(id);
      return item === undefined ? null : keyFacts(item.entity);
    }
    const known = KINDS[word];
    const item = known === undefined ? undefined : this.#book().governanceItem(known.kind, id);
    if (known === undefined || item === undefined || !hasLimits(item.entity)) return null;
    const limits = new Map<string, LimitPlace>();
    const { entity } = item;
    if (entity.kind === "model-limit") addLimits(limits, entity, entity.provider ?? "", entity.model);
    else addLimits(limits, entity, entity.kind === "provider-limit" ? entity.provider : "", "");
    return { type: known.type, id, name: item.name, limits };
  }
}

function keyFacts(key: VirtualKeyEntity): OwnerFacts {
  const limits = new Map<string, LimitPlace>();
  addLimits(limits, key, "", "");
  for (const scope of key.providers ?? []) {
    addLimits(limits, scope, scope.provider, "");
    for (const one of scope.modelLimits ?? []) addLimits(limits, one, scope.provider, one.model);
  }
  return { type: "virtual_key", id: key.id, name: key.name, limits };
}

function addLimits(
  into: Map<string, LimitPlace>,
  { budgets, rateLimit }: OwnedLimits,
  provider: string,
  model: string,
): void {
  for (const { id, resetDuration } of budgets) into.set(id, { provider, model, resetDuration: resetDuration ?? "" });
  if (rateLimit === null) return;
  const place = { provider, model };
  into.set(rateCounterId(rateLimit.id, "tokens"), { ...place, resetDuration: rateLimit.tokenResetDuration ?? "" });
  into.set(rateCounterId(rateLimit.id, "requests"), { ...place, resetDuration: rateLimit.requestResetDuration ?? "" });
}

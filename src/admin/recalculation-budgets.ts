// The budgets that a difference of costs concerns: those that the request was reserved on, as they stand now.
import type { ConfigBook } from "../core/config-book.ts";
import type { CostDifference } from "../core/cost-log.ts";
import { type BudgetEntity, hasLimits, type ModelLimitEntity, type VirtualKeyEntity } from "../core/entities.ts";

/** A budget, and the entity id of its owner. */
export interface OwnedBudget {
  readonly owner: string;
  readonly budget: BudgetEntity;
}

/** The use of a model at a provider by one caller. */
export type ChargedUse = Omit<CostDifference, "nano">;

const EVERY = { limit: Number.MAX_SAFE_INTEGER, offset: 0 };

/** Looks owners up, each once. For one pass over many differences. */
export class ConcernedBudgets {
  readonly #book: ConfigBook;
  readonly #modelLimits: readonly ModelLimitEntity[];
  readonly #keys = new Map<string, VirtualKeyEntity | null>();

  constructor(book: ConfigBook) {
    this.#book = book;
    this.#modelLimits = book
      .governanceItems("model-config", EVERY)
      .items.map(({ entity }) => entity)
      .filter((entity) => entity.kind === "model-limit");
  }

  /** Each budget once, also where two owners share it. */
  async of(use: ChargedUse): Promise<OwnedBudget[]> {
    const key = use.virtualKeyId === "" ? null : await this.#key(use.virtualKeyId);
    const found = [...this.#shared(use), ...(key === null ? [] : keyBudgets(key, use))];
    return [...new Map(found.map((owned) => [owned.budget.id, owned])).values()];
  }

  async #key(id: string): Promise<VirtualKeyEntity | null> {
    let entity = this.#keys.get(id);
    if (entity === undefined) {
      entity = (await this.#book.virtualKey(id))?.entity ?? null;
      this.#keys.set(id, entity);
    }
    return entity;
  }

  /** Of the owners that are no part of a virtual key. */
  #shared(use: ChargedUse): OwnedBudget[] {
    const { teamId, customerId, provider, virtualKeyId } = use;
    const items = [
      teamId === "" ? undefined : this.#book.governanceItem("team", teamId),
      customerId === "" ? undefined : this.#book.governanceItem("customer", customerId),
      this.#book.governanceItem("provider-limit", provider),
    ];
    const owned = items.flatMap((item) => {
      if (item === undefined || !hasLimits(item.entity)) return [];
      return ownedBy(`${item.kind}:${item.id}`, item.entity.budgets);
    });
    const models = this.#modelLimits.filter(
      (limit) => (limit.virtualKeyId === null || limit.virtualKeyId === virtualKeyId) && holdsFor(limit, use),
    );
    return [...owned, ...models.flatMap(({ id, budgets }) => ownedBy(`model-limit:${id}`, budgets))];
  }
}

function keyBudgets(key: VirtualKeyEntity, use: ChargedUse): OwnedBudget[] {
  const scopes = (key.providers ?? []).filter(({ provider }) => provider === use.provider);
  const limits = [
    key,
    ...scopes.flatMap((scope) => [
      scope,
      ...(scope.modelLimits ?? []).filter(({ model }) => holdsFor({ model, provider: null }, use)),
    ]),
  ];
  return limits.flatMap(({ budgets }) => ownedBy(`virtual-key:${key.id}`, budgets));
}

function holdsFor({ model, provider }: { model: string; provider: string | null }, use: ChargedUse): boolean {
  return (model === "*" || model === use.model) && (provider === null || provider === use.provider);
}

function ownedBy(owner: string, budgets: readonly BudgetEntity[]): OwnedBudget[] {
  return budgets.map((budget) => ({ owner, budget }));
}

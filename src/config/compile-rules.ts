// Routing rules on their way into snapshots: kept by id, and handed out in the order in which they are tried.
import type { RoutingRuleEntity, RuleScope } from "../core/entities.ts";

const NO_RULES: readonly RoutingRuleEntity[] = Object.freeze([]);

/** The narrower scope is tried first. */
const RANKS: Readonly<Record<RuleScope, number>> = { virtual_key: 0, team: 1, customer: 2, global: 3 };

export class RuleTable {
  /** In the order of their creation: one that is changed keeps its place. */
  readonly #rules = new Map<string, RoutingRuleEntity>();
  #tried: readonly RoutingRuleEntity[] | null = NO_RULES;

  put(rule: RoutingRuleEntity): void {
    this.#rules.set(rule.id, rule);
    this.#tried = null;
  }

  remove(id: string): void {
    if (this.#rules.delete(id)) this.#tried = null;
  }

  /** The enabled ones by scope, priority and creation; the same list while none of them changed. */
  get tried(): readonly RoutingRuleEntity[] {
    this.#tried ??= inOrder(this.#rules.values());
    return this.#tried;
  }

  entities(): Iterable<RoutingRuleEntity> {
    return this.#rules.values();
  }
}

function inOrder(rules: Iterable<RoutingRuleEntity>): readonly RoutingRuleEntity[] {
  const enabled = [...rules].filter((rule) => rule.enabled);
  if (enabled.length === 0) return NO_RULES;
  return Object.freeze(enabled.sort((a, b) => RANKS[a.scope] - RANKS[b.scope] || a.priority - b.priority));
}

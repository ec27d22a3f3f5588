// Which routing rules concern a caller: found by his key, team and customer, so that rules for others cost nothing.
import type { RoutingRuleEntity, RuleScope } from "../../core/entities.ts";
import type { Snapshot, VirtualKey } from "../../core/snapshot.ts";

type Rules = readonly RoutingRuleEntity[];
const NONE: Rules = [];

class RuleIndex {
  readonly global: RoutingRuleEntity[] = [];
  readonly #scoped: Readonly<Record<Exclude<RuleScope, "global">, Map<string, RoutingRuleEntity[]>>> = {
    virtual_key: new Map(),
    team: new Map(),
    customer: new Map(),
  };

  constructor(rules: Rules) {
    for (const rule of rules) {
      if (!rule.enabled) continue;
      if (rule.scope === "global") this.global.push(rule);
      else if (rule.scopeId !== null) this.#note(this.#scoped[rule.scope], rule.scopeId, rule);
    }
  }

  #note(map: Map<string, RoutingRuleEntity[]>, id: string, rule: RoutingRuleEntity): void {
    const list = map.get(id);
    if (list === undefined) map.set(id, [rule]);
    else list.push(rule);
  }

  of(scope: Exclude<RuleScope, "global">, id: string | null | undefined): Rules {
    return id ? (this.#scoped[scope].get(id) ?? NONE) : NONE;
  }
}

const indexes = new WeakMap<Rules, RuleIndex>();

/** The lists of rules to be asked, one after the other; empty = there are none for this caller. */
export function rulesFor(virtualKey: VirtualKey | null, { routingRules, governance }: Snapshot): readonly Rules[] {
  let index = indexes.get(routingRules);
  if (index === undefined) indexes.set(routingRules, (index = new RuleIndex(routingRules)));
  const { global } = index;
  if (virtualKey === null) return global.length === 0 ? NONE_AT_ALL : [global];
  const { teamId, customerId } = virtualKey.entity;
  const owner = customerId ?? (teamId ? governance.findTeam(teamId)?.customerId : null);
  const lists = [
    index.of("virtual_key", virtualKey.id),
    index.of("team", teamId),
    index.of("customer", owner),
    global,
  ].filter((list) => list.length > 0);
  return lists;
}

const NONE_AT_ALL: readonly Rules[] = [];

// What keeps routing rules from matching: whom they are for is gone, or their expression does not compile.
import type { ConfigBook, GovernanceItem } from "../core/config-book.ts";
import type { RoutingRuleEntity, RuleScope } from "../core/entities.ts";

const SCOPE_WORDS: Readonly<Record<RuleScope, string>> = {
  virtual_key: "virtual key",
  team: "team",
  customer: "customer",
  global: "",
};

/** Told with every answer that shows such a rule. */
export async function ruleTroubles(items: readonly GovernanceItem[], book: ConfigBook): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const { entity } of items) {
    if (entity.kind !== "routing-rule") continue;
    if (!(await isScopeThere(entity, book)))
      texts.push(
        `the rule '${entity.name}' matches nothing: there is no ${SCOPE_WORDS[entity.scope]} with the id '${entity.scopeId}'`,
      );
    const problem = book.expressionProblem(entity.expression);
    if (problem !== null)
      texts.push(`the rule '${entity.name}' is skipped, its expression does not compile: ${problem}`);
  }
  return texts;
}

async function isScopeThere({ scope, scopeId }: RoutingRuleEntity, book: ConfigBook): Promise<boolean> {
  if (scope === "global" || scopeId === null) return true;
  if (scope === "virtual_key") return (await book.virtualKey(scopeId)) !== undefined;
  return book.governanceItem(scope, scopeId) !== undefined;
}

/** Rules that stay when the one they are for is removed: told to who removed it. */
export function orphanedRules(book: ConfigBook, scope: RuleScope, id: string): string[] {
  const { items } = book.governanceItems("routing-rule", { limit: Number.MAX_SAFE_INTEGER, offset: 0 });
  return items.flatMap(({ entity }) =>
    entity.kind === "routing-rule" && entity.scope === scope && entity.scopeId === id
      ? [`the routing rule '${entity.name}' was for this ${SCOPE_WORDS[scope]} and matches nothing any more`]
      : [],
  );
}

// A routing rule while it is written: from what the API shows, and back to what it takes.
import { sharesOf } from "../../lib/split.ts";
import { EMPTY, fromCel, type Group, keptTree } from "./cel.ts";
import type { Rule, RuleScope } from "./types.ts";

/** One target as it is typed; empty = the request's. */
export interface TargetDraft {
  readonly id: number;
  readonly provider: string;
  readonly model: string;
  readonly keyId: string;
  /** Whole percents. */
  readonly share: number;
}

export interface RuleDraft {
  /** Null: a new one. */
  readonly id: string | null;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly chain: boolean;
  readonly expression: string;
  /** Null: the text says more than the builder can show. */
  readonly tree: Group | null;
  readonly targets: readonly TargetDraft[];
  readonly fallbacks: readonly string[];
  readonly scope: RuleScope;
  readonly scopeId: string;
  readonly priority: string;
}

let lastTarget = 0;

export function freshTarget(share: number): TargetDraft {
  return { id: ++lastTarget, provider: "", model: "", keyId: "", share };
}

/** A new rule, asked after all others. */
export function freshRule(rules: readonly Rule[]): RuleDraft {
  const last = rules.reduce((most, { priority }) => Math.max(most, priority), -1);
  return {
    id: null,
    name: "",
    description: "",
    enabled: true,
    chain: false,
    expression: "",
    tree: EMPTY,
    targets: [freshTarget(100)],
    fallbacks: [],
    scope: "global",
    scopeId: "",
    priority: String(last + 1),
  };
}

export function draftOf(rule: Rule): RuleDraft {
  const shares = sharesOf(rule.targets.map(({ weight }) => weight ?? 1));
  return {
    id: rule.id,
    name: rule.name,
    description: rule.description,
    enabled: rule.enabled,
    chain: rule.chain_rule,
    expression: rule.cel_expression,
    tree: keptTree(rule.query, rule.cel_expression),
    targets: rule.targets.map((target, index) => ({
      ...freshTarget(shares[index] ?? 0),
      provider: target.provider ?? "",
      model: target.model ?? "",
      keyId: target.key_id ?? "",
    })),
    fallbacks: rule.fallbacks,
    scope: rule.scope,
    scopeId: rule.scope_id ?? "",
    priority: String(rule.priority),
  };
}

/** The text was typed: the builder follows as far as it can. */
export function withText(draft: RuleDraft, expression: string): RuleDraft {
  return { ...draft, expression, tree: fromCel(expression) };
}

/** The body that makes or changes the rule. */
export function ruleBody(draft: RuleDraft): Record<string, unknown> {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    enabled: draft.enabled,
    chain_rule: draft.chain,
    cel_expression: draft.expression.trim(),
    targets: draft.targets.map(({ provider, model, keyId, share }) => ({
      provider: provider || null,
      model: model.trim() || null,
      key_id: keyId || null,
      weight: share / 100,
    })),
    fallbacks: [...draft.fallbacks],
    scope: draft.scope,
    ...(draft.scope === "global" ? {} : { scope_id: draft.scopeId }),
    priority: Number(draft.priority) || 0,
    query: draft.tree,
  };
}

/** Adds a target or takes one away; the shares are made equal anew, or kept in proportion. */
export function addTarget(targets: readonly TargetDraft[]): TargetDraft[] {
  const all = [...targets, freshTarget(0)];
  const shares = sharesOf(all.map(() => 1));
  return all.map((target, index) => ({ ...target, share: shares[index] ?? 0 }));
}

export function removeTarget(targets: readonly TargetDraft[], id: number): TargetDraft[] {
  const left = targets.filter((target) => target.id !== id);
  const isBare = left.every(({ share }) => share === 0);
  const shares = sharesOf(left.map(({ share }) => (isBare ? 1 : share)));
  return left.map((target, index) => ({ ...target, share: shares[index] ?? 0 }));
}

/** Names of the targets for the split bar, each its own. */
export function targetNames(targets: readonly TargetDraft[]): string[] {
  const seen = new Map<string, number>();
  return targets.map(({ provider, model }) => {
    const name = `${provider || "its provider"} ${model || "its model"}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

const ORDER: readonly RuleScope[] = ["virtual_key", "team", "customer", "global"];

/** In the order in which they are asked: by scope, then priority, then age. */
export function inOrder(rules: readonly Rule[]): Rule[] {
  return rules.toSorted(
    (a, b) =>
      ORDER.indexOf(a.scope) - ORDER.indexOf(b.scope) ||
      a.priority - b.priority ||
      (a.created_at ?? "").localeCompare(b.created_at ?? ""),
  );
}

/** The priorities to write so that rule `id` stands at place `to` of its scope's list; only those that change. */
export function movedPriorities(list: readonly Rule[], id: string, to: number): { id: string; priority: number }[] {
  const moved = list.find((rule) => rule.id === id);
  if (moved === undefined) return [];
  const others = list.filter((rule) => rule.id !== id);
  const place = Math.max(0, Math.min(others.length, to));
  const order = [...others.slice(0, place), moved, ...others.slice(place)];
  return order.flatMap((rule, priority) => (rule.priority === priority ? [] : [{ id: rule.id, priority }]));
}

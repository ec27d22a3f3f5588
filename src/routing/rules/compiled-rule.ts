// A routing rule ready to be asked: compiled once for as long as it stays the same.
import type { RuleVerdict } from "../../core/decision.ts";
import type { RoutingRuleEntity } from "../../core/entities.ts";
import { type Condition, type RuleVariables, readCondition, tryCondition } from "./expression.ts";
import type { Needed } from "./expression-tree.ts";
import type { RuleContext } from "./rule-context.ts";

const compiled = new WeakMap<RoutingRuleEntity, CompiledRule>();

/** Of one part of an expression, for people: the first that does not hold. */
const parts = new WeakMap<CompiledRule, readonly Condition[]>();

export class CompiledRule {
  readonly entity: RoutingRuleEntity;
  readonly #condition: Condition | null;
  readonly #matches: RuleVerdict;
  readonly #fails: RuleVerdict;
  /** By what is missing. */
  readonly #absent = new Map<string, RuleVerdict>();
  readonly #isBroken: boolean;

  constructor(entity: RoutingRuleEntity) {
    this.entity = entity;
    const { id, name, expression } = entity;
    const isEmpty = expression.trim() === "";
    const condition = isEmpty ? null : tryCondition(expression);
    const problem = typeof condition === "string" ? condition : null;
    this.#isBroken = problem !== null;
    this.#condition = typeof condition === "string" ? null : condition;
    this.#matches = { id, name, matched: true, why: isEmpty ? "it matches every request" : "the expression is true" };
    const why = problem === null ? "the expression is false" : `it is skipped: ${firstLine(problem)}`;
    this.#fails = { id, name, matched: false, why };
  }

  /** What a request must have for it to match; null = the expression is empty or broken. */
  get needed(): Needed | null {
    return this.#condition?.needed ?? null;
  }

  /** The same object for the same outcome, so that a long list of rules leaves nothing behind. */
  ask(context: RuleContext): RuleVerdict {
    const condition = this.#condition;
    if (condition === null) return this.#isBroken ? this.#fails : this.#matches;
    const missing = missingOf(condition, context);
    if (missing !== null) return this.#without(missing);
    if (differs(condition, context)) return this.#fails;
    const outcome = condition.run(context);
    if (outcome === true) return this.#matches;
    return outcome === false ? this.#fails : this.#because(outcome);
  }

  /** As `ask`, and of an expression of several parts the first that does not hold is named. */
  explain(context: RuleContext): RuleVerdict {
    const verdict = this.ask(context);
    const texts = this.#condition?.parts ?? [];
    if (verdict !== this.#fails || texts.length < 2) return verdict;
    let known = parts.get(this);
    if (known === undefined) parts.set(this, (known = texts.map(readCondition)));
    const index = known.findIndex((part) => part.run(context) === false);
    return index < 0 ? verdict : this.#because(`${texts[index]} is false`);
  }

  #without(missing: string): RuleVerdict {
    let verdict = this.#absent.get(missing);
    if (verdict === undefined) this.#absent.set(missing, (verdict = this.#because(`${missing} is absent`)));
    return verdict;
  }

  #because(why: string): RuleVerdict {
    return { id: this.entity.id, name: this.entity.name, matched: false, why };
  }
}

function missingOf({ needed }: Condition, context: RuleContext): string | null {
  for (const name of needed.headers) if (!Object.hasOwn(context.headers, name)) return `header ${name}`;
  for (const name of needed.params) if (!Object.hasOwn(context.params, name)) return `parameter ${name}`;
  return null;
}

function differs({ needed }: Condition, context: RuleContext): boolean {
  const { variables, values } = needed;
  for (const pair of variables) if (context[pair[0] as keyof RuleVariables] !== pair[1]) return true;
  for (const pair of values) if (context.headers[pair[0]] !== pair[1]) return true;
  return false;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] as string;
}

/** The rule, compiled when it is first asked for. */
export function compiledRule(entity: RoutingRuleEntity): CompiledRule {
  let rule = compiled.get(entity);
  if (rule === undefined) compiled.set(entity, (rule = new CompiledRule(entity)));
  return rule;
}

/** ms of one slice. */
const SLICE = 2;

/** Compiles the rules of a version ahead of the first request that asks them, a little at a time. */
export function compileAhead(rules: readonly RoutingRuleEntity[], from = 0): void {
  const until = performance.now() + SLICE;
  for (let index = from; index < rules.length; index++) {
    compiledRule(rules[index] as RoutingRuleEntity);
    if (performance.now() >= until) return void setImmediate(compileAhead, rules, index + 1);
  }
}

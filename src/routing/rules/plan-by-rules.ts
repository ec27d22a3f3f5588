// Plans what a routing rule chose: one of its targets is drawn among those that can be used, then come fallbacks.
import type { Candidate, PlannedTarget, RuleVerdict, TargetReason } from "../../core/decision.ts";
import type { RoutingRuleEntity } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import { weightedPick } from "../../lib/weighted-pick.ts";
import type { Option } from "../candidates.ts";
import { type Decided, type Fallbacks, type Found, follow, Planner, removed } from "../planner.ts";
import { weigh } from "../prospects.ts";
import { refusal } from "../refuse.ts";
import { askRules, type RuleAnswer, type RuleTarget } from "./ask-rules.ts";

/** What the rules made of a request. */
export interface Ruled {
  readonly verdicts: readonly RuleVerdict[];
  readonly rule: { readonly id: string; readonly name: string } | null;
  /** Null: no rule matched. */
  readonly decided: Decided | null;
}

/** A pair that a target of the rule means, with its share of that target's weight. */
interface Way {
  readonly option: Option;
  readonly share: number;
}

/** What can be had of one target: one pair where it has a provider, all that offer the model where it has none. */
interface Prospects {
  readonly target: RuleTarget;
  readonly ways: readonly Way[];
  readonly removed: readonly Candidate[];
}

/** Null: there are no rules for this caller. */
export function planByRules(planner: Planner): Ruled | null {
  const { features, snapshot, random } = planner;
  let prospects: readonly Prospects[] = [];
  let pulls: readonly number[] = [];
  let number: number | null = null;
  const draw = (targets: readonly RuleTarget[]): number => {
    prospects = targets.map((target) => lookAt(planner, target));
    pulls = pullsOf(prospects);
    number = pulls.filter((pull) => pull > 0).length > 1 ? random.next() : null;
    return weightedPick(pulls, number ?? 0);
  };
  const answer = askRules({ features, snapshot, draw, explains: features.ruleFacts?.explains === true });
  if (answer === null) return null;
  const { rule, verdicts } = answer;
  if (rule === null) return { verdicts, rule: null, decided: null };
  const decided = decide(planner, { ...answer, rule }, prospects, pulls);
  return { verdicts, rule: { id: rule.id, name: rule.name }, decided: { ...decided, draw: number ?? decided.draw } };
}

function lookAt(planner: Planner, target: RuleTarget): Prospects {
  const { provider, model, key } = target;
  const { features, snapshot, view, random, assume } = planner;
  // The caller's own pin is a wish, and cannot hold where the rule takes the request to a provider without that key.
  const hasKey = snapshot.providers.get(provider)?.keys.some(({ id, name }) => id === key || name === key) ?? true;
  const pinnedKey = key !== null && key === features.pinnedKey && !hasKey ? null : key;
  const asIf = { ...features, model, pinnedKey };
  const own = new Planner(asIf, snapshot, view, random, assume);
  if (provider === "") return waysOf(target, own.findBare(model));
  const found = own.named(provider, model);
  return {
    target,
    ways: found.options.map((option) => ({ option, share: 1 })),
    removed: found.removed.map((each) => ({ ...each, weight: target.weight })),
  };
}

function waysOf(target: RuleTarget, found: Found): Prospects {
  const { weights, total, undrawn } = weigh(found);
  const ways = found.options
    .map((option, index) => ({
      option,
      share: total > 0 ? (weights[index] as number) / total : index === undrawn ? 1 : 0,
    }))
    .filter(({ option, share }) => share > 0 || (found.engine === "governance" && option.weight !== null));
  return { target, ways, removed: found.removed };
}

/** Weight and health; with only bad ones left the weights alone, and with nothing at all the weights as configured. */
function pullsOf(prospects: readonly Prospects[]): readonly number[] {
  const usable = ({ ways }: Prospects): boolean => ways.length > 0;
  const healthy = prospects.map((each) => (each.ways.some(({ option }) => option.health > 0) ? each.target.weight : 0));
  const some = prospects.map((each) => (usable(each) ? each.target.weight : 0));
  const any = prospects.map((each) => (usable(each) ? 1 : 0));
  const all = prospects.map(({ target }) => target.weight);
  return [healthy, some, any].find((weights) => weights.some((weight) => weight > 0)) ?? all;
}

function decide(
  planner: Planner,
  answer: RuleAnswer & { readonly rule: RoutingRuleEntity },
  prospects: readonly Prospects[],
  pulls: readonly number[],
): Decided {
  const ways = prospects[answer.drawn]?.ways ?? [];
  const draw = ways.length > 1 ? planner.random.next() : null;
  const first =
    ways[
      weightedPick(
        ways.map(({ share }) => share),
        draw ?? 0,
      )
    ];
  const order: PlannedTarget[] = [];
  if (first !== undefined) order.push(planner.target(first.option, "routing rule"));
  const behind = follow(planner, order, fallbacksOf(planner, answer, prospects, first?.option));
  const candidates = [...candidatesOf(prospects, pulls), ...behind];
  const refused = order.length === 0 ? refusedByRule(planner, answer, candidates) : null;
  return { draw, engine: "routing-rule", candidates, order, refusal: refused };
}

/** The rule's, else the caller's, else the other targets of the rule. */
function fallbacksOf(
  planner: Planner,
  { fallbacks, targets, drawn }: RuleAnswer,
  prospects: readonly Prospects[],
  first: Option | undefined,
): Fallbacks {
  const named = (entries: readonly string[], reason: TargetReason): Fallbacks =>
    planner.namedFallbacks(entries, reason);
  const model = targets[drawn]?.model ?? planner.features.model;
  if (fallbacks.length > 0)
    return named(
      fallbacks.map((entry) => withModel(entry, model, planner)),
      "fallback of the rule",
    );
  if (planner.features.fallbacks.length > 0) return named(planner.features.fallbacks, "fallback named by the caller");
  const others = prospects.flatMap(({ target, ways }) =>
    ways.map(({ option, share }) => ({ option, pull: target.weight * share })),
  );
  others.sort((a, b) => b.option.health - a.option.health || b.pull - a.pull);
  const options = others.map(({ option }) => option).filter((option) => option !== first);
  return { options, reason: "automatic fallback", removed: [] };
}

/** A fallback that names a provider alone (`openai`, `openai/`) keeps the model. */
function withModel(entry: string, model: string, { snapshot }: Planner): string {
  const name = entry.endsWith("/") ? entry.slice(0, -1) : entry;
  return snapshot.providers.has(name) ? `${name}/${model}` : entry;
}

function candidatesOf(prospects: readonly Prospects[], pulls: readonly number[]): Candidate[] {
  const total = pulls.reduce((sum, pull) => sum + pull, 0);
  return prospects.flatMap(({ target, ways, removed: gone }, index) => {
    const pull = total > 0 ? (pulls[index] as number) / total : 0;
    const usable = ways.map(({ option, share }) => ({
      provider: option.provider.name,
      model: option.model,
      weight: target.weight * share,
      share: pull * share,
      health: option.health,
    }));
    if (usable.length + gone.length > 0) return [...usable, ...gone];
    return [removed(target.provider, target.model, "provider not configured", target.weight)];
  });
}

function refusedByRule(
  { features, snapshot }: Planner,
  { rule, targets, drawn }: RuleAnswer & { readonly rule: RoutingRuleEntity },
  candidates: readonly Candidate[],
): GatewayError {
  const { provider, model } = targets[drawn] ?? { provider: "", model: features.model };
  const asked = provider === "" ? model : `${provider}/${model}`;
  const { code, message, param } = refusal({ ...features, model: asked }, candidates, snapshot);
  const told = `${message} ('${asked}' was chosen by the routing rule '${rule.name}'.)`;
  return new GatewayError(code, told, param === undefined ? {} : { param });
}

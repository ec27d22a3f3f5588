// Asks the routing rules in turn, one after the other where they are chained, and tells where they send a request.
import { MOST_VERDICTS, type RequestFeatures, type RuleVerdict } from "../../core/decision.ts";
import type { RoutingRuleEntity, RuleTargetEntity } from "../../core/entities.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { splitModel } from "../candidates.ts";
import { compiledRule } from "./compiled-rule.ts";
import { RuleContext } from "./rule-context.ts";
import { rulesFor } from "./rule-index.ts";
import { rulesWorthAsking } from "./rule-shelf.ts";

/** Where a request stands between two rules. */
export interface RulePlace {
  /** Empty = not chosen yet. */
  readonly provider: string;
  /** Without provider. */
  readonly model: string;
  /** Id or name of a provider key; null = any. */
  readonly key: string | null;
}

/** One way that a rule may send the request. */
export interface RuleTarget extends RulePlace {
  readonly weight: number;
}

/** What the rules say of a request. */
export interface RuleAnswer {
  readonly verdicts: readonly RuleVerdict[];
  /** The last rule that matched; null = none did. */
  readonly rule: RoutingRuleEntity | null;
  /** Its targets, with what they leave open filled in, and which of them was drawn. */
  readonly targets: readonly RuleTarget[];
  readonly drawn: number;
  /** Of the last rule that names some; empty = none does. */
  readonly fallbacks: readonly string[];
}

export interface Asking {
  readonly features: RequestFeatures;
  readonly snapshot: Snapshot;
  /** Index of the target that is taken. */
  readonly draw: (targets: readonly RuleTarget[]) => number;
  /** A rule that does not match says which part of it does not. */
  readonly explains: boolean;
}

const CHAIN_DEPTH = 10;
/** A rule without targets changes fallbacks alone. */
const AS_ASKED: readonly RuleTargetEntity[] = [{ provider: null, model: null, keyId: null, weight: 1 }];

/** Null: there are no rules for this caller. */
export function askRules({ features, snapshot, draw, explains }: Asking): RuleAnswer | null {
  const lists = rulesFor(features.virtualKey, snapshot);
  if (lists.length === 0) return null;
  const asked = splitModel(features.model, snapshot);
  let place: RulePlace = { provider: asked.provider ?? "", model: asked.model, key: features.pinnedKey };
  const context = new RuleContext(features, snapshot, place);
  const verdicts = new Verdicts();
  const seen = new Set([textOf(place)]);
  let answer: Omit<RuleAnswer, "verdicts"> = { rule: null, targets: [], drawn: -1, fallbacks: [] };
  const deepest = snapshot.settings.routingChainDepth ?? CHAIN_DEPTH;
  for (let depth = 0; depth < deepest; depth++) {
    const rule = firstMatch(lists, context, verdicts, explains);
    if (rule === null) break;
    const targets = targetsOf(rule, place, features.pinnedKey);
    const drawn = draw(targets);
    answer = { rule, targets, drawn, fallbacks: rule.fallbacks.length > 0 ? rule.fallbacks : answer.fallbacks };
    place = targets[drawn] ?? place;
    if (!rule.chain || seen.has(textOf(place))) break;
    seen.add(textOf(place));
    context.move(place.provider, place.model);
  }
  return { ...answer, verdicts: verdicts.list };
}

function firstMatch(
  lists: readonly (readonly RoutingRuleEntity[])[],
  context: RuleContext,
  verdicts: Verdicts,
  explains: boolean,
): RoutingRuleEntity | null {
  for (const list of lists)
    for (const entity of explains ? list : rulesWorthAsking(list, context)) {
      const rule = compiledRule(entity);
      const verdict = explains ? rule.explain(context) : rule.ask(context);
      verdicts.add(verdict);
      if (verdict.matched) return entity;
    }
  return null;
}

/** The first ones, and all that matched. */
class Verdicts {
  readonly list: RuleVerdict[] = [];

  add(verdict: RuleVerdict): void {
    if (this.list.length < MOST_VERDICTS) this.list.push(verdict);
    else if (verdict.matched) {
      const place = this.list.findLastIndex(({ matched }) => !matched);
      this.list.splice(place, 1);
      this.list.push(verdict);
    }
  }
}

/** A key that a rule before has pinned belongs to its provider: another one has not got it. */
function targetsOf({ targets }: RoutingRuleEntity, place: RulePlace, asked: string | null): RuleTarget[] {
  return (targets.length === 0 ? AS_ASKED : targets).map(({ provider, model, keyId, weight }) => ({
    provider: provider ?? place.provider,
    model: model ?? place.model,
    key: keyId ?? (provider === null || provider === place.provider ? place.key : asked),
    weight,
  }));
}

function textOf({ provider, model, key }: RulePlace): string {
  return JSON.stringify([provider, model, key]);
}

// Reads governance.routing_rules: that a rule is whole, that its shares add up, its expression compiles, and whom it names is there.
import type { KeyEntity, RoutingRuleEntity } from "../core/entities.ts";
import { nearestName } from "../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { nameProblem } from "./names.ts";
import type { OwnerLookup } from "./owners.ts";
import { type Reading, stableId, withoutRepeats } from "./reading.ts";
import { isPair, ruleEntity } from "./rule-entity.ts";
import type { RoutingRuleConfig } from "./schema/owners.ts";
import { quoted } from "./texts.ts";

/** Whom rules may name. */
export interface RulesReading {
  /** Names of providers that are configured. */
  readonly providers: ReadonlySet<string>;
  readonly owners: OwnerLookup;
  /** Of a configured provider; absent: keys are not looked at. */
  readonly keysOf?: ((provider: string) => readonly KeyEntity[]) | undefined;
}

type TargetConfig = NonNullable<RoutingRuleConfig["targets"]>[number];

/** How far the sum of the shares may be from 1: thirds are written as 0.333. */
const TOLERANCE = 0.01;

/** The rules that can be used; one whose expression does not compile is told and left out. */
export function readRoutingRules(
  reading: Reading,
  list: readonly (RoutingRuleConfig | undefined)[] | undefined,
  options: RulesReading,
): RoutingRuleEntity[] {
  const reader = new RuleReader(reading, options);
  const rules: RoutingRuleEntity[] = [];
  for (const [index, config] of (list ?? []).entries()) {
    const rule = config === undefined ? null : reader.read(config, `governance.routing_rules[${index}]`);
    if (rule !== null) rules.push(rule);
  }
  return rules;
}

class RuleReader {
  readonly #reading: Reading;
  readonly #options: RulesReading;
  readonly #names = new Set<string>();
  readonly #ids = new Set<string>();

  constructor(reading: Reading, options: RulesReading) {
    this.#reading = reading;
    this.#options = options;
  }

  read(config: RoutingRuleConfig, path: string): RoutingRuleEntity | null {
    const name = config.name || config.id || "";
    if (name === "") {
      this.#refuseMissing(config, "name", path, "has no name");
      return null;
    }
    const problem = nameProblem(name);
    if (problem !== null) this.#refuse(config, "name", `${path}.name ${problem}`);
    const id = config.id !== undefined && config.id !== "" ? config.id : stableId("routing-rule", name);
    this.#demandOwn(config, { id, name }, path);
    this.#checkTargets(config, path);
    this.#checkFallbacks(config, path);
    const scopeId = this.#scopeOf(config, path);
    if (!this.#compiles(config, path)) return null;
    return ruleEntity({ id, name }, { ...config, scope_id: scopeId });
  }

  #demandOwn(config: RoutingRuleConfig, { id, name }: { id: string; name: string }, path: string): void {
    const member = this.#names.has(name) ? "name" : this.#ids.has(id) ? "id" : null;
    this.#names.add(name);
    this.#ids.add(id);
    if (member === null) return;
    const { document } = this.#reading;
    document.refuse(document.at(config, member), "duplicate", `${path} has the ${member} of another routing rule`, {
      remedy: "Every one needs its own.",
    });
  }

  #checkTargets(config: RoutingRuleConfig, path: string): void {
    const { document } = this.#reading;
    const { targets } = config;
    if (targets !== undefined && isPair(config))
      document.refuse(
        document.nameAt(config, (config.provider ?? "") === "" ? "model" : "provider"),
        "duplicate",
        `${path} has targets and a single provider or model beside them`,
        { remedy: "Keep the targets." },
      );
    if (targets === undefined || targets.length === 0) {
      if (isPair(config)) this.#checkTarget(config, path);
      // what was there and wrong has been refused already
      else if (targets !== undefined || !document.has(config, "targets"))
        document.refuse(document.at(config, "targets"), "missing", `${path} names no target`, {
          expected: 'a member "targets", such as [{"provider": "openai", "model": "gpt-4o-mini", "weight": 1}]',
        });
      return;
    }
    for (const [index, target] of targets.entries())
      if (target !== undefined) this.#checkTarget(target, `${path}.targets[${index}]`);
    this.#checkWeights(config, targets, path);
  }

  #checkWeights(config: RoutingRuleConfig, targets: readonly TargetConfig[], path: string): void {
    const given = targets.filter((target) => target?.weight !== undefined);
    if (given.length === 0) return;
    const sum = given.reduce((total, { weight }) => total + (weight ?? 0), 0);
    if (given.length === targets.length && Math.abs(sum - 1) <= TOLERANCE) return;
    const found = given.length < targets.length ? "a target without a weight" : String(Number(sum.toFixed(4)));
    this.#refuse(config, "targets", `${path}.targets: the weights must add up to 1`, found);
  }

  #checkTarget(target: TargetConfig | RoutingRuleConfig, path: string): void {
    const provider = target.provider ?? "";
    this.#warnProvider(target, "provider", provider, path);
    const key = ("key_id" in target ? target.key_id : null) ?? "";
    const { keysOf, providers } = this.#options;
    if (key === "" || keysOf === undefined || (provider !== "" && !providers.has(provider))) return;
    const keys = (provider === "" ? [...providers] : [provider]).flatMap((name) => [...keysOf(name)]);
    if (keys.some(({ id, name }) => id === key || name === key)) return;
    const { document } = this.#reading;
    document.warn(
      document.at(target, "key_id"),
      "reference",
      `${path}.key_id: there is no provider key ${quoted(key)}`,
      {
        nearest: nearestName(
          key,
          keys.map(({ name }) => name),
        ),
      },
    );
  }

  /** A provider that is not configured may come later; until then the target is passed over. */
  #warnProvider(owner: object, member: string | number, provider: string, path: string): void {
    const { document, registry } = this.#reading;
    const { providers } = this.#options;
    if (provider === "" || providers.has(provider)) return;
    const isKnown = registry.get(provider) !== undefined || KNOWN_PROVIDERS.includes(provider);
    document.warn(
      document.at(owner, member),
      "reference",
      `${path}: provider ${quoted(provider)} is not configured, so nothing is sent there`,
      { nearest: isKnown ? undefined : nearestName(provider, [...providers]) },
    );
  }

  #checkFallbacks({ fallbacks }: RoutingRuleConfig, path: string): void {
    if (fallbacks === undefined) return;
    for (const name of withoutRepeats(this.#reading, fallbacks, `${path}.fallbacks`)) {
      const slash = name.indexOf("/");
      if (slash > 0) this.#warnProvider(fallbacks, fallbacks.indexOf(name), name.slice(0, slash), `${path}.fallbacks`);
    }
  }

  /** By its id; one that is not in the file may have been made by the API, and virtual keys are looked up later. */
  #scopeOf(config: RoutingRuleConfig, path: string): string | null {
    const { scope = "global" } = config;
    if (scope === "global") return null;
    const written = config.scope_id ?? "";
    if (written === "")
      this.#refuseMissing(config, "scope_id", path, `is for one ${SCOPE_WORDS[scope]}, but names none`);
    if (written === "" || scope === "virtual_key") return written;
    const { owners } = this.#options;
    const owner = scope === "team" ? owners.findTeam(written) : owners.findCustomer(written);
    if (owner !== undefined) return owner.id;
    const { document } = this.#reading;
    document.warn(
      document.at(config, "scope_id"),
      "reference",
      `${path}.scope_id: there is no ${scope} ${quoted(written)}, so the rule matches nothing`,
      { remedy: `One that the API made is found all the same; else declare it under governance.${scope}s.` },
    );
    return written;
  }

  #compiles(config: RoutingRuleConfig, path: string): boolean {
    const { document, expressionProblem } = this.#reading;
    const problem = expressionProblem?.((config.cel_expression ?? "").trim()) ?? null;
    if (problem === null) return true;
    document.warn(
      document.at(config, "cel_expression"),
      "expression",
      `${path}.cel_expression does not compile; the rule is skipped:\n${problem}`,
    );
    return false;
  }

  #refuse(config: object, member: string, message: string, found?: string): void {
    const { document } = this.#reading;
    document.refuse(document.at(config, member), "wrong-value", message, { found });
  }

  #refuseMissing(config: object, member: string, path: string, problem: string): void {
    const { document } = this.#reading;
    const written = (config as Readonly<Record<string, unknown>>)[member] ?? "";
    // one that was there and wrong has been refused already
    if (document.has(config, member) && written !== "" && written !== null) return;
    document.refuse(document.at(config), "missing", `${path} ${problem}`, { expected: `a member "${member}"` });
  }
}

const SCOPE_WORDS = { virtual_key: "virtual key", team: "team", customer: "customer" } as const;

// A routing rule as a form has it so far: read as if it stood in config.json, and asked in the place of the stored one.
import { RuleTable } from "../config/compile-rules.ts";
import type { JsonObject } from "../core/config-store.ts";
import type { RoutingRuleEntity } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { AdminHouse, KnownConfiguration } from "./house.ts";

export interface DraftedRule {
  /** What is in force, with this rule. */
  readonly known: KnownConfiguration;
  /** Findings about the rule. */
  readonly warnings: readonly string[];
}

/** With the id of a stored rule it takes its place, else it is one more. Throws GatewayError as saving would. */
export function withDraftedRule(body: JsonObject, known: KnownConfiguration, house: AdminHouse): DraftedRule {
  const [rule, warnings] = readRule(body, house);
  const table = new RuleTable();
  for (const other of known.snapshot.routingRules) table.put(other);
  if (rule !== null) table.put(rule);
  return { known: { ...known, snapshot: withRules(known.snapshot, table.tried) }, warnings };
}

/** Null: its expression does not compile, which the warnings tell. */
function readRule(body: JsonObject, house: AdminHouse): readonly [RoutingRuleEntity | null, string[]] {
  const { query: _builder, ...rule } = body;
  const draft = house.draft(JSON.stringify({ governance: { routing_rules: [{ ...rule, enabled: true }] } }));
  // a configuration of one rule knows no providers and no owners: only findings about the rule itself are true
  const warnings = draft.warnings.filter((text) => text.includes("cel_expression"));
  const [read] = draft.snapshot.routingRules;
  if (read !== undefined || warnings.length > 0) return [read ?? null, warnings];
  throw new GatewayError("invalid_request", "'draft.routing_rule' is no rule that could be saved", {
    param: "draft.routing_rule",
  });
}

function withRules(snapshot: Snapshot, routingRules: readonly RoutingRuleEntity[]): Snapshot {
  const { version, settings, providers, knownProviders, offers, governance } = snapshot;
  const { priceOverrides, complexity, virtualKeyCount } = snapshot;
  return {
    version,
    settings,
    providers,
    knownProviders,
    offers,
    governance,
    priceOverrides,
    complexity,
    virtualKeyCount,
    routingRules,
    findVirtualKey: (hash) => snapshot.findVirtualKey(hash),
    findVirtualKeyById: (id) => snapshot.findVirtualKeyById(id),
  };
}

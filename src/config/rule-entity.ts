// A routing rule as the loop is told of it, made from its body: the same for bodies of the file, of the store and of the API.
import type { RoutingRuleEntity, RuleScope, RuleTargetEntity } from "../core/entities.ts";

/** The members of a rule's body that matter here; whatever else stands in them counts as not written. */
export type RuleBody = Readonly<Record<string, unknown>>;

const SCOPES: readonly string[] = ["virtual_key", "team", "customer"] satisfies RuleScope[];

/** The entity of a body that was checked. */
export function ruleEntity(
  { id, name }: { readonly id: string; readonly name: string },
  body: RuleBody,
): RoutingRuleEntity {
  const written = body["scope"];
  const scope = (typeof written === "string" && SCOPES.includes(written) ? written : "global") as RuleScope;
  const priority = body["priority"];
  return {
    kind: "routing-rule",
    id,
    name,
    enabled: body["enabled"] !== false,
    chain: body["chain_rule"] === true,
    expression: textOr(body["cel_expression"], "").trim(),
    targets: targetsOf(body),
    fallbacks: Array.isArray(body["fallbacks"]) ? body["fallbacks"].filter(isText) : [],
    scope,
    scopeId: scope === "global" ? null : textOr(body["scope_id"], ""),
    priority: typeof priority === "number" ? priority : 0,
  };
}

/** Those of `targets`, or the single pair of provider and model; without any weight the shares are equal. */
export function targetsOf(body: RuleBody): RuleTargetEntity[] {
  const { targets } = body;
  const given = Array.isArray(targets) ? targets.filter(isObject) : isPair(body) ? [{ ...body, weight: 1 }] : [];
  const isEven = given.every(({ weight }) => typeof weight !== "number");
  return given.map(({ provider, model, key_id: key, weight }) => ({
    provider: textOr(provider, null),
    model: textOr(model, null),
    keyId: textOr(key, null),
    weight: isEven ? 1 / given.length : typeof weight === "number" ? weight : 0,
  }));
}

/** The older spelling: one provider and model beside the other members. */
export function isPair(body: RuleBody): boolean {
  return textOr(body["provider"], null) !== null || textOr(body["model"], null) !== null;
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is RuleBody {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

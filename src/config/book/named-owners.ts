// Whom a body that comes by the API names: teams, customers, providers and virtual keys must be there, and are named by their ids.
import type { GovernanceKind } from "../../core/config-book.ts";
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { nearestName } from "../../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "../known-providers.ts";
import { quoted } from "../texts.ts";
import type { Ledger } from "./ledger.ts";
import { findKey } from "./owner-ids.ts";
import { isObject } from "./pointers.ts";

/** The body with ids in place of names. What was named before may be gone. Throws GatewayError (404). */
export async function withNamedOwners(
  ledger: Ledger,
  kind: GovernanceKind,
  body: JsonObject,
  before: JsonObject,
): Promise<JsonObject> {
  switch (kind) {
    case "customer":
      return body;
    case "team":
      return withOwnerId(ledger, body, before, "customer_id");
    case "provider-limit":
      demandProvider(ledger, body, before, "provider");
      return body;
    case "model-config":
      demandProvider(ledger, body, before, "provider");
      return body["scope"] === "virtual_key" ? withKeyId(ledger, body, before, "scope_id") : body;
    case "pricing-override":
      demandProvider(ledger, body, before, "provider_id");
      demandProviderKey(ledger, body, before);
      return withKeyId(ledger, body, before, "virtual_key_id");
    case "routing-rule":
      demandTargets(ledger, body, before);
      return withScope(ledger, body, before);
  }
}

/** Providers and keys to which a rule sends; those that it had may be gone. */
function demandTargets(ledger: Ledger, body: JsonObject, before: JsonObject): void {
  const known = targetsOf(before);
  for (const [index, target] of targetsOf(body).entries()) {
    const path = body["targets"] === undefined ? "" : `targets[${index}].`;
    const provider = textOf(target["provider"]);
    const key = textOf(target["key_id"]);
    if (!known.some((one) => textOf(one["provider"]) === provider))
      demandProvider(ledger, { [`${path}provider`]: provider }, {}, `${path}provider`);
    if (!known.some((one) => textOf(one["key_id"]) === key)) demandKey(ledger, key, provider, `${path}key_id`);
  }
}

function targetsOf(body: JsonObject): JsonObject[] {
  const { targets } = body;
  return Array.isArray(targets) ? (targets as JsonValue[]).filter(isObject) : [body];
}

/** Whom the rule is for, by its id. */
async function withScope(ledger: Ledger, body: JsonObject, before: JsonObject): Promise<JsonObject> {
  const scope = body["scope"];
  const old = scope === before["scope"] ? before : {};
  if (scope === "virtual_key") return withKeyId(ledger, body, old, "scope_id");
  return scope === "team" || scope === "customer"
    ? withId(ledger, body, old, { member: "scope_id", what: scope })
    : body;
}

const OWNER_WORDS = { team_id: "team", customer_id: "customer" } as const;

/** The team or customer that this member names, by its id. */
export function withOwnerId(
  ledger: Ledger,
  body: JsonObject,
  before: JsonObject,
  member: keyof typeof OWNER_WORDS,
): JsonObject {
  return withId(ledger, body, before, { member, what: OWNER_WORDS[member] });
}

function withId(
  ledger: Ledger,
  body: JsonObject,
  before: JsonObject,
  { member, what }: { readonly member: string; readonly what: "team" | "customer" },
): JsonObject {
  const written = textOf(body[member]);
  if (written === "" || written === before[member]) return body;
  const owner = ledger.owners.find(what, written);
  if (owner !== undefined) return { ...body, [member]: owner.entry.id };
  const names = Array.from(ledger.owners.all(what), ({ entry }) => entry.name);
  throw notFound(`there is no ${what} with the id or name ${quoted(written)}`, member, nearestName(written, names));
}

async function withKeyId(ledger: Ledger, body: JsonObject, before: JsonObject, member: string): Promise<JsonObject> {
  const written = textOf(body[member]);
  if (written === "" || written === before[member]) return body;
  const entry = await ledger.ask(() => findKey(ledger.store, written));
  if (entry !== null) return { ...body, [member]: entry.id };
  throw notFound(`there is no virtual key with the id or name ${quoted(written)}`, member);
}

/** A provider that is only not configured yet may come later. */
function demandProvider(ledger: Ledger, body: JsonObject, before: JsonObject, member: string): void {
  const name = textOf(body[member]);
  if (name === "" || name === before[member]) return;
  const { registry } = ledger.options;
  const configured = ledger.providers.names();
  if (configured.includes(name) || registry.get(name) !== undefined || KNOWN_PROVIDERS.includes(name)) return;
  const nearest = nearestName(name, [...configured, ...registry.all().map((adapter) => adapter.name)]);
  throw notFound(`the provider ${quoted(name)} is neither configured nor known`, member, nearest);
}

function demandProviderKey(ledger: Ledger, body: JsonObject, before: JsonObject): void {
  const written = textOf(body["provider_key_id"]);
  if (written === before["provider_key_id"]) return;
  demandKey(ledger, written, textOf(body["provider_id"]), "provider_key_id");
}

/** `provider` empty: of whatever provider. */
function demandKey(ledger: Ledger, written: string, provider: string, param: string): void {
  if (written === "") return;
  const keys = ledger.providers
    .names()
    .filter((name) => provider === "" || name === provider)
    .flatMap((name) => ledger.providers.item(name)?.keys ?? []);
  if (keys.some(({ id, name }) => id === written || name === written)) return;
  const nearest = nearestName(
    written,
    keys.map(({ name }) => name),
  );
  throw notFound(`there is no provider key with the id or name ${quoted(written)}`, param, nearest);
}

function notFound(problem: string, param: string, nearest?: string): GatewayError {
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return new GatewayError("not_found", `'${param}': ${problem}${hint}`, { param });
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

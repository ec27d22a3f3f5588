// Whom a body that comes by the API names: teams, customers, providers and virtual keys must be there, and are named by their ids.
import type { GovernanceKind } from "../../core/config-book.ts";
import type { JsonObject, JsonValue } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { nearestName } from "../../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "../known-providers.ts";
import { quoted } from "../texts.ts";
import type { Ledger } from "./ledger.ts";
import { findKey } from "./owner-ids.ts";

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
  }
}

const OWNER_WORDS = { team_id: "team", customer_id: "customer" } as const;

/** The team or customer that this member names, by its id. */
export function withOwnerId(
  ledger: Ledger,
  body: JsonObject,
  before: JsonObject,
  member: keyof typeof OWNER_WORDS,
): JsonObject {
  const written = textOf(body[member]);
  if (written === "" || written === before[member]) return body;
  const what = OWNER_WORDS[member];
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
  if (written === "" || written === before["provider_key_id"]) return;
  const provider = textOf(body["provider_id"]);
  const keys = ledger.providers
    .names()
    .filter((name) => provider === "" || name === provider)
    .flatMap((name) => ledger.providers.item(name)?.keys ?? []);
  if (keys.some(({ id, name }) => id === written || name === written)) return;
  const nearest = nearestName(
    written,
    keys.map(({ name }) => name),
  );
  throw notFound(`there is no provider key with the id or name ${quoted(written)}`, "provider_key_id", nearest);
}

function notFound(problem: string, param: string, nearest?: string): GatewayError {
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return new GatewayError("not_found", `'${param}': ${problem}${hint}`, { param });
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

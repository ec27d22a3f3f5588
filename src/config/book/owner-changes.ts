// Changes of owners of limits and of configured prices: from the body that came to the entry that is stored.
import { randomUUID } from "node:crypto";
import type { GovernanceKind } from "../../core/config-book.ts";
import type { EntryChange, JsonObject, StoredEntry } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { quoted } from "../texts.ts";
import { childrenAbove } from "./children-above.ts";
import { KIND_TEXTS, type Ledger } from "./ledger.ts";
import { withKnownLimitIds } from "./limit-ids.ts";
import { withNamedOwners } from "./named-owners.ts";
import { AS_VERSION_2 } from "./normal.ts";
import { normalOwner, type OwnerIdentity, ownerIdentity } from "./normal-owners.ts";
import { governanceEntity } from "./owner-entries.ts";
import { removalOf } from "./provider-changes.ts";
import { readGovernanceBody } from "./read-body.ts";
import { demandGood } from "./refuse.ts";

/** A checked entry. */
export interface PlannedOwner {
  readonly entry: StoredEntry;
  readonly warnings: readonly string[];
}

/** The whole wanted body; `id` null = a new one. */
export async function planOwner(
  ledger: Ledger,
  kind: GovernanceKind,
  id: string | null,
  given: JsonObject,
): Promise<PlannedOwner> {
  const known = id === null ? undefined : ledger.owners.get(kind, id)?.entry;
  const before = known?.body ?? {};
  demandSupported(kind, given, id);
  const named = withName(kind, given, id, known);
  const body = await withNamedOwners(ledger, kind, withKnownLimitIds(named, before), before);
  const identity = identityOf(kind, body, id);
  const normal = normalOwner(kind, body, identity, AS_VERSION_2);
  const findings = readGovernanceBody(kind, normal, referable(ledger), ledger.options);
  const warnings = demandGood(findings);
  demandFree(ledger, kind, identity, id === null);
  const entry = await entryOf(ledger, { kind, ...identity, body: normal, known });
  const above = await childrenAbove(ledger, governanceEntity(kind, entry), ledger.owners.get(kind, entry.id)?.entity);
  return { entry, warnings: [...warnings, ...above] };
}

/** A name that is left out stays. */
function withName(
  kind: GovernanceKind,
  given: JsonObject,
  id: string | null,
  known: StoredEntry | undefined,
): JsonObject {
  if (kind === "provider-limit") return id === null ? given : { ...given, provider: id };
  const { name } = given;
  if (kind === "model-config" || (name !== undefined && name !== null && name !== "")) return given;
  if (known !== undefined) return { ...given, name: known.name };
  throw new GatewayError("missing_field", `'name' is missing: a name for the ${KIND_TEXTS[kind]}`, { param: "name" });
}

function demandSupported(kind: GovernanceKind, given: JsonObject, id: string | null): void {
  if (kind === "model-config" && given["scope"] === "user")
    throw new GatewayError(
      "invalid_request",
      "'scope': limits of one user are not supported yet; use virtual_key or global",
      { param: "scope" },
    );
  const provider = given["provider"];
  if (kind === "provider-limit" && id !== null && typeof provider === "string" && provider !== "" && provider !== id)
    throw new GatewayError(
      "invalid_request",
      `'provider' is ${quoted(provider)}, but these are the limits of '${id}'`,
      {
        param: "provider",
      },
    );
}

/** Of one that lacks what names it the reader tells what is missing. */
function identityOf(kind: GovernanceKind, body: JsonObject, id: string | null): OwnerIdentity {
  const given = body["id"];
  const isGiven = typeof given === "string" && given !== "";
  const own = id ?? (kind === "provider-limit" ? null : isGiven ? given : randomUUID());
  return ownerIdentity(kind, body, AS_VERSION_2, own) ?? { id: own ?? "", name: "", owner: "" };
}

function referable(ledger: Ledger): Parameters<typeof readGovernanceBody>[2] {
  return { providers: new Set(ledger.providers.names()), owners: ledger.owners };
}

function demandFree(ledger: Ledger, kind: GovernanceKind, { id, name, owner }: OwnerIdentity, isNew: boolean): void {
  if (isNew && ledger.owners.get(kind, id) !== undefined)
    throw new GatewayError(
      "conflict",
      kind === "provider-limit"
        ? `the provider '${id}' has limits already`
        : `there is a ${KIND_TEXTS[kind]} with the id '${id}' already`,
      { param: kind === "provider-limit" ? "provider" : "id" },
    );
  const other = ledger.owners.findByName(kind, name, owner)?.entry;
  if (other === undefined || other.id === id) return;
  throw kind === "model-config"
    ? new GatewayError(
        "conflict",
        `there are limits for this model, provider and scope already: the model config '${other.id}'`,
        { param: "model_name" },
      )
    : new GatewayError("conflict", `there is a ${KIND_TEXTS[kind]} with the name '${name}' already`, { param: "name" });
}

interface Wanted extends OwnerIdentity {
  readonly kind: GovernanceKind;
  readonly body: JsonObject;
  readonly known: StoredEntry | undefined;
}

async function entryOf(ledger: Ledger, { kind, id, name, owner, body, known }: Wanted): Promise<StoredEntry> {
  const now = ledger.options.now();
  // one that was deleted stays known by what the file said
  const base = known ?? (await ledger.ask(() => ledger.store.get(kind, id)));
  return {
    kind,
    id,
    name,
    owner,
    body,
    secrets: {},
    lookup: "",
    source: "api",
    fileHash: base?.fileHash ?? null,
    deleted: false,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  };
}

const MOST_NAMED = 3;

/** What is to be stored so that it is gone. Throws GatewayError (409) while others belong to it. */
export async function planOwnerRemoval(ledger: Ledger, kind: GovernanceKind, id: string): Promise<EntryChange[]> {
  const entry = ledger.owners.get(kind, id)?.entry;
  if (entry === undefined) return [];
  if (kind === "team" || kind === "customer") await demandUnused(ledger, kind, entry);
  return [removalOf(entry, ledger)];
}

async function demandUnused(ledger: Ledger, kind: "team" | "customer", { id, name }: StoredEntry): Promise<void> {
  const users: string[] = [];
  let count = 0;
  const note = (what: string, user: string): void => {
    if (++count <= MOST_NAMED) users.push(`${what} ${quoted(user)}`);
  };
  if (kind === "customer")
    for (const { entry } of ledger.owners.all("team")) if (entry.body["customer_id"] === id) note("team", entry.name);
  await ledger.ask(() =>
    ledger.store.each("virtual-key", (entry) => {
      if (!entry.deleted && entry.body[`${kind}_id`] === id) note("virtual key", entry.name);
    }),
  );
  if (count === 0) return;
  const rest = count > users.length ? ` and ${count - users.length} more` : "";
  throw new GatewayError(
    "conflict",
    `the ${kind} '${name}' is in use by ${users.join(", ")}${rest}: take it off them first`,
    { param: `${kind}_id` },
  );
}

/** Limits and prices that the API made for this virtual key alone: they go with it. */
export function planKeyFollowers(ledger: Ledger, id: string): EntryChange[] {
  const entries = [...ledger.owners.all("model-config"), ...ledger.owners.all("pricing-override")]
    .filter(({ entity }) => "virtualKeyId" in entity && entity.virtualKeyId === id)
    .map(({ entry }) => entry);
  return entries.filter(({ fileHash }) => fileHash === null).map((entry) => removalOf(entry, ledger));
}

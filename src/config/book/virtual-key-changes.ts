// Changes of virtual keys: from the body that came to the entry that is stored, and the secret that is shown once.
import { randomUUID } from "node:crypto";
import type { JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { nearestName } from "../../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "../known-providers.ts";
import { resolve } from "../reading.ts";
import { quoted } from "../texts.ts";
import { hashSecret } from "../virtual-keys.ts";
import type { Ledger } from "./ledger.ts";
import { withKnownKeyIds } from "./limit-ids.ts";
import { withOwnerId } from "./named-owners.ts";
import { AS_VERSION_2, normalVirtualKey } from "./normal.ts";
import { isObject } from "./pointers.ts";
import { type BodyFinding, readVirtualKeyBody } from "./read-body.ts";
import { demandGood } from "./refuse.ts";
import { bareSecret, isReference } from "./secrets.ts";
import { keptValue, shownValue } from "./virtual-key-entry.ts";

/** A checked virtual key. */
export interface PlannedKey {
  readonly entry: StoredEntry;
  readonly warnings: readonly string[];
  /** The secret in clear; empty where it is not known (a reference to an unset variable). */
  readonly value: string;
}

export function newSecret(): string {
  return `sk-bf-${randomUUID()}`;
}

/** A key that is not there yet. A secret is made unless the body brings one. */
export async function planNewKey(ledger: Ledger, body: JsonObject): Promise<PlannedKey> {
  const given = secretOf(body);
  const secret = given === "" ? newSecret() : given;
  const { text, isNamed } = secretText(ledger, secret);
  const name = textOf(body["name"]) ?? (isNamed ? text : null);
  if (name === null || name === "")
    throw new GatewayError("missing_field", "'name' is missing: a name by which people know the virtual key", {
      param: "name",
    });
  const wanted = textOf(body["id"]);
  const id = wanted ?? randomUUID();
  if (wanted !== null && (await isLive(ledger, id)))
    throw new GatewayError("conflict", `there is a virtual key with the id '${id}' already`, { param: "id" });
  const known = await ledger.ask(() => ledger.store.get("virtual-key", id));
  const base = { fileHash: known?.fileHash ?? null, createdAt: null, lookup: "", body: {} };
  return checked(ledger, { body: { ...body, value: secret }, id, name, base, secret });
}

/** The whole wanted body; the secret stays unless another one is given. */
export async function planKeyChange(ledger: Ledger, known: StoredEntry, body: JsonObject): Promise<PlannedKey> {
  const given = secretOf(body);
  const kept = given === "" || given === shownValue(known, ledger.options.environment) || given === known.body["value"];
  return checked(ledger, {
    body: { ...body, value: kept ? (known.body["value"] ?? "") : given },
    id: known.id,
    name: textOf(body["name"]) ?? known.name,
    base: known,
    secret: kept ? null : given,
  });
}

/** The same key with another secret. */
export async function planRotation(ledger: Ledger, known: StoredEntry): Promise<PlannedKey> {
  const secret = newSecret();
  return checked(ledger, {
    body: { ...known.body, value: secret },
    id: known.id,
    name: known.name,
    base: known,
    secret,
  });
}

interface Wanted {
  readonly body: JsonObject;
  readonly id: string;
  readonly name: string;
  /** What it was before; without a time it was not there. */
  readonly base: Pick<StoredEntry, "fileHash" | "lookup" | "body"> & { readonly createdAt: number | null };
  /** Null: it stays. */
  readonly secret: string | null;
}

async function checked(ledger: Ledger, wanted: Wanted): Promise<PlannedKey> {
  const { id, name, secret, base } = wanted;
  const { virtual_key: _other, ...body } = withKnownKeyIds(wanted.body, base.body);
  const named = withOwnerId(ledger, withOwnerId(ledger, body, base.body, "team_id"), base.body, "customer_id");
  const normal = normalVirtualKey(named, { id, name }, AS_VERSION_2);
  demandKnownProviders(ledger, normal, base.body);
  const warnings = demandGood(findingsOf(ledger, normal, secret));
  const now = ledger.options.now();
  const { lookup, value, kept } = secretParts(ledger, name, secret, base.lookup, normal["value"]);
  const hash = isReference(kept) ? hashSecret(value) : lookup;
  if (secret !== null && value !== "") await demandFreeSecret(ledger, hash, id);
  const entry: StoredEntry = {
    kind: "virtual-key",
    id,
    name,
    owner: "",
    body: { ...normal, value: kept },
    secrets: {},
    lookup,
    source: "api",
    fileHash: base.fileHash,
    deleted: false,
    createdAt: base.createdAt ?? now,
    updatedAt: now,
  };
  return { entry, warnings, value };
}

/** Reads it as the file would be read; a secret that stays is not known, and a word stands in its place. */
function findingsOf(ledger: Ledger, normal: JsonObject, secret: string | null): readonly BodyFinding[] {
  const providers = new Map(ledger.providers.entities().map((entity) => [entity.name, entity]));
  const leftOut = new Set(ledger.providers.names().filter((name) => !providers.has(name)));
  const body = { ...normal, value: secret ?? "kept" };
  return readVirtualKeyBody(body, { providers, leftOut, owners: ledger.owners }, ledger.options).findings.filter(
    (finding) => finding.code !== "unset-variable" || secret !== null,
  );
}

/** A provider that nobody knows is a slip; one that is only not configured yet may come later, and one that was named before may be gone. */
function demandKnownProviders(ledger: Ledger, body: JsonObject, before: JsonObject): void {
  const { registry } = ledger.options;
  const named = new Set(providersOf(before));
  const configured = ledger.providers.names();
  for (const name of providersOf(body)) {
    const isKnown = configured.includes(name) || registry.get(name) !== undefined || KNOWN_PROVIDERS.includes(name);
    if (isKnown || named.has(name) || name === "*" || name === "") continue;
    const nearest = nearestName(name, [...configured, ...registry.all().map((adapter) => adapter.name)]);
    throw new GatewayError(
      "invalid_request",
      `provider_configs names the provider ${quoted(name)}, which is neither configured nor known${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`,
      { param: "provider_configs" },
    );
  }
}

function providersOf(body: JsonObject): string[] {
  const configs = body["provider_configs"];
  if (!Array.isArray(configs)) return [];
  return configs.flatMap((config) =>
    isObject(config) && typeof config["provider"] === "string" ? [config["provider"]] : [],
  );
}

function secretParts(
  ledger: Ledger,
  name: string,
  secret: string | null,
  lookup: string,
  written: JsonValue | undefined,
): { lookup: string; value: string; kept: string } {
  if (secret === null) {
    const text = typeof written === "string" ? written : "";
    // a secret that was the name stands there in clear: under another name it is hidden
    return { lookup, value: "", kept: text !== "" && hashSecret(text) === lookup ? keptValue(text, name) : text };
  }
  const { text } = secretText(ledger, secret);
  if (isReference(secret)) return { lookup: "", value: text, kept: secret };
  return { lookup: hashSecret(secret), value: secret, kept: keptValue(secret, name) };
}

/** The secret in clear, and whether it may stand for a name. */
function secretText(ledger: Ledger, secret: string): { text: string; isNamed: boolean } {
  const resolved = resolve(secret, ledger.options.environment);
  return resolved.type === "text" ? { text: resolved.text, isNamed: true } : { text: "", isNamed: false };
}

async function demandFreeSecret(ledger: Ledger, hash: string, id: string): Promise<void> {
  const other = await ledger.ask(() => ledger.findByLookup(hash));
  if (other !== null && other.id !== id)
    throw new GatewayError("conflict", "another virtual key has the same value; every one needs its own", {
      param: "value",
    });
}

async function isLive(ledger: Ledger, id: string): Promise<boolean> {
  const entry = await ledger.ask(() => ledger.store.get("virtual-key", id));
  return entry !== null && !entry.deleted;
}

/** The secret that the body brings, in any form; empty: none. */
function secretOf(body: JsonObject): string {
  const written = bareSecret(body["value"] ?? body["virtual_key"] ?? "");
  if (typeof written === "string") return written;
  throw new GatewayError("invalid_request", "'value' must be text", { param: "value" });
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

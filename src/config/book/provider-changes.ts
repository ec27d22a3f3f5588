// Changes of providers and their keys: from the body that came to the entries that are stored.
import { randomUUID } from "node:crypto";
import type { EntryChange, JsonObject, StoredEntry } from "../../core/config-store.ts";
import type { KeyEntity, ProviderEntity } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import { demandAllowed } from "./address-rule.ts";
import { compileStored } from "./held-providers.ts";
import type { Ledger } from "./ledger.ts";
import { looseKeyBody } from "./loose-provider.ts";
import { AS_VERSION_2, keysOf, normalKey, normalProvider } from "./normal.ts";
import type { BodyFinding } from "./read-body.ts";
import { demandGood } from "./refuse.ts";
import { bareSecret, keepMasked, shownSecrets, takeSecrets } from "./secrets.ts";
import { KEY_SHAPE, PROVIDER_SHAPE } from "./shapes.ts";

/** A change that was checked and is not made yet. */
export interface Planned {
  readonly changes: readonly EntryChange[];
  readonly warnings: readonly string[];
  /** Of a provider: what it would be served as; null = it cannot run. */
  readonly entity?: ProviderEntity | null;
}

interface Wanted {
  readonly entry: StoredEntry;
  readonly keys: readonly StoredEntry[];
  /** Ids of keys whose secret came with this body. */
  readonly renewed: ReadonlySet<string>;
  /** The one key that the caller sent: of the others nothing is said. */
  readonly only?: StoredEntry;
}

/** The whole provider as `body` wants it. */
export async function planProvider(ledger: Ledger, name: string, body: JsonObject): Promise<Planned> {
  const keysBefore = knownKeys(ledger, name);
  const entry = providerEntry(ledger, name, body);
  const given = keysOf(body);
  if (given === undefined) return plan(ledger, { entry, keys: keysBefore, renewed: new Set() });
  const keys: StoredEntry[] = [];
  const renewed = new Set<string>();
  for (const [index, item] of given.entries()) {
    const made = keyEntry(ledger, name, item, matchOf(item, keysBefore), index + 1, keys);
    keys.push(made.entry);
    if (made.isRenewed) renewed.add(made.entry.id);
  }
  return plan(ledger, { entry, keys, renewed });
}

/** The provider as it is, with one key more or another in its place. */
export async function planKey(
  ledger: Ledger,
  provider: string,
  body: JsonObject,
  id: string | null,
): Promise<Planned & { readonly id: string }> {
  const keysBefore = knownKeys(ledger, provider);
  const known = id === null ? undefined : keysBefore.find((key) => key.id === id);
  const others = keysBefore.filter((key) => key !== known);
  const given = id === null ? body : { ...body, id };
  const made = keyEntry(ledger, provider, given, known, keysBefore.length + 1, others);
  const keys =
    known === undefined ? [...keysBefore, made.entry] : keysBefore.map((key) => (key === known ? made.entry : key));
  const renewed = new Set(made.isRenewed ? [made.entry.id] : []);
  const planned = await plan(ledger, { entry: knownProvider(ledger, provider), keys, renewed, only: made.entry });
  return { ...planned, id: made.entry.id };
}

/** The provider without this key. */
export async function planKeyRemoval(ledger: Ledger, provider: string, id: string): Promise<Planned> {
  const keys = knownKeys(ledger, provider).filter((key) => key.id !== id);
  return plan(ledger, { entry: knownProvider(ledger, provider), keys, renewed: new Set() });
}

/** The end of the provider and its keys. */
export function planRemoval(ledger: Ledger, name: string): Planned {
  const entry = ledger.providers.entryOf(name);
  // one that is not stored comes back at the next start, unless the store remembers that it is gone
  const gone = entry === null ? { ...knownProvider(ledger, name), body: {}, deleted: true } : null;
  const keys = ledger.providers.keysOf(name).map((key) => removalOf(key, ledger));
  const own: EntryChange = gone === null ? removalOf(entry as StoredEntry, ledger) : { type: "put", entry: gone };
  return { changes: [own, ...keys], warnings: [] };
}

/** What the file declares, and what would come back by itself, is remembered as deleted. */
export function removalOf(entry: StoredEntry, ledger: Ledger): EntryChange {
  const { kind, id } = entry;
  const comesBack =
    entry.fileHash !== null || (kind === "provider" && ledger.options.loose.some((one) => one.name === id));
  if (!comesBack) return { type: "remove", kind, id };
  return { type: "put", entry: { ...entry, secrets: {}, lookup: "", deleted: true, updatedAt: ledger.options.now() } };
}

/** Checks the wanted provider as a whole, and compares it with what is stored. */
async function plan(ledger: Ledger, wanted: Wanted): Promise<Planned> {
  const { entry, keys } = wanted;
  const read = compileStored(entry, keys, ledger.options, "API");
  const warnings = demandGood(wanted.only === undefined ? read.findings : aboutKey(read.findings, keys, wanted.only));
  const before = ledger.providers.entityOf(entry.id);
  if (read.entity !== null) {
    await demandAllowed(read.entity, before, ledger.options.addresses);
    if (before !== null) demandSameHosts(read.entity, before, wanted.renewed, ledger);
  }
  const left = new Set(keys.map((key) => key.id));
  const puts = [entry, ...keys].filter((one) => isNew(one, ledger));
  const gone = ledger.providers.keysOf(entry.id).filter((key) => !left.has(key.id));
  const changes = [...gone.map((key) => removalOf(key, ledger)), ...puts.map(putOf)];
  return { changes, warnings, entity: read.entity };
}

/** What was found about this key, by the paths of its own body; and what keeps the whole from being used. */
function aboutKey(
  findings: readonly BodyFinding[],
  keys: readonly StoredEntry[],
  key: StoredEntry,
): readonly BodyFinding[] {
  const path = `keys[${keys.indexOf(key)}]`;
  const isMeant = ({ message }: BodyFinding): boolean =>
    message.includes(path) || message.includes(`key ${JSON.stringify(key.name)} of provider`);
  return findings
    .filter((finding) => finding.severity === "error" || isMeant(finding))
    .map((finding) => ({
      ...finding,
      message: finding.message.replaceAll(`${path}.`, "").replaceAll(path, "the key"),
    }));
}

function putOf(entry: StoredEntry): EntryChange {
  return { type: "put", entry };
}

function isNew(entry: StoredEntry, ledger: Ledger): boolean {
  const { providers } = ledger;
  if (entry.kind === "provider") return providers.entryOf(entry.id) !== entry;
  return !providers.keysOf(entry.owner).includes(entry);
}

/** A secret that was given for one host is not sent to another because an address was changed. Throws GatewayError. */
export function demandSameHosts(
  after: ProviderEntity,
  before: ProviderEntity,
  renewed: ReadonlySet<string>,
  ledger: Ledger,
): void {
  for (const key of after.keys) {
    const known = before.keys.find((one) => one.id === key.id);
    if (known === undefined || known.value === "" || known.value !== key.value || renewed.has(key.id)) continue;
    const [hostBefore, hostAfter] = [hostOf(before, known, ledger), hostOf(after, key, ledger)];
    if (hostBefore === null || hostAfter === null || hostBefore === hostAfter) continue;
    throw new GatewayError(
      "invalid_request",
      `key '${key.name}' was given for ${hostBefore}; to send it to ${hostAfter} its value must be given again`,
      { param: "keys" },
    );
  }
}

function hostOf(provider: ProviderEntity, key: KeyEntity, ledger: Ledger): string | null {
  try {
    const connection = ledger.options.registry.get(provider.base)?.connect(provider, key);
    return connection === undefined ? null : (URL.parse(connection.baseUrl)?.host ?? null);
  } catch {
    return null;
  }
}

function knownProvider(ledger: Ledger, name: string): StoredEntry {
  return ledger.providers.entryOf(name) ?? newEntry(ledger, { kind: "provider", id: name, name, owner: "" });
}

/** The keys that are stored, or those of the environment written as entries. */
function knownKeys(ledger: Ledger, name: string): readonly StoredEntry[] {
  const loose = ledger.providers.looseOf(name);
  if (loose === null) return ledger.providers.keysOf(name);
  return loose.keys.flatMap((key): StoredEntry[] => {
    const made = looseKeyBody(loose, key, ledger.options.environment);
    if (made === null) return [];
    return [
      { ...newEntry(ledger, { kind: "provider-key", id: key.id, name: key.name, owner: name }), body: made.body },
    ];
  });
}

function newEntry(ledger: Ledger, own: Pick<StoredEntry, "kind" | "id" | "name" | "owner">): StoredEntry {
  const now = ledger.options.now();
  const rest = { lookup: "", source: "api", fileHash: null, deleted: false, createdAt: now, updatedAt: now } as const;
  return { ...own, ...rest, body: {}, secrets: {} };
}

function providerEntry(ledger: Ledger, name: string, given: JsonObject): StoredEntry {
  const known = knownProvider(ledger, name);
  const shown = shownSecrets(known, PROVIDER_SHAPE, ledger.options.environment);
  const parted = takeSecrets(normalProvider(keepMasked(given, known, shown)), PROVIDER_SHAPE);
  return { ...known, ...parted, source: "api", updatedAt: ledger.options.now() };
}

/** By id, then by name. */
function matchOf(given: JsonObject, known: readonly StoredEntry[]): StoredEntry | undefined {
  const { id, name } = given;
  return (
    known.find((key) => key.id === id) ?? known.find((key) => key.name === name && (id === undefined || id === ""))
  );
}

interface KeyMade {
  readonly entry: StoredEntry;
  /** Its secret came with this body. */
  readonly isRenewed: boolean;
}

function keyEntry(
  ledger: Ledger,
  provider: string,
  given: JsonObject,
  known: StoredEntry | undefined,
  number: number,
  others: readonly StoredEntry[],
): KeyMade {
  const shown = known === undefined ? {} : shownSecrets(known, KEY_SHAPE, ledger.options.environment);
  const written = bareSecret(given["value"] ?? given["key"] ?? "");
  const isKept = known !== undefined && (written === "" || written === shown["/value"]);
  const meant = known === undefined ? given : keepMasked(withValueMember(given), known, shown);
  const kept =
    isKept && written === "" ? { ...meant, value: known.secrets["/value"] ?? known.body["value"] ?? "" } : meant;
  const named = known === undefined ? kept : { ...kept, id: known.id, name: nameOf(kept) ?? known.name };
  const normal = withFreeId(normalKey(named, provider, number, AS_VERSION_2), given, ledger, known, others);
  const parted = takeSecrets(normal, KEY_SHAPE);
  const [id, name] = [String(normal["id"]), String(normal["name"])];
  if (others.some((other) => other.name === name))
    throw new GatewayError("conflict", `provider '${provider}' has a key called '${name}' already`, { param: "name" });
  const base = known ?? newEntry(ledger, { kind: "provider-key", id, name, owner: provider });
  return {
    entry: { ...base, ...parted, id, name, source: "api", updatedAt: ledger.options.now() },
    isRenewed: !isKept && written !== "",
  };
}

function nameOf(body: JsonObject): string | undefined {
  return typeof body["name"] === "string" && body["name"] !== "" ? body["name"] : undefined;
}

/** `key` is another spelling of `value`. */
function withValueMember(body: JsonObject): JsonObject {
  const { key, ...rest } = body;
  return key === undefined || rest["value"] !== undefined ? body : { ...rest, value: key };
}

/** An id made from a name may be another key's that had this name before; one that was asked for must be free. */
function withFreeId(
  body: JsonObject,
  given: JsonObject,
  ledger: Ledger,
  known: StoredEntry | undefined,
  others: readonly StoredEntry[],
): JsonObject {
  const id = String(body["id"]);
  if (known !== undefined && known.id === id) return body;
  const owner = ledger.providers.ownerOf(id);
  if (owner === undefined && !others.some((other) => other.id === id)) return body;
  if (given["id"] === id)
    throw new GatewayError("conflict", `there is a provider key with the id '${id}' already`, { param: "id" });
  return { ...body, id: randomUUID() };
}

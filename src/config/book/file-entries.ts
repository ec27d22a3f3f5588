// What config.json declares, as entries of the store: normal bodies without their secrets, and a hash of each entry's own.
import type { GovernanceKind } from "../../core/config-book.ts";
import type { EntryKind, JsonObject, JsonValue, StoredEntry } from "../../core/config-store.ts";
import type { LoadedFile } from "../load.ts";
import { type Environment, resolve, stableId } from "../reading.ts";
import { hashSecret } from "../virtual-keys.ts";
import { isBlock, shapeOfBlock } from "./blocks.ts";
import { knownMembers } from "./known-members.ts";
import { keysOf, type Meaning, normalKey, normalProvider, normalVirtualKey } from "./normal.ts";
import { normalOwner, ownerIdentity } from "./normal-owners.ts";
import { GOVERNANCE_LISTS } from "./owner-entries.ts";
import { GIVEN_IDS, type OwnerIds } from "./owner-ids.ts";
import { isObject } from "./pointers.ts";
import { bareSecret, isReference, takeSecrets } from "./secrets.ts";
import { KEY_SHAPE, OWNER_SHAPES, PROVIDER_SHAPE, VIRTUAL_KEY_SHAPE } from "./shapes.ts";
import { SharedList } from "./shared-lists.ts";
import { keptValue } from "./virtual-key-entry.ts";

/** What reading entries needs besides the file. */
export interface EntryContext {
  readonly environment: Environment;
  /** A keyed hash: contents hold secrets. */
  fingerprint(text: string): string;
  /** Ids of those that the file calls by their names; absent = everything is an id. */
  readonly owners?: OwnerIds | undefined;
}

/** One entry as the file has it. */
export interface FileEntry {
  readonly kind: EntryKind;
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** What tells whether the file's entry has changed. */
  hash(): string;
  /** Where it stands: counting lines takes time. */
  place(): string;
  /** Made when it is to be stored. */
  parts(): Pick<StoredEntry, "body" | "secrets" | "lookup">;
}

/** The meaning of the file's bodies, by its version. */
export function meaningOf({ members }: LoadedFile, owners: OwnerIds = GIVEN_IDS): Meaning {
  const governance = objectAt(members, "governance");
  const lists = (name: string): JsonObject[] =>
    Array.isArray(governance[name]) ? (governance[name] as JsonValue[]).filter(isObject) : [];
  return {
    emptyMeansAll: members["version"] === 1,
    shared: { budgets: new SharedList(lists("budgets")), rateLimits: new SharedList(lists("rate_limits")) },
    owners,
  };
}

function objectAt(object: Readonly<Record<string, unknown>>, name: string): JsonObject {
  const value = object[name] as JsonValue | undefined;
  return isObject(value) ? value : {};
}

/** `client`, `auth_config` and the like. */
export function* blockEntries(file: LoadedFile, context: EntryContext): Generator<FileEntry> {
  for (const name of Object.keys(file.members)) {
    const given = file.members[name] as JsonValue;
    if (!isBlock(name) || !isObject(given)) continue;
    const shape = shapeOfBlock(name);
    // the rest of this block is entries of their own
    const body = name === "governance" ? knownMembers(given, shape) : given;
    if (name === "governance" && Object.keys(body).length === 0) continue;
    const parts = () => ({ ...takeSecrets(knownMembers(body, shape), shape), lookup: "" });
    const place = (): string => file.placeOf(file.members, name);
    const hash = (): string => context.fingerprint(JSON.stringify(body));
    yield { kind: "block", id: name, name, owner: "", hash, place, parts };
  }
}

/** A provider of the file with its keys. */
export interface FileProvider {
  readonly entry: FileEntry;
  readonly keys: readonly FileEntry[];
}

export function* providerEntries(file: LoadedFile, context: EntryContext): Generator<FileProvider> {
  const meaning = meaningOf(file, context.owners);
  const declared = file.members["providers"] as JsonValue | undefined;
  if (Array.isArray(declared)) {
    for (const body of declared) {
      if (!isObject(body)) continue;
      const name = String(body["provider"] ?? body["name"] ?? "");
      yield providerEntry(name, body, () => file.placeOf(body), { file, context, meaning });
    }
  } else if (isObject(declared)) {
    for (const [name, body] of Object.entries(declared))
      if (isObject(body))
        yield providerEntry(name, body, () => file.placeOf(declared, name), { file, context, meaning });
  }
}

interface Reading {
  readonly file: LoadedFile;
  readonly context: EntryContext;
  readonly meaning: Meaning;
}

function providerEntry(name: string, given: JsonObject, place: () => string, reading: Reading): FileProvider {
  const body = normalProvider(knownMembers(given, PROVIDER_SHAPE));
  const hash = remembered(() => reading.context.fingerprint(JSON.stringify(body)));
  const parts = () => ({ ...takeSecrets(body, PROVIDER_SHAPE), lookup: "" });
  const entry: FileEntry = { kind: "provider", id: name, name, owner: "", hash, place, parts };
  return { entry, keys: keyEntries(name, given, reading) };
}

/** Equal credentials in both lists are one key, as the reader counts them. */
function keyEntries(provider: string, given: JsonObject, { file, context, meaning }: Reading): FileEntry[] {
  const entries: FileEntry[] = [];
  const seen = new Set<string>();
  for (const item of keysOf(given) ?? []) {
    const body = normalKey(knownMembers(item, KEY_SHAPE), provider, entries.length + 1, meaning);
    const credential = credentialOf(body, context.environment);
    if (credential !== null && seen.has(credential)) continue;
    if (credential !== null) seen.add(credential);
    const [id, name] = [String(body["id"]), String(body["name"])];
    const parts = () => ({ ...takeSecrets(body, KEY_SHAPE), lookup: "" });
    const hash = remembered(() => context.fingerprint(JSON.stringify(body)));
    const place = (): string => file.placeOf(item);
    entries.push({ kind: "provider-key", id, name, owner: provider, hash, place, parts });
  }
  return entries;
}

/** What makes two keys the same one; null for a key without a secret. */
function credentialOf(body: JsonObject, environment: Environment): string | null {
  const written = body["value"];
  const resolved = typeof written === "string" ? resolve(written, environment) : null;
  if (resolved === null || resolved.type !== "text" || resolved.text === "") return null;
  const blocks = ["azure_key_config", "vllm_key_config", "ollama_key_config", "sgl_key_config"].map(
    (name) => body[name],
  );
  const addresses = blocks.map((block) => (isObject(block) ? [block["endpoint"], block["url"]] : []));
  return JSON.stringify([resolved.text, addresses]);
}

/** Owners of limits and configured prices of one kind. */
export function* ownerEntries(kind: GovernanceKind, file: LoadedFile, context: EntryContext): Generator<FileEntry> {
  const meaning = meaningOf(file, context.owners);
  const list = objectAt(file.members, "governance")[GOVERNANCE_LISTS[kind]] as unknown as
    | Iterable<JsonValue>
    | undefined;
  for (const given of list ?? []) {
    if (!isObject(given)) continue;
    const identity = ownerIdentity(kind, given, meaning);
    if (identity === null) continue;
    const body = normalOwner(kind, knownMembers(given, OWNER_SHAPES[kind]), identity, meaning);
    const hash = remembered(() => context.fingerprint(JSON.stringify(body)));
    const parts = () => ({ body, secrets: {}, lookup: "" });
    yield { kind, ...identity, hash, place: () => file.placeOf(given), parts };
  }
}

/** The virtual keys one by one, so that a hundred thousand of them never stand in memory together. */
export function* virtualKeyEntries(file: LoadedFile, context: EntryContext): Generator<FileEntry> {
  const read = virtualKeyReader(file, context);
  const list = objectAt(file.members, "governance")["virtual_keys"] as unknown as Iterable<JsonValue> | undefined;
  let index = -1;
  for (const given of list ?? []) {
    index++;
    if (isObject(given)) yield read(given, index);
  }
}

/** Reads single virtual keys of this file. */
export function virtualKeyReader(
  file: LoadedFile,
  context: EntryContext,
): (given: JsonObject, index: number) => FileEntry {
  const meaning = meaningOf(file, context.owners);
  return (given, index) => virtualKeyEntry(given, index, { file, context, meaning });
}

/** Made when it is asked for, and once. */
function remembered(make: () => string): () => string {
  let made: string | null = null;
  return () => (made ??= make());
}

function virtualKeyEntry(given: JsonObject, index: number, { file, context, meaning }: Reading): FileEntry {
  const written = bareSecret(given["value"] ?? given["virtual_key"] ?? "");
  const secret = typeof written === "string" ? written : "";
  const resolved = resolve(secret, context.environment);
  const clear = resolved.type === "text" ? resolved.text : "";
  const named = textOr(given["name"], clear === "" ? `governance.virtual_keys[${index}]` : clear);
  const id = textOr(given["id"], "") || stableId("virtual-key", named);
  const normal = normalVirtualKey(knownMembers(given, VIRTUAL_KEY_SHAPE), { id, name: named }, meaning);
  return {
    kind: "virtual-key",
    id,
    name: named,
    owner: "",
    hash: remembered(() => context.fingerprint(JSON.stringify(normal))),
    place: () => file.placeOf(given),
    parts: () => {
      const kept = isReference(secret) ? secret : secret === "" ? "" : keptValue(secret, named);
      const lookup = isReference(secret) || secret === "" ? "" : hashSecret(secret);
      return { body: { ...normal, value: kept }, secrets: {}, lookup };
    },
  };
}

function textOr(value: JsonValue | undefined, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

// The start of the book: reads the file, opens the store, merges the one into the other, and tells what came of it.
import { createHmac, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";
import { type ConfigStore, type JsonObject, type JsonValue, StoreUnavailableError } from "../../core/config-store.ts";
import type { ProviderEntity } from "../../core/entities.ts";
import { StoreRefusedError } from "../../core/stores.ts";
import { findingLine } from "../diagnostic.ts";
import { demoProvider } from "../environment.ts";
import type { ConfigurationFacts } from "../facts.ts";
import {
  type LoadedFile,
  type LoadOptions,
  type LoadResult,
  type OpenedConfiguration,
  openConfiguration,
} from "../load.ts";
import type { KeyVisit } from "../virtual-keys.ts";
import { Book } from "./book.ts";
import { type Imported, importFile } from "./import-file.ts";
import { isLargeFile, type KnownKeys, knownKeys, rememberKeys } from "./known-keys.ts";
import { type LaterKeys, type LaterStoring, laterKeys } from "./later-keys.ts";
import { type FileFacts, Ledger, type LedgerOptions } from "./ledger.ts";
import { textOf } from "./login.ts";
import { FrozenStore, MemoryConfigStore } from "./memory-store.ts";
import { giveNewKeys, hasNoKeys, type NewKeys } from "./new-keys.ts";
import type { OpenedStore } from "./opened-store.ts";
import { GIVEN_IDS, type OwnerIds, ownerIds } from "./owner-ids.ts";
import { pricingOf } from "./price-sheet.ts";
import { WaitingStore } from "./waiting-store.ts";

export interface StartOptions extends Pick<LedgerOptions, "addresses" | "publish" | "conceal" | "now"> {
  readonly load: LoadOptions;
  /** Takes the virtual keys of a large file before they are stored, where there were none. Absent: all are stored first. */
  readonly newKeys?: NewKeys | undefined;
  /** Throws StoreRefusedError or StoreUnavailableError. */
  openStore(path: string, encryptionKey: string | null): Promise<OpenedStore>;
}

export interface StartedBook {
  readonly ok: true;
  readonly book: Book;
  readonly ledger: Ledger;
  readonly facts: ConfigurationFacts;
  /** Null: the file is the only state. */
  readonly store: ConfigStore | null;
  readonly storePath: string | null;
  /** Why changes cannot be stored until the next start; null = they can. */
  readonly frozen: string | null;
  /** What was found in the file, and while it was merged into the store. */
  readonly warnings: readonly string[];
  readonly fingerprint: OpenedStore["fingerprint"];
}

/** What is not needed any more when the start is over: it holds the whole file. */
export interface StartRest {
  /** `newKeys` has the virtual keys, and the store gets them by this: to be begun when they are served. Null: they are stored. */
  readonly later: LaterKeys | null;
}

export type StartResult = (StartedBook & StartRest) | { readonly ok: false; readonly text: string };

type Loaded = Extract<LoadResult, { ok: true }>;

/** Everything is merged when it resolves, but for virtual keys that come later; `ledger.load` then brings the entries. */
export async function startBook(options: StartOptions): Promise<StartResult> {
  const opened = openConfiguration(options.load);
  const { facts } = opened;
  if (facts === null) return refusalOf(opened.finish());
  try {
    const path = facts.configStore.enabled ? storePath(facts, options.load.appDir) : null;
    const store = path === null ? { ...inMemory(), frozen: null } : await openOrFreeze(path, facts, options);
    const owners = opened.file === null ? GIVEN_IDS : await ownerIds(store.store, opened.file).catch(() => GIVEN_IDS);
    const known = await knownKeys(opened, store);
    const before = opened.warnings().map(findingLine);
    const given =
      known === null && path !== null && store.frozen === null
        ? await newKeysOf(opened, store, { ...options, owners })
        : null;
    const loaded = opened.finish(known === null ? "check" : "known", given ?? undefined);
    const isGiven = given !== null;
    if (loaded.ok) return await startLoaded({ opened, loaded, known, before, store, path, isGiven, owners }, options);
    await store.store.close();
    return refusalOf(loaded);
  } catch (error) {
    if (error instanceof StoreRefusedError) return { ok: false, text: refusalText(error) };
    throw error;
  }
}

function refusalOf(loaded: LoadResult): StartResult {
  const errors = loaded.ok ? [] : loaded.errors;
  return { ok: false, text: errors.map((error) => error.text).join("\n\n") };
}

function refusalText(error: StoreRefusedError): string {
  return `The configuration store cannot be used, and nothing in it was changed.\n${error.message}`;
}

/** Everything that a start goes by. */
interface Begun {
  readonly opened: OpenedConfiguration;
  readonly loaded: Loaded;
  /** What is known of the file's virtual keys from the last start. */
  readonly known: KnownKeys | null;
  /** What was found before the virtual keys were read. */
  readonly before: readonly string[];
  readonly store: Opened;
  readonly path: string | null;
  /** The virtual keys were given to `newKeys` and are stored later. */
  readonly isGiven: boolean;
  /** Ids of those that the file calls by their names. */
  readonly owners: OwnerIds;
}

/** Null: there is nobody to take the virtual keys before they are stored, or the store has some already. */
async function newKeysOf(
  opened: OpenedConfiguration,
  opening: OpenedStore,
  options: StartOptions & Pick<Begun, "owners">,
): Promise<KeyVisit | null> {
  const { file } = opened;
  if (options.newKeys === undefined || file === null || !isLargeFile(opened)) return null;
  const isEmpty = await hasNoKeys(opening.store).catch(() => false);
  if (!isEmpty) return null;
  const { load, owners } = options;
  const context = { environment: load.environment, fingerprint: opening.fingerprint, owners };
  return giveNewKeys(file, context, options.newKeys);
}

async function startLoaded(begun: Begun, options: StartOptions): Promise<StartedBook & StartRest> {
  const { loaded, path, known } = begun;
  const imported = await merged(begun, options);
  const file = fileFacts(loaded, imported, options);
  const stored = imported.isLater ? Promise.withResolvers<void>() : null;
  const ledger = new Ledger(
    {
      ...options,
      store: stored === null ? imported.store : new WaitingStore(imported.store, stored.promise),
      environment: options.load.environment,
      registry: options.load.registry,
      expressionProblem: options.load.expressionProblem,
      loose: looseProviders(loaded, options),
    },
    file,
  );
  if (stored !== null) ledger.awaitKeys(stored.promise);
  return {
    ok: true,
    book: new Book(ledger),
    ledger,
    facts: known === null ? loaded.facts : { ...loaded.facts, hints: known.hints },
    store: path === null ? null : imported.store,
    storePath: path,
    frozen: imported.frozen,
    warnings: [...loaded.warnings.map(findingLine), ...(known?.warnings ?? []), ...imported.warnings],
    fingerprint: begun.store.fingerprint,
    later: stored === null ? null : laterKeys(storing(begun, imported, options), ledger, stored.resolve),
  };
}

function storing(begun: Begun, { places }: Merged, { load, now }: StartOptions): Omit<LaterStoring, "isEnded"> {
  const remember = (): Promise<void> => rememberKeys(begun, begun.store, now());
  return {
    ...begun.store,
    owners: begun.owners,
    file: begun.loaded.file!,
    environment: load.environment,
    places,
    remember,
    now,
  };
}

/** Absolute, or relative to the app dir. */
function storePath(facts: ConfigurationFacts, appDir: string): string {
  const { path } = facts.configStore;
  return path === null ? join(appDir, "config.db") : resolvePath(appDir, path);
}

interface Opened extends OpenedStore {
  /** Why nothing can be stored. */
  readonly frozen: string | null;
}

function inMemory(store: ConfigStore = new MemoryConfigStore()): OpenedStore {
  const key = randomBytes(32);
  return { store, fingerprint: (text) => createHmac("sha256", key).update(text).digest("base64") };
}

/** Where there is no store and none can be made, what the file and the environment say is served without one. */
async function openOrFreeze(path: string, facts: ConfigurationFacts, options: StartOptions): Promise<Opened> {
  try {
    return { ...(await options.openStore(path, facts.encryptionKey)), frozen: null };
  } catch (error) {
    if (error instanceof StoreUnavailableError) return { ...inMemory(), frozen: error.reason };
    // what is there and is not ours to use refuses the start; where there is nothing, nothing can be lost
    if (!(error instanceof StoreRefusedError) || existsSync(path)) throw error;
    return { ...inMemory(), frozen: error.message };
  }
}

interface Merged extends Imported {
  readonly store: ConfigStore;
  /** Its virtual keys come later. */
  readonly isLater: boolean;
  readonly frozen: string | null;
}

async function merged(begun: Begun, options: StartOptions): Promise<Merged> {
  const { store } = begun;
  if (store.frozen !== null) return intoMemory(begun, store.frozen, options);
  try {
    const imported = await take(begun, store, options);
    return { ...imported, store: store.store, isLater: begun.isGiven, frozen: null };
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return intoMemory(begun, error.reason, options);
  }
}

/** A store that cannot be written is copied: the file's changes are served, and stored at a later start. */
async function intoMemory(begun: Begun, reason: string, options: StartOptions): Promise<Merged> {
  const copy = new FrozenStore(begun.store.store);
  await copy.fill();
  options.newKeys?.restart();
  const imported = await take({ ...begun, isGiven: false }, { ...begun.store, store: copy }, options);
  copy.freeze(reason);
  return { ...imported, store: copy, isLater: false, frozen: reason };
}

const NOTHING: Imported = { places: new Map(), warnings: [], changed: 0 };

async function take(begun: Begun, { store, fingerprint }: OpenedStore, options: StartOptions): Promise<Imported> {
  const { file, facts } = begun.loaded;
  if (file === null) return NOTHING;
  const imported = await importFile({
    store,
    file,
    fingerprint,
    owners: begun.owners,
    fileRules: facts.sourceOfTruth === "config.json",
    knowsKeys: begun.known !== null || begun.isGiven,
    environment: options.load.environment,
    now: options.now,
  });
  if (begun.known === null && !begun.isGiven) await rememberKeys(begun, { store, fingerprint }, options.now());
  return imported;
}

function fileFacts({ file, facts }: Loaded, { places }: Imported, options: StartOptions): FileFacts {
  if (file === null) return { label: null, rulesAlone: false, server: undefined, setupToken: null, places };
  const server = file.members["server"];
  const sheet = pricingOf(file.members["framework"] as JsonValue | undefined)["pricing_url"];
  const log = file.members["logs_store"] as { readonly retention_days?: unknown } | null | undefined;
  const token = textOf(file.members["setup_token"] as JsonValue | undefined, options.load.environment);
  return {
    label: file.label,
    rulesAlone: !facts.configStore.enabled,
    server: typeof server === "object" && server !== null ? (server as JsonObject) : undefined,
    setupToken: token === "" ? null : { token, place: placeOf(file) },
    ...(typeof sheet === "string" ? { priceSheet: sheet } : {}),
    ...(typeof log?.retention_days === "number" ? { logDays: log.retention_days } : {}),
    places,
  };
}

function placeOf(file: LoadedFile): string {
  return file.placeOf(file.members, "setup_token");
}

/** With a file it alone says which providers there are; the demo is there always. */
function looseProviders({ file, entities }: Loaded, options: StartOptions): ProviderEntity[] {
  if (file === null) return entities.filter((entity) => entity.kind === "provider");
  const demo = demoProvider(options.load.registry);
  return demo === undefined ? [] : [demo];
}

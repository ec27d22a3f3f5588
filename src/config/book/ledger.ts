// The state behind the book: what the store holds, as far as it is kept in memory, and the one way by which it changes.
import { type AuditRow, auditScope } from "../../core/audit.ts";
import type { ItemSource } from "../../core/config-book.ts";
import {
  type ConfigStore,
  type EntryChange,
  type EntryKind,
  type JsonObject,
  NameTakenError,
  type StoredEntry,
  StoreUnavailableError,
} from "../../core/config-store.ts";
import {
  type ComplexityEntity,
  type Entity,
  entityId,
  type ProviderEntity,
  type SettingsEntity,
} from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import type { ProxySettings } from "../../core/http.ts";
import type { SetupToken } from "../../core/login.ts";
import { complexityEntity } from "../complexity.ts";
import { STANDARD_PROXY } from "../network.ts";
import type { ComplexityConfig } from "../schema/owners.ts";
import { STANDARD_SETTINGS } from "../settings.ts";
import type { AddressRule } from "./address-rule.ts";
import { type AlertSettings, alertSettings } from "./alerts.ts";
import { auditRow } from "./audit-rows.ts";
import { PROXY_BLOCK, proxyProblem, readGlobalProxy } from "./global-proxy.ts";
import { HeldOwners } from "./held-owners.ts";
import { HeldProviders } from "./held-providers.ts";
import { GOVERNANCE_KINDS, isGovernanceKind } from "./owner-entries.ts";
import { withTexts } from "./pointers.ts";
import { type BodyContext, readSettingsBody } from "./read-body.ts";
import { lookupOf, referenceOf, virtualKeyEntity } from "./virtual-key-entry.ts";

/** What the file says besides its entries. */
export interface FileFacts {
  /** As people call it; null = there is none. */
  readonly label: string | null;
  /** `config_store.enabled: false`: what the file says cannot be changed. */
  readonly rulesAlone: boolean;
  /** The block `server`, which is the file's alone. */
  readonly server: JsonObject | undefined;
  readonly setupToken: SetupToken | null;
  /** `framework.pricing.pricing_url` as it stands there; absent = none. */
  readonly priceSheet?: string;
  /** `logs_store.retention_days` as it stands there; absent = none. */
  readonly logDays?: number;
  /** Kind and id → where the file declares it. */
  readonly places: ReadonlyMap<string, string>;
}

/** What the ledger needs of the house. */
export interface LedgerOptions extends BodyContext {
  readonly store: ConfigStore;
  /** Providers of the environment and of the build. */
  readonly loose: readonly ProviderEntity[];
  readonly addresses: AddressRule;
  /** Sends a change to the loop; resolves when the loop serves it. */
  publish(change: EntityChange): Promise<void>;
  /** Told of secrets that no line of the log may show. */
  conceal(secrets: readonly string[]): void;
  now(): number;
}

export interface EntityChange {
  readonly upserts: readonly Entity[];
  readonly removes: readonly string[];
  /** Of the store: what the loop holds is what the store held then. */
  readonly revision: number;
}

/** The place of an entry among `FileFacts.places`. */
export function placeKey(kind: EntryKind, id: string): string {
  return `${kind}:${id}`;
}

export class Ledger {
  readonly options: LedgerOptions;
  readonly store: ConfigStore;
  readonly providers: HeldProviders;
  readonly owners = new HeldOwners();
  readonly blocks = new Map<string, StoredEntry>();
  file: FileFacts;
  /** Hash of a secret behind a reference → virtual key, and back: these are not in the store. */
  readonly #referenced = new Map<string, string>();
  readonly #referencedOf = new Map<string, string>();
  #revision = 0;
  #changes = 0;
  /** Resolves when the virtual keys are stored: until then no change is made. */
  #stored: Promise<void> = Promise.resolve();
  #hasForeignKeys = false;

  constructor(options: LedgerOptions, file: FileFacts) {
    this.options = options;
    this.store = options.store;
    this.file = file;
    this.providers = new HeldProviders(options, options.loose, (entry) => this.sourceOf(entry));
  }

  /** Changes whenever what is in force does. */
  get changes(): number {
    return this.#changes;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The virtual keys come later, by `tookKeys`; until `stored` resolves the store has some of them at most. */
  awaitKeys(stored: Promise<void>): void {
    this.#stored = stored;
  }

  /** Virtual keys were to come later, and another process brought some before. */
  get hasForeignKeys(): boolean {
    return this.#hasForeignKeys;
  }

  /** All virtual keys are in the store, at this revision; `references` are those with their secret elsewhere. */
  tookKeys(revision: number, references: readonly StoredEntry[]): void {
    this.#revision = revision;
    for (const entry of references) this.#noteReference(entry);
  }

  /** Reads what is kept in memory. Virtual keys are shown to `visit` one by one; without it they are left out. */
  async load(visit: ((entry: StoredEntry) => void) | null): Promise<void> {
    // read first: what is written meanwhile is read twice rather than never
    const { revision, changed } = await this.store.changedSince(this.store.revision);
    this.#revision = revision;
    this.#hasForeignKeys = visit === null && changed.some(({ kind }) => kind === "virtual-key");
    await this.store.each("block", (entry) => void this.#take(entry));
    await this.store.each("provider", (entry) => void this.#take(entry));
    await this.store.each("provider-key", (entry) => void this.#take(entry));
    for (const kind of GOVERNANCE_KINDS) await this.store.each(kind, (entry) => void this.#take(entry));
    if (visit === null) return;
    await this.store.each("virtual-key", (entry) => {
      if (entry.deleted) return;
      this.#noteReference(entry);
      visit(entry);
    });
  }

  /** The file was written anew: its entries stand elsewhere. */
  movedTo(places: FileFacts["places"]): void {
    this.file = { ...this.file, places };
  }

  sourceOf(entry: StoredEntry): ItemSource {
    const place = entry.source === "file" ? this.file.places.get(placeKey(entry.kind, entry.id)) : undefined;
    if (entry.source === "file") return { type: "file", place: place ?? this.file.label ?? "config.json" };
    return { type: "api" };
  }

  settings(): SettingsEntity {
    const client = this.#whole("client");
    const governance = this.#whole("governance");
    const { server } = this.file;
    if (client === undefined && server === undefined && governance === undefined) return STANDARD_SETTINGS;
    return readSettingsBody(client, server, this.options, governance).entity ?? STANDARD_SETTINGS;
  }

  /** A block with its secrets. */
  #whole(name: string): JsonObject | undefined {
    const entry = this.blocks.get(name);
    return entry === undefined ? undefined : withTexts(entry.body, entry.secrets);
  }

  /** How the complexity of requests is told; null = as it is built in. */
  complexity(): ComplexityEntity | null {
    return complexityEntity(this.#whole("governance")?.["complexity_analyzer_config"] as ComplexityConfig | undefined);
  }

  /** What there is once for the whole gateway. */
  general(): Entity[] {
    const complexity = this.complexity();
    return complexity === null ? [this.settings()] : [this.settings(), complexity];
  }

  /** Who is told when budgets cross their thresholds; null = nobody. */
  alerts(): AlertSettings | null {
    return alertSettings(this.#whole("governance"), this.options.environment);
  }

  /** The virtual key whose secret has this hash. */
  async findByLookup(lookup: string): Promise<StoredEntry | null> {
    await this.#stored;
    const id = this.#referenced.get(lookup);
    const entry = id === undefined ? await this.store.findByLookup(lookup) : await this.store.get("virtual-key", id);
    return entry === null || entry.deleted ? null : entry;
  }

  /** Stores the changes, brings them to the loop, and resolves when they are in force. Nothing changes when the store refuses. */
  async commit(changes: readonly EntryChange[]): Promise<void> {
    this.#demandWritable(changes);
    if (changes.length === 0) return;
    await this.#stored;
    const before = this.#revision;
    const audit = await this.#auditRows(changes);
    const revision = await this.ask(() => this.store.write(changes, audit));
    if (revision !== before + 1) return this.#adopt(await this.ask(() => this.store.changedSince(before)));
    this.#revision = revision;
    const touched = new Touched();
    for (const change of changes) {
      if (change.type === "put") touched.note(change.entry.kind, this.#take(change.entry), change.entry);
      else touched.note(change.kind, this.#drop(change.kind, change.id), null);
    }
    await this.#publish(touched);
  }

  /** What the audit will tell of these changes; none where no request stands behind them. */
  async #auditRows(changes: readonly EntryChange[]): Promise<readonly AuditRow[]> {
    const scope = auditScope.getStore();
    if (scope === undefined) return [];
    const rows: AuditRow[] = [];
    for (const change of changes) {
      const { kind, id } = change.type === "put" ? change.entry : change;
      const before = await this.ask(() => this.store.get(kind, id));
      const row = auditRow(scope, { before, after: change.type === "put" ? change.entry : null });
      if (row !== null) rows.push(row);
    }
    scope.written += rows.length;
    return rows;
  }

  /** Takes over what other processes wrote. */
  async refresh(): Promise<void> {
    await this.#stored;
    const { revision, changed } = await this.ask(() => this.store.changedSince(this.#revision));
    await this.#adopt({ revision, changed });
  }

  async #adopt(news: { revision: number; changed: readonly { kind: EntryKind; id: string }[] }): Promise<void> {
    const touched = new Touched();
    for (const { kind, id } of news.changed) {
      const entry = await this.ask(() => this.store.get(kind, id));
      touched.note(kind, entry === null ? this.#drop(kind, id) : this.#take(entry), entry);
    }
    this.#revision = news.revision;
    if (news.changed.length > 0) await this.#publish(touched);
  }

  /** Words a failure of the store for the caller. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof NameTakenError)
        throw new GatewayError("conflict", takenText(error), { param: error.member });
      if (error instanceof StoreUnavailableError)
        throw new GatewayError("store_unavailable", `${error.message}; nothing was changed, try again later`, {
          retryAfter: 5,
        });
      throw error;
    }
  }

  /** Where the file alone rules, everything that it says, and everything new, is its own. */
  #demandWritable(changes: readonly EntryChange[]): void {
    if (!this.file.rulesAlone) return;
    const label = this.file.label ?? "config.json";
    const places = changes.map((change) =>
      this.file.places.get(
        change.type === "put" ? placeKey(change.entry.kind, change.entry.id) : placeKey(change.kind, change.id),
      ),
    );
    const place = places.find((one) => one !== undefined);
    throw new GatewayError(
      "conflict",
      place === undefined
        ? `${label} alone says what is configured (config_store.enabled is false): write it there and start again`
        : `this is declared in ${place}, which alone says what is configured (config_store.enabled is false): change it there and start again`,
    );
  }

  /** The name of what is touched: a provider, a block, a virtual key, or the id of an owner's entity. */
  #take(entry: StoredEntry): string {
    const { kind } = entry;
    if (isGovernanceKind(kind)) return this.owners.take(kind, entry);
    switch (kind) {
      case "provider":
      case "provider-key":
        if (!entry.deleted) this.options.conceal(Object.values(entry.secrets));
        return this.providers.take(entry);
      case "block":
        if (entry.deleted) this.blocks.delete(entry.id);
        else this.blocks.set(entry.id, entry);
        this.options.conceal(Object.values(entry.secrets));
        if (entry.id === PROXY_BLOCK) this.#useProxy();
        return entry.id;
      case "virtual-key":
        this.#noteReference(entry);
        return entry.id;
    }
  }

  #drop(kind: EntryKind, id: string): string {
    if (kind === "provider" || kind === "provider-key") return this.providers.drop(kind, id) ?? "";
    if (isGovernanceKind(kind)) return this.owners.drop(kind, id);
    if (kind === "block") {
      this.blocks.delete(id);
      if (id === PROXY_BLOCK) this.#useProxy();
    } else this.#forgetReference(id);
    return id;
  }

  #useProxy(): void {
    const proxy = readGlobalProxy(this.blocks.get(PROXY_BLOCK), this.options.environment);
    this.providers.useProxy(proxy);
    if (proxy?.settings.password) this.options.conceal([proxy.settings.password]);
  }

  /** How the gateway's own calls, such as those for price sheets, reach the world. */
  get apiProxy(): ProxySettings {
    const proxy = readGlobalProxy(this.blocks.get(PROXY_BLOCK), this.options.environment);
    return proxy?.forApi === true ? proxy.settings : STANDARD_PROXY;
  }

  /** What keeps calls from going through the proxy of the whole gateway; null = nothing. */
  get proxyProblem(): string | null {
    const entry = this.blocks.get(PROXY_BLOCK);
    const body = entry === undefined ? {} : withTexts(entry.body, entry.secrets);
    const problem = proxyProblem(body, this.options.environment);
    return problem === null ? null : `proxy_config.${problem.param}${problem.text}; calls through it fail`;
  }

  #noteReference(entry: StoredEntry): void {
    if (this.#referencedOf.size > 0) this.#forgetReference(entry.id);
    if (entry.deleted || referenceOf(entry) === null) return;
    const lookup = lookupOf(entry, this.options.environment);
    if (lookup === "") return;
    this.#referenced.set(lookup, entry.id);
    this.#referencedOf.set(entry.id, lookup);
  }

  #forgetReference(id: string): void {
    const lookup = this.#referencedOf.get(id);
    if (lookup === undefined) return;
    this.#referencedOf.delete(id);
    if (this.#referenced.get(lookup) === id) this.#referenced.delete(lookup);
  }

  async #publish(touched: Touched): Promise<void> {
    this.#changes++;
    const upserts: Entity[] = [];
    const removes: string[] = [];
    if (touched.blocks.has(PROXY_BLOCK)) for (const name of this.providers.withoutProxy()) touched.providers.add(name);
    for (const name of touched.providers) {
      const entity = this.providers.entityOf(name);
      if (entity === null) removes.push(`provider:${name}`);
      else {
        this.options.conceal(secretsOf(entity));
        upserts.push(entity);
      }
    }
    for (const [id, entry] of touched.virtualKeys) {
      if (entry === null || entry.deleted) removes.push(entityId({ kind: "virtual-key", id } as Entity));
      else upserts.push(virtualKeyEntity(entry, this.options.environment));
    }
    for (const id of touched.owners) {
      const entity = this.owners.entityOf(id);
      if (entity === undefined) removes.push(id);
      else upserts.push(entity);
    }
    if (touched.blocks.has("client") || touched.blocks.has("governance")) upserts.push(...this.general());
    if (touched.blocks.has("governance") && this.complexity() === null) removes.push("complexity:");
    await this.options.publish({ upserts, removes, revision: this.#revision });
  }
}

/** What a change touches, each once. */
class Touched {
  readonly providers = new Set<string>();
  readonly blocks = new Set<string>();
  readonly virtualKeys = new Map<string, StoredEntry | null>();
  /** Ids of entities. */
  readonly owners = new Set<string>();

  note(kind: EntryKind, name: string, entry: StoredEntry | null): void {
    if (kind === "virtual-key") this.virtualKeys.set(name, entry);
    else if (kind === "block") this.blocks.add(name);
    else if (name === "") return;
    else if (isGovernanceKind(kind)) this.owners.add(name);
    else this.providers.add(name);
  }
}

/** Everything of a provider that no line of the log may show. */
export function secretsOf(entity: ProviderEntity): string[] {
  const headers = Object.values(entity.network.extraHeaders).filter((value) => value.length >= 12);
  const password = "password" in entity.proxy ? (entity.proxy.password ?? "") : "";
  return [...entity.keys.map((key) => key.value), password, ...headers].filter((secret) => secret !== "");
}

/** What people call an entry of each kind. */
export const KIND_TEXTS: Readonly<Record<EntryKind, string>> = {
  provider: "provider",
  "provider-key": "key of this provider",
  "virtual-key": "virtual key",
  block: "block",
  customer: "customer",
  team: "team",
  "model-config": "model config",
  "provider-limit": "limit of this provider",
  "pricing-override": "pricing override",
  "routing-rule": "routing rule",
};

function takenText(error: NameTakenError): string {
  const what = { id: "this id", name: "this name", lookup: "this secret" }[error.member];
  return `there is a ${KIND_TEXTS[error.kind]} with ${what} already; every one needs its own`;
}

// The providers that are in force: stored ones with their keys, and those that the environment or the build brings along.
import type { ItemSource, ProviderItem, ProviderKeyItem } from "../../core/config-book.ts";
import type { StoredEntry } from "../../core/config-store.ts";
import type { ProviderEntity } from "../../core/entities.ts";
import type { ProxySettings } from "../../core/http.ts";
import { contentHash, factsOf, type SourceOf } from "./facts.ts";
import { behind, type GlobalProxy } from "./global-proxy.ts";
import { looseKeyBody, looseSource } from "./loose-provider.ts";
import { withTexts } from "./pointers.ts";
import { type BodyContext, type BodyFinding, readProviderBody } from "./read-body.ts";
import { KEY_SHAPE, PROVIDER_SHAPE } from "./shapes.ts";

/** A provider as it was read last. */
interface Compiled {
  readonly entity: ProviderEntity | null;
  readonly problem: string | null;
  /** Key id → what keeps it from being used. */
  readonly keyProblems: ReadonlyMap<string, string>;
  readonly findings: readonly BodyFinding[];
}

interface Stored {
  entry: StoredEntry | null;
  readonly keys: Map<string, StoredEntry>;
}

export class HeldProviders {
  readonly #context: BodyContext;
  readonly #source: SourceOf;
  readonly #stored = new Map<string, Stored>();
  readonly #ownerOfKey = new Map<string, string>();
  /** Not stored; a stored one of the same name, deleted or not, hides it. */
  readonly #loose: ReadonlyMap<string, ProviderEntity>;
  readonly #compiled = new Map<string, Compiled>();
  #proxy: GlobalProxy | null = null;

  constructor(context: BodyContext, loose: readonly ProviderEntity[], source: SourceOf) {
    this.#context = context;
    this.#source = source;
    this.#loose = new Map(loose.map((entity) => [entity.name, entity]));
  }

  /** Takes an entry over; the name of the provider that is touched by it. */
  take(entry: StoredEntry): string {
    const name = entry.kind === "provider" ? entry.id : entry.owner;
    const stored = this.#storedOf(name);
    if (entry.kind === "provider") stored.entry = entry;
    else if (entry.deleted) stored.keys.delete(entry.id);
    else stored.keys.set(entry.id, entry);
    if (entry.kind === "provider-key") this.#ownerOfKey.set(entry.id, name);
    this.#compiled.delete(name);
    return name;
  }

  /** Forgets an entry; the name of the provider that is touched by it. */
  drop(kind: "provider" | "provider-key", id: string): string | undefined {
    const name = kind === "provider" ? id : this.#ownerOfKey.get(id);
    if (name === undefined) return undefined;
    const stored = this.#storedOf(name);
    if (kind === "provider") stored.entry = null;
    else stored.keys.delete(id);
    this.#compiled.delete(name);
    return name;
  }

  #storedOf(name: string): Stored {
    const known = this.#stored.get(name);
    if (known !== undefined) return known;
    const made: Stored = { entry: null, keys: new Map() };
    this.#stored.set(name, made);
    return made;
  }

  /** The proxy of those that have none of their own. */
  useProxy(proxy: GlobalProxy | null): void {
    this.#proxy = proxy;
  }

  /** Whom a change of that proxy concerns. */
  withoutProxy(): string[] {
    return this.names().filter((name) => this.entryOf(name)?.body["proxy_config"] == null);
  }

  #behindProxy(entity: ProviderEntity, settings: ProxySettings | null): ProviderEntity {
    const own = this.entryOf(entity.name)?.body["proxy_config"];
    return own == null ? behind(entity, settings) : entity;
  }

  /** The stored entry, unless it is deleted. */
  entryOf(name: string): StoredEntry | null {
    const entry = this.#stored.get(name)?.entry ?? null;
    return entry === null || entry.deleted ? null : entry;
  }

  keysOf(name: string): readonly StoredEntry[] {
    return [...(this.#stored.get(name)?.keys.values() ?? [])];
  }

  ownerOf(keyId: string): string | undefined {
    const owner = this.#ownerOfKey.get(keyId);
    return owner !== undefined && this.#stored.get(owner)?.keys.has(keyId) === true ? owner : undefined;
  }

  /** The provider from the environment or the build, where no stored one hides it. */
  looseOf(name: string): ProviderEntity | null {
    return this.#stored.get(name)?.entry == null ? (this.#loose.get(name) ?? null) : null;
  }

  has(name: string): boolean {
    return this.entryOf(name) !== null || this.looseOf(name) !== null;
  }

  /** Stored ones in the order in which they came, then the others. */
  names(): string[] {
    const stored = [...this.#stored.keys()].filter((name) => this.entryOf(name) !== null);
    return [...stored, ...[...this.#loose.keys()].filter((name) => this.looseOf(name) !== null)];
  }

  /** As it is served; null when it cannot run or is not there. */
  entityOf(name: string): ProviderEntity | null {
    const entity = this.#ownEntity(name);
    const isUsed = this.#proxy?.forInference === true;
    return entity === null ? null : this.#behindProxy(entity, isUsed ? this.#proxy!.settings : null);
  }

  /** Without the proxy of the whole gateway. */
  #ownEntity(name: string): ProviderEntity | null {
    return this.looseOf(name) ?? (this.entryOf(name) === null ? null : this.#read(name).entity);
  }

  entities(): ProviderEntity[] {
    return this.names().flatMap((name) => this.entityOf(name) ?? []);
  }

  /** As the gateway itself calls them, for lists of models. */
  calledByApi(): ProviderEntity[] {
    const settings = this.#proxy?.settings ?? null;
    const isUsed = this.#proxy !== null && (this.#proxy.forApi || this.#proxy.forInference);
    return this.names().flatMap((name) => {
      const entity = this.#ownEntity(name);
      return entity === null ? [] : [this.#behindProxy(entity, isUsed ? settings : null)];
    });
  }

  /** A provider that is not stored, by the way that the management API calls those that are. */
  asCalledByApi(entity: ProviderEntity): ProviderEntity {
    const isUsed = this.#proxy !== null && (this.#proxy.forApi || this.#proxy.forInference);
    return this.#behindProxy(entity, isUsed ? (this.#proxy?.settings ?? null) : null);
  }

  /** What reading it found. */
  findingsOf(name: string): readonly BodyFinding[] {
    return this.entryOf(name) === null ? [] : this.#read(name).findings;
  }

  #read(name: string): Compiled {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const stored = this.#storedOf(name);
    const compiled = compileStored(
      stored.entry!,
      [...stored.keys.values()],
      this.#context,
      placeOf(this.#source(stored.entry!)),
    );
    this.#compiled.set(name, compiled);
    return compiled;
  }

  item(name: string): ProviderItem | undefined {
    const loose = this.looseOf(name);
    if (loose !== null) return { ...looseItem(loose, this.#context), entity: this.entityOf(name) };
    const entry = this.entryOf(name);
    if (entry === null) return undefined;
    const { problem, keyProblems } = this.#read(name);
    const entity = this.entityOf(name);
    const keys = this.keysOf(name).map(
      (key): ProviderKeyItem => ({
        ...factsOf(key, KEY_SHAPE, this.#source(key), this.#context.environment),
        provider: name,
        problem: keyProblems.get(key.id) ?? null,
      }),
    );
    return { ...factsOf(entry, PROVIDER_SHAPE, this.#source(entry), this.#context.environment), keys, entity, problem };
  }
}

function placeOf(source: ItemSource): string {
  return source.type === "file" || source.type === "environment"
    ? source.place
    : source.type === "api"
      ? "API"
      : "built in";
}

/** Reads a stored provider with its keys. */
export function compileStored(
  entry: StoredEntry,
  keys: readonly StoredEntry[],
  context: BodyContext,
  place: string,
): Compiled {
  const bodies = keys.map((key) => withTexts(key.body, key.secrets));
  const body = { ...withTexts(entry.body, entry.secrets), ...(bodies.length === 0 ? {} : { keys: bodies }) };
  const { entity, findings } = readProviderBody(entry.id, body, context);
  const keyProblems = new Map<string, string>();
  for (const [index, key] of keys.entries()) {
    const named = [`keys[${index}]`, `key ${JSON.stringify(key.name)} of provider`];
    const finding = findings.find(
      ({ code, message }) => STOPS_KEY.has(code) && named.some((name) => message.includes(name)),
    );
    if (finding !== undefined) keyProblems.set(key.id, finding.message.replaceAll(`keys[${index}]`, "the key"));
  }
  const problem = entity === null ? (findings[0]?.message ?? "it cannot be used") : null;
  return { entity: entity === null ? null : { ...entity, source: place }, problem, keyProblems, findings };
}

/** Findings behind which a key is switched off or idle. */
const STOPS_KEY: ReadonlySet<string> = new Set([
  "unset-variable",
  "missing",
  "unused",
  "not-supported-yet",
  "wrong-value",
  "wrong-type",
]);

function looseItem(entity: ProviderEntity, context: BodyContext): ProviderItem {
  const source = looseSource(entity);
  const keys = entity.keys.flatMap((key): ProviderKeyItem[] => {
    const made = looseKeyBody(entity, key, context.environment);
    if (made === null) return [];
    const facts = {
      id: key.id,
      name: key.name,
      source,
      ...made,
      hash: contentHash(made.body, 0),
      createdAt: 0,
      updatedAt: 0,
    };
    return [{ ...facts, provider: entity.name, problem: null }];
  });
  const facts = { id: entity.name, name: entity.name, source, body: {}, masked: {}, hash: contentHash({}, 0) };
  return { ...facts, createdAt: 0, updatedAt: 0, keys, entity, problem: null };
}

// The configuration as the management API knows it: compiled for simulations and lists, virtual keys read where they are kept.
import type { Ledger } from "../config/book/ledger.ts";
import { virtualKeyEntity } from "../config/book/virtual-key-entry.ts";
import { compileSnapshot } from "../config/compile.ts";
import { compileVirtualKey, SetPool } from "../config/compile-virtual-key.ts";
import { findingLine } from "../config/diagnostic.ts";
import { type LoadOptions, loadConfiguration } from "../config/load.ts";
import type { StoredEntry } from "../core/config-store.ts";
import type { CatalogueEntity, Entity, VirtualKeyEntity } from "../core/entities.ts";
import { GatewayError } from "../core/errors.ts";
import type { ProviderRegistry } from "../core/provider.ts";
import type { Snapshot, VirtualKey } from "../core/snapshot.ts";
import type { KnownConfiguration } from "./house.ts";
import { type LimitList, listLimits } from "./limits.ts";

/** The virtual keys that the page looks through for limits. */
const LIMITS_OF = 100;
/** Names are looked for in pages of so many. */
const PAGE = 500;

export interface LiveParts {
  readonly ledger: Ledger;
  readonly registry: ProviderRegistry;
  readonly catalogue: readonly CatalogueEntity[];
  /** Findings of the start. */
  readonly findings: readonly string[];
  /** The version that the loop serves. */
  version(): number;
}

/** What is in force. Compiled when somebody asks after a change; virtual keys stay in the store. */
export class LiveConfiguration implements KnownConfiguration {
  readonly #parts: LiveParts;
  #compiled: { readonly changes: number; readonly snapshot: Snapshot; readonly warnings: readonly string[] } | null =
    null;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  get snapshot(): Snapshot {
    return this.#compile().snapshot;
  }

  get warnings(): readonly string[] {
    return this.#compile().warnings;
  }

  #compile() {
    const { ledger, registry, catalogue, findings, version } = this.#parts;
    const { changes } = ledger;
    if (this.#compiled?.changes === changes) return this.#compiled;
    const warnings = [...findings];
    const owners = ledger.owners.entities();
    const entities = [...ledger.general(), ...catalogue, ...ledger.providers.calledByApi(), ...owners];
    const snapshot = compileSnapshot(entities, registry, (text) => void warnings.push(text), version());
    this.#compiled = { changes, snapshot, warnings };
    return this.#compiled;
  }

  async virtualKey(nameOrId: string): Promise<VirtualKey | undefined> {
    const { ledger } = this.#parts;
    const entry = (await ledger.ask(() => ledger.store.get("virtual-key", nameOrId))) ?? (await this.#byName(nameOrId));
    return entry === null || entry.deleted ? undefined : this.#compiledKey(entry);
  }

  async #byName(name: string): Promise<StoredEntry | null> {
    const { ledger } = this.#parts;
    for (let offset = 0; ; offset += PAGE) {
      const query = { search: name, sort: "name", limit: PAGE, offset } as const;
      const { entries, total } = await ledger.ask(() => ledger.store.list("virtual-key", query));
      const found = entries.find((entry) => entry.name === name);
      if (found !== undefined) return found;
      if (offset + PAGE >= total) return null;
    }
  }

  async virtualKeyByHash(valueHash: string): Promise<VirtualKey | undefined> {
    const entry = await this.#parts.ledger.ask(() => this.#parts.ledger.findByLookup(valueHash));
    return entry === null ? undefined : this.#compiledKey(entry);
  }

  #compiledKey(entry: StoredEntry): VirtualKey {
    return compileVirtualKey(virtualKeyEntity(entry, this.#parts.ledger.options.environment), new SetPool());
  }

  async virtualKeyCount(): Promise<number> {
    return this.#parts.ledger.ask(() => this.#parts.ledger.store.count("virtual-key"));
  }

  async limits(): Promise<LimitList> {
    const { ledger } = this.#parts;
    const page = await ledger.ask(() => ledger.store.list("virtual-key", { limit: LIMITS_OF, offset: 0 }));
    const list = listLimits(page.entries.map((entry) => virtualKeyEntity(entry, ledger.options.environment)));
    return { ...list, more: list.more + Math.max(0, page.total - LIMITS_OF) };
  }
}

/** Entities that are all in memory, as those of a draft are. */
export function knownConfiguration(
  entities: readonly Entity[],
  registry: ProviderRegistry,
  findings: readonly string[],
  version: number,
): KnownConfiguration {
  const warnings = [...findings];
  const snapshot = compileSnapshot(entities, registry, (text) => void warnings.push(text), version);
  let names: Map<string, string> | null = null;
  return {
    snapshot,
    warnings,
    async virtualKey(nameOrId) {
      names ??= namesOf(entities);
      return snapshot.findVirtualKeyById(nameOrId) ?? snapshot.findVirtualKeyById(names.get(nameOrId) ?? "");
    },
    virtualKeyByHash: async (valueHash) => snapshot.findVirtualKey(valueHash),
    virtualKeyCount: async () => snapshot.virtualKeyCount,
    limits: async () => listLimits(entities),
  };
}

function namesOf(entities: readonly Entity[]): Map<string, string> {
  const keys = entities.filter((entity): entity is VirtualKeyEntity => entity.kind === "virtual-key");
  return new Map(keys.map((key) => [key.name, key.id]));
}

/** A configuration that nobody runs. Throws GatewayError with every finding and its place. */
export function draftConfiguration(options: LoadOptions & { readonly text: string }): KnownConfiguration {
  const loaded = loadConfiguration(options);
  if (!loaded.ok)
    throw new GatewayError(
      "invalid_request",
      `the draft cannot be used:\n${loaded.errors.map(findingLine).join("\n")}`,
      {
        param: "config",
      },
    );
  return knownConfiguration(loaded.entities, options.registry, loaded.warnings.map(findingLine), 0);
}

/** The snapshot with these virtual keys alone: for code of the request path that looks them up at once. */
export async function withKeysOf(known: KnownConfiguration, hashes: readonly string[]): Promise<Snapshot> {
  const found = new Map<string, VirtualKey>();
  for (const hash of hashes) {
    const key = await known.virtualKeyByHash(hash);
    if (key !== undefined) found.set(hash, key);
  }
  const { version, settings, providers, knownProviders, offers, governance, priceOverrides } = known.snapshot;
  const { routingRules, complexity } = known.snapshot;
  return {
    version,
    settings,
    providers,
    knownProviders,
    offers,
    governance,
    priceOverrides,
    routingRules,
    complexity,
    virtualKeyCount: found.size,
    findVirtualKey: (hash) => found.get(hash),
    findVirtualKeyById: (id) => [...found.values()].find((key) => key.id === id),
  };
}

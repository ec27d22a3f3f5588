// The configuration book: reads items out of the ledger and the store, and makes changes one after another.
import type {
  Applied,
  AppliedVirtualKey,
  BlockBody,
  ConfigBook,
  GovernanceItem,
  GovernanceKind,
  GovernanceQuery,
  ItemFacts,
  ProviderItem,
  ProviderKeyItem,
  VirtualKeyItem,
  VirtualKeyQuery,
} from "../../core/config-book.ts";
import type { EntryChange, JsonObject, StoredEntry } from "../../core/config-store.ts";
import type { OwnedLimits } from "../../core/entities.ts";
import { GatewayError } from "../../core/errors.ts";
import type { ConfiguredLogin } from "../../core/login.ts";
import { nearestName } from "../../lib/nearest.ts";
import { planBlock } from "./block-changes.ts";
import { isBlock, shapeOfBlock } from "./blocks.ts";
import { contentHash, factsOf } from "./facts.ts";
import type { HeldOwner } from "./held-owners.ts";
import { KIND_TEXTS, type Ledger } from "./ledger.ts";
import { limitsWithin } from "./limits-within.ts";
import { configuredLogin } from "./login.ts";
import { planKeyFollowers, planOwner, planOwnerRemoval } from "./owner-changes.ts";
import { type Planned, planKey, planKeyRemoval, planProvider, planRemoval, removalOf } from "./provider-changes.ts";
import { OWNER_SHAPES } from "./shapes.ts";
import { type PlannedKey, planKeyChange, planNewKey, planRotation } from "./virtual-key-changes.ts";
import { shownValue, virtualKeyEntity } from "./virtual-key-entry.ts";

/** One for the control plane. */
export class Book implements ConfigBook {
  readonly #ledger: Ledger;
  /** The change under way, and everything that waits behind it. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get version(): number {
    return this.#ledger.changes;
  }

  /** Another process wrote: takes it over when it is its turn. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {});
  }

  providers(): readonly ProviderItem[] {
    return this.#ledger.providers.names().flatMap((name) => this.provider(name) ?? []);
  }

  provider(name: string): ProviderItem | undefined {
    return this.#ledger.providers.item(name);
  }

  createProvider(name: string, body: JsonObject): Promise<Applied<ProviderItem>> {
    return this.#inTurn(() => {
      if (this.#ledger.providers.has(name))
        throw new GatewayError("conflict", `provider '${name}' is configured already`, { param: "provider" });
      return this.#putProvider(name, body);
    });
  }

  putProvider(name: string, body: JsonObject): Promise<Applied<ProviderItem>> {
    return this.#inTurn(() => this.#putProvider(name, body));
  }

  async #putProvider(name: string, body: JsonObject): Promise<Applied<ProviderItem>> {
    if (name === "")
      throw new GatewayError("missing_field", "'provider' is missing: the name of the provider", { param: "provider" });
    const { changes, warnings } = await planProvider(this.#ledger, name, body);
    await this.#ledger.commit(changes);
    return { item: this.#demandProvider(name), warnings };
  }

  removeProvider(name: string): Promise<ProviderItem> {
    return this.#inTurn(async () => {
      const item = this.#demandProvider(name);
      await this.#ledger.commit(planRemoval(this.#ledger, name).changes);
      return item;
    });
  }

  createKey(provider: string, body: JsonObject): Promise<Applied<ProviderKeyItem>> {
    return this.#inTurn(async () => {
      this.#demandProvider(provider);
      return this.#putKey(provider, body, null);
    });
  }

  putKey(provider: string, id: string, body: JsonObject): Promise<Applied<ProviderKeyItem>> {
    return this.#inTurn(async () => {
      this.#demandKey(provider, id);
      return this.#putKey(provider, body, id);
    });
  }

  async #putKey(provider: string, body: JsonObject, id: string | null): Promise<Applied<ProviderKeyItem>> {
    const planned = await planKey(this.#ledger, provider, body, id);
    await this.#ledger.commit(planned.changes);
    return { item: this.#demandKey(provider, planned.id), warnings: planned.warnings };
  }

  removeKey(provider: string, id: string): Promise<ProviderKeyItem> {
    return this.#inTurn(async () => {
      const item = this.#demandKey(provider, id);
      await this.#ledger.commit((await planKeyRemoval(this.#ledger, provider, id)).changes);
      return item;
    });
  }

  async virtualKeys(query: VirtualKeyQuery): Promise<{ items: readonly VirtualKeyItem[]; total: number }> {
    const page = await this.#ledger.ask(() => this.#ledger.store.list("virtual-key", query));
    return { items: page.entries.map((entry) => this.#virtualKeyItem(entry)), total: page.total };
  }

  async virtualKey(id: string): Promise<VirtualKeyItem | undefined> {
    const entry = await this.#liveKey(id);
    return entry === null ? undefined : this.#virtualKeyItem(entry);
  }

  createVirtualKey(body: JsonObject): Promise<AppliedVirtualKey> {
    return this.#inTurn(async () => this.#applyKey(await planNewKey(this.#ledger, body)));
  }

  putVirtualKey(id: string, body: JsonObject): Promise<Applied<VirtualKeyItem>> {
    return this.#inTurn(async () => {
      const { item, warnings } = await this.#applyKey(
        await planKeyChange(this.#ledger, await this.#demandLive(id), body),
      );
      return { item, warnings };
    });
  }

  async draftVirtualKey(id: string | null, body: JsonObject): Promise<Applied<VirtualKeyItem>> {
    const planned =
      id === null
        ? await planNewKey(this.#ledger, body)
        : await planKeyChange(this.#ledger, await this.#demandLive(id), body);
    return { item: this.#virtualKeyItem(planned.entry), warnings: planned.warnings };
  }

  rotateVirtualKey(id: string): Promise<AppliedVirtualKey> {
    return this.#inTurn(async () => this.#applyKey(await planRotation(this.#ledger, await this.#demandLive(id))));
  }

  removeVirtualKey(id: string): Promise<VirtualKeyItem> {
    return this.#inTurn(async () => {
      const entry = await this.#demandLive(id);
      await this.#ledger.commit([removalOf(entry, this.#ledger), ...planKeyFollowers(this.#ledger, id)]);
      return this.#virtualKeyItem(entry);
    });
  }

  async #applyKey(planned: PlannedKey): Promise<AppliedVirtualKey> {
    if (planned.value !== "") this.#ledger.options.conceal([planned.value]);
    await this.#ledger.commit([{ type: "put", entry: planned.entry }]);
    return { item: this.#virtualKeyItem(planned.entry), warnings: planned.warnings, value: planned.value };
  }

  governanceItems(kind: GovernanceKind, query: GovernanceQuery): { items: readonly GovernanceItem[]; total: number } {
    const { owners, total } = this.#ledger.owners.list(kind, query);
    return { items: owners.map((owner) => this.#governanceItem(kind, owner)), total };
  }

  governanceItem(kind: GovernanceKind, id: string): GovernanceItem | undefined {
    const owner = this.#ledger.owners.get(kind, id);
    return owner === undefined ? undefined : this.#governanceItem(kind, owner);
  }

  createGovernanceItem(kind: GovernanceKind, body: JsonObject): Promise<Applied<GovernanceItem>> {
    return this.#inTurn(() => this.#putGovernanceItem(kind, null, body));
  }

  putGovernanceItem(kind: GovernanceKind, id: string, body: JsonObject): Promise<Applied<GovernanceItem>> {
    return this.#inTurn(() => {
      if (kind !== "provider-limit") this.#demandOwner(kind, id);
      return this.#putGovernanceItem(kind, id, body);
    });
  }

  async #putGovernanceItem(
    kind: GovernanceKind,
    id: string | null,
    body: JsonObject,
  ): Promise<Applied<GovernanceItem>> {
    const { entry, warnings } = await planOwner(this.#ledger, kind, id, body);
    await this.#ledger.commit([{ type: "put", entry }]);
    return { item: this.#demandOwner(kind, entry.id), warnings };
  }

  removeGovernanceItem(kind: GovernanceKind, id: string): Promise<GovernanceItem> {
    return this.#inTurn(async () => {
      const item = this.#demandOwner(kind, id);
      await this.#ledger.commit(await planOwnerRemoval(this.#ledger, kind, id));
      return item;
    });
  }

  expressionProblem(expression: string): string | null {
    return this.#ledger.options.expressionProblem?.(expression) ?? null;
  }

  async limitsOf(entityId: string): Promise<readonly OwnedLimits[] | null> {
    const { owners, options } = this.#ledger;
    const key = /^virtual-key:(.*)$/s.exec(entityId)?.[1];
    if (key === undefined) return limitsWithin(owners.entityOf(entityId));
    const entry = await this.#liveKey(key);
    return entry === null ? null : limitsWithin(virtualKeyEntity(entry, options.environment));
  }

  block(name: string): ItemFacts | undefined {
    if (!isBlock(name)) return undefined;
    const entry = this.#ledger.blocks.get(name);
    if (entry === undefined) return undefined;
    return factsOf(entry, shapeOfBlock(name), this.#ledger.sourceOf(entry), this.#ledger.options.environment);
  }

  putBlock(name: string, body: JsonObject): Promise<Applied<ItemFacts>> {
    return this.#inTurn(async () => {
      const { changes, warnings } = await planBlock(this.#ledger, name, body);
      await this.#ledger.commit(changes as readonly EntryChange[]);
      return { item: this.block(name) as ItemFacts, warnings };
    });
  }

  putBlocks(blocks: readonly BlockBody[]): Promise<Applied<readonly ItemFacts[]>> {
    return this.#inTurn(async () => {
      const planned: Planned[] = [];
      for (const { name, body, label } of blocks) planned.push(await planBlock(this.#ledger, name, body, label));
      await this.#ledger.commit(planned.flatMap(({ changes }) => changes));
      const item = blocks.map(({ name }) => this.block(name) as ItemFacts);
      return { item, warnings: planned.flatMap(({ warnings }) => warnings) };
    });
  }

  /** Changes that were worked out from a whole text, when it is their turn: all of them by one write, or none. */
  change(plan: () => Promise<readonly EntryChange[]>): Promise<void> {
    return this.#inTurn(async () => this.#ledger.commit(await plan()));
  }

  configuredLogin(): ConfiguredLogin {
    const { blocks, file, options } = this.#ledger;
    return configuredLogin(blocks.get("auth_config"), file.setupToken, options.environment);
  }

  /** After everything before it, and on what other processes have written by now. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      await this.#ledger.refresh();
      return work();
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #demandProvider(name: string): ProviderItem {
    const item = this.provider(name);
    if (item !== undefined) return item;
    throw new GatewayError(
      "provider_not_found",
      `provider '${name.slice(0, 100)}' is not configured${this.#hint(name)}`,
    );
  }

  #hint(name: string): string {
    const nearest = nearestName(name, this.#ledger.providers.names());
    return nearest === undefined ? "" : `; did you mean '${nearest}'?`;
  }

  #demandKey(provider: string, id: string): ProviderKeyItem {
    const key = this.#demandProvider(provider).keys.find((one) => one.id === id);
    if (key !== undefined) return key;
    throw new GatewayError("not_found", `provider '${provider}' has no key with the id '${id.slice(0, 100)}'`);
  }

  #governanceItem(kind: GovernanceKind, { entry, entity }: HeldOwner): GovernanceItem {
    const source = this.#ledger.sourceOf(entry);
    return { ...factsOf(entry, OWNER_SHAPES[kind], source, this.#ledger.options.environment), kind, entity };
  }

  #demandOwner(kind: GovernanceKind, id: string): GovernanceItem {
    const item = this.governanceItem(kind, id);
    if (item !== undefined) return item;
    throw new GatewayError("not_found", `there is no ${KIND_TEXTS[kind]} with the id '${id.slice(0, 100)}'`);
  }

  async #liveKey(id: string): Promise<StoredEntry | null> {
    const entry = await this.#ledger.ask(() => this.#ledger.store.get("virtual-key", id));
    return entry === null || entry.deleted ? null : entry;
  }

  async #demandLive(id: string): Promise<StoredEntry> {
    const entry = await this.#liveKey(id);
    if (entry !== null) return entry;
    throw new GatewayError("not_found", `there is no virtual key with the id '${id.slice(0, 100)}'`);
  }

  #virtualKeyItem(entry: StoredEntry): VirtualKeyItem {
    const { environment } = this.#ledger.options;
    const shown = shownValue(entry, environment);
    const { value, ...rest } = entry.body;
    const isReferenced = typeof value === "string" && value !== shown;
    return {
      id: entry.id,
      name: entry.name,
      source: this.#ledger.sourceOf(entry),
      body: isReferenced ? entry.body : rest,
      masked: shown === "" ? {} : { "/value": shown },
      hash: contentHash(entry.body, entry.updatedAt),
      createdAt: entry.createdAt,
      updatedAt: entry.updatedAt,
      entity: virtualKeyEntity(entry, environment),
      shownValue: shown,
    };
  }
}

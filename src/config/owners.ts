// Reads customers, teams, limits of models and of providers out of governance, and whom they name.
import type {
  CustomerEntity,
  ModelLimitEntity,
  OwnedLimits,
  ProviderLimitEntity,
  TeamEntity,
} from "../core/entities.ts";
import { nearestName } from "../lib/nearest.ts";
import { KNOWN_PROVIDERS } from "./known-providers.ts";
import { readLimits } from "./limits.ts";
import { nameProblem } from "./names.ts";
import { limitsAbove } from "./parent-limits.ts";
import { bareModel } from "./provider-keys.ts";
import { type Reading, stableId } from "./reading.ts";
import type { GovernanceConfig } from "./schema/governance.ts";
import type { CustomerConfig, ModelConfigConfig, ProviderLimitConfig, TeamConfig } from "./schema/owners.ts";
import type { SharedLimits } from "./shared-limits.ts";
import { quoted } from "./texts.ts";

/** Finds owners by id, else by name. */
export interface OwnerLookup {
  findTeam(idOrName: string): TeamEntity | undefined;
  findCustomer(idOrName: string): CustomerEntity | undefined;
}

export type LimitOwnerEntity = CustomerEntity | TeamEntity | ModelLimitEntity | ProviderLimitEntity;

/** What the file says of owners. */
export interface OwnersRead extends OwnerLookup {
  readonly entities: readonly LimitOwnerEntity[];
}

export interface OwnersReading {
  readonly shared: SharedLimits;
  /** Names of providers that are configured. */
  readonly providers: ReadonlySet<string>;
  /** Owners that are known from elsewhere. */
  readonly known?: OwnerLookup | undefined;
}

/** Makes the ids of limits that have none; of virtual keys the id alone does. */
export function limitSeed(kind: LimitOwnerEntity["kind"], id: string): string {
  return `${kind}:${id}`;
}

export function readOwners(
  reading: Reading,
  governance: GovernanceConfig | undefined,
  options: OwnersReading,
): OwnersRead {
  const work = new OwnerReader(reading, options);
  work.customers(governance?.customers ?? []);
  work.teams(governance?.teams ?? []);
  work.providers(governance?.providers ?? []);
  work.models(governance?.model_configs ?? []);
  return work;
}

class OwnerReader implements OwnersRead {
  readonly entities: LimitOwnerEntity[] = [];
  readonly #reading: Reading;
  readonly #options: OwnersReading;
  readonly #customers = new Named<CustomerEntity>("customer");
  readonly #teams = new Named<TeamEntity>("team");

  constructor(reading: Reading, options: OwnersReading) {
    this.#reading = reading;
    this.#options = options;
  }

  findTeam(idOrName: string): TeamEntity | undefined {
    return this.#teams.find(idOrName) ?? this.#options.known?.findTeam(idOrName);
  }

  findCustomer(idOrName: string): CustomerEntity | undefined {
    return this.#customers.find(idOrName) ?? this.#options.known?.findCustomer(idOrName);
  }

  customers(list: readonly (CustomerConfig | undefined)[]): void {
    for (const [index, config] of list.entries()) {
      if (config === undefined) continue;
      const path = `governance.customers[${index}]`;
      const names = this.#names(config, "customer", path);
      if (names === null) continue;
      const limits = this.#limits(config, "customer", names, path);
      const entity: CustomerEntity = { kind: "customer", ...names, ...limits };
      this.#customers.add(this.#reading, config, path, entity);
      this.entities.push(entity);
    }
  }

  teams(list: readonly (TeamConfig | undefined)[]): void {
    for (const [index, config] of list.entries()) {
      if (config === undefined) continue;
      const path = `governance.teams[${index}]`;
      const names = this.#names(config, "team", path);
      if (names === null) continue;
      const limits = this.#limits(config, "team", names, path);
      const customer = this.#customerOf(config, path, limits);
      const entity: TeamEntity = { kind: "team", ...names, customerId: customer, ...limits };
      this.#teams.add(this.#reading, config, path, entity);
      this.entities.push(entity);
    }
  }

  /** A customer that the file does not declare may have been made by the API. */
  #customerOf(config: TeamConfig, path: string, limits: OwnedLimits): string | null {
    const written = config.customer_id ?? "";
    if (written === "") return null;
    const customer = this.findCustomer(written);
    if (customer === undefined) warnUnknownOwner(this.#reading, config, "customer_id", `${path}.customer_id`);
    else warnAbove(this.#reading, config, path, limits, customer, `the customer ${quoted(customer.name)}`);
    return customer?.id ?? written;
  }

  providers(list: readonly (ProviderLimitConfig | undefined)[]): void {
    const seen = new Set<string>();
    for (const [index, config] of list.entries()) {
      if (config === undefined) continue;
      const path = `governance.providers[${index}]`;
      const provider = config.provider ?? config.name ?? "";
      if (provider === "") {
        this.#refuseMissing(config, "provider", path, "names no provider");
        continue;
      }
      if (seen.has(provider)) this.#refuseSecond(config, path, `the provider ${quoted(provider)}`);
      seen.add(provider);
      this.#warnUnconfigured(config, "provider", provider, path);
      const limits = this.#limits(config, "provider", { id: provider, name: provider }, path);
      this.entities.push({ kind: "provider-limit", provider, ...limits });
    }
  }

  models(list: readonly (ModelConfigConfig | undefined)[]): void {
    const seen = new Map<string, number>();
    const ids = new Set<string>();
    for (const [index, config] of list.entries()) {
      if (config === undefined) continue;
      const path = `governance.model_configs[${index}]`;
      const entity = this.#model(config, path);
      if (entity === null) continue;
      const what = JSON.stringify([entity.model, entity.provider, entity.virtualKeyId]);
      const other = seen.get(what);
      if (other !== undefined)
        this.#refuseSecond(config, path, `the model, provider and scope of governance.model_configs[${other}]`);
      else if (ids.has(entity.id)) this.#refuseSecond(config, path, `the id ${quoted(entity.id)}`);
      seen.set(what, index);
      ids.add(entity.id);
      this.entities.push(entity);
    }
  }

  #model(config: ModelConfigConfig, path: string): ModelLimitEntity | null {
    const model = config.model_name ?? "";
    if (model === "") return this.#refuseMissing(config, "model_name", path, "names no model");
    if (config.scope === "user") {
      this.#reading.document.warn(
        this.#reading.document.at(config, "scope"),
        "not-supported-yet",
        `${path} is not supported yet and is ignored: limits of one user`,
        { remedy: 'Use the scope "virtual_key" or "global".' },
      );
      return null;
    }
    const isOfKey = config.scope === "virtual_key";
    const scopeId = config.scope_id ?? "";
    if (isOfKey && scopeId === "") return this.#refuseMissing(config, "scope_id", path, "names no virtual key");
    const provider = config.provider === undefined || config.provider === "" ? null : config.provider;
    if (provider !== null) this.#warnUnconfigured(config, "provider", provider, path);
    const words = [model, provider ?? "", isOfKey ? scopeId : ""];
    const id = config.id !== undefined && config.id !== "" ? config.id : stableId("model-config", ...words);
    return {
      kind: "model-limit",
      id,
      model: provider === null ? model : bareModel(model, provider),
      provider,
      virtualKeyId: isOfKey ? scopeId : null,
      ...this.#limits(config, "model-config", { id, name: id }, path),
    };
  }

  #names(config: CustomerConfig | TeamConfig, kind: "customer" | "team", path: string): Names | null {
    const { document } = this.#reading;
    const name = config.name || config.id || "";
    if (name === "") return this.#refuseMissing(config, "name", path, "has no name");
    const problem = nameProblem(name);
    if (problem !== null) document.refuse(document.at(config, "name"), "wrong-value", `${path}.name ${problem}`);
    return { id: config.id !== undefined && config.id !== "" ? config.id : stableId(kind, name), name };
  }

  #limits(config: OwnerConfig, kind: keyof typeof OWNER_MEMBER, { id, name }: Names, path: string): OwnedLimits {
    const seed = limitSeed(SEED_KINDS[kind], id);
    const owner = { kind: OWNER_MEMBER[kind], names: id === name ? [id] : [id, name], seed, path };
    return readLimits(this.#reading, config, owner, this.#options.shared);
  }

  #refuseMissing(config: object, member: string, path: string, problem: string): null {
    const { document } = this.#reading;
    // one that was there and wrong has been refused already
    if (!document.has(config, member) || (config as Record<string, unknown>)[member] === "")
      document.refuse(document.at(config), "missing", `${path} ${problem}`, { expected: `a member "${member}"` });
    return null;
  }

  #refuseSecond(config: object, path: string, what: string): void {
    const { document } = this.#reading;
    document.refuse(document.at(config), "duplicate", `${path} has ${what} a second time`, {
      remedy: "Keep one of them.",
    });
  }

  #warnUnconfigured(config: object, member: string, provider: string, path: string): void {
    const { document, registry } = this.#reading;
    const { providers } = this.#options;
    if (providers.has(provider)) return;
    const isKnown = registry.get(provider) !== undefined || KNOWN_PROVIDERS.includes(provider);
    document.warn(
      document.at(config, member),
      "reference",
      `${path}: provider ${quoted(provider)} is not configured, so this entry limits nothing`,
      { nearest: isKnown ? undefined : nearestName(provider, [...providers]) },
    );
  }
}

interface Names {
  readonly id: string;
  readonly name: string;
}

type OwnerConfig = CustomerConfig | TeamConfig | ProviderLimitConfig | ModelConfigConfig;

/** The member by which entries of the shared lists name such an owner. */
const OWNER_MEMBER = {
  customer: "customer_id",
  team: "team_id",
  provider: "provider",
  "model-config": "model_config_id",
} as const;

const SEED_KINDS = {
  customer: "customer",
  team: "team",
  provider: "provider-limit",
  "model-config": "model-limit",
} as const;

/** Owners by id and by name; each stands once. */
class Named<E extends { readonly id: string; readonly name: string }> {
  readonly #kind: string;
  readonly #byId = new Map<string, E>();
  readonly #byName = new Map<string, E>();

  constructor(kind: string) {
    this.#kind = kind;
  }

  find(idOrName: string): E | undefined {
    return this.#byId.get(idOrName) ?? this.#byName.get(idOrName);
  }

  add({ document }: Reading, config: object, path: string, entity: E): void {
    const member = this.#byName.has(entity.name) ? "name" : "id";
    if (this.#byName.has(entity.name) || this.#byId.has(entity.id))
      document.refuse(
        document.at(config, member),
        "duplicate",
        `${path} has the ${member} of another ${this.#kind} of the file`,
        { remedy: "Every one needs its own." },
      );
    this.#byId.set(entity.id, entity);
    this.#byName.set(entity.name, entity);
  }
}

/** An owner that is not in the file may have been made by the API: it is told, not refused. */
export function warnUnknownOwner(
  { document }: Reading,
  config: object,
  member: "team_id" | "customer_id",
  path: string,
): void {
  const what = member === "team_id" ? "team" : "customer";
  document.warn(document.at(config, member), "reference", `${path} names no ${what} of the file`, {
    remedy: `One that the API made is found all the same; else declare it under governance.${what}s.`,
  });
}

/** Limits that can never be reached because the owner's own are lower. */
export function warnAbove(
  { document }: Reading,
  config: object,
  path: string,
  limits: OwnedLimits,
  parent: OwnedLimits,
  name: string,
): void {
  for (const problem of limitsAbove(limits, parent, name))
    document.warn(document.at(config), "unused", `${path}: ${problem}`);
}

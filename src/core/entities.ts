// Configuration as plain data: what the control plane resolves and sends to the data plane, entity by entity.
import type { ProxySettings } from "./http.ts";
import type { PriceOverride } from "./price.ts";

/** Timeouts in ms. Names follow `network_config`. */
export interface NetworkSettings {
  /** Replaces the adapter's base URL; null = the adapter's. A trailing `/v1` is removed by the loader where the adapter adds it. */
  readonly baseUrl: string | null;
  readonly extraHeaders: Readonly<Record<string, string>>;
  /** Bounds each attempt: a plain one to its last byte, a streamed one to its first content. */
  readonly requestTimeout: number;
  readonly maxRetries: number;
  readonly backoffInitial: number;
  readonly backoffMax: number;
  readonly streamIdle: number;
  readonly keepAlive: number;
  readonly maxConnections: number;
  readonly insecureSkipVerify: boolean;
  readonly caPem: string | null;
  /** Prefix of a beta header value → forward it or not (Anthropic dialect). */
  readonly betaHeaderOverrides: Readonly<Record<string, boolean>>;
  readonly allowPrivateNetwork: boolean;
}

export interface AzureKeySettings {
  readonly endpoint: string;
  readonly apiVersion: string;
  /** Model → deployment name, besides the aliases. */
  readonly deployments: Readonly<Record<string, string>>;
}

/** An Entra application (azure). */
export interface EntraKeySettings {
  /** Who gives the tokens: `https://host`, without a path. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** One provider key. `value` is the secret in clear: it stays in memory and goes only to the provider. */
export interface KeyEntity {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly enabled: boolean;
  /** 0 or more; absent in the file = 1. */
  readonly weight: number;
  /** null = every model. */
  readonly models: readonly string[] | null;
  readonly blacklistedModels: readonly string[];
  /** Model as asked → model as the provider spells it. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Alias → the model as price lists name it, where that was told; absent: of none. */
  readonly modelNames?: Readonly<Record<string, string>>;
  /** Base URL of this key alone (ollama, vllm, sgl); null = the provider's. */
  readonly url: string | null;
  readonly azure: AzureKeySettings | null;
  /** What a key without a value is traded for a token with; absent: it has none. */
  readonly entra?: EntraKeySettings;
}

/** Every text of a key that must never be told. */
export function secretsOfKey({ value, entra }: KeyEntity): readonly string[] {
  if (entra === undefined) return value === "" ? [] : [value];
  return value === "" ? [entra.clientSecret] : [value, entra.clientSecret];
}

export interface ProviderEntity {
  readonly kind: "provider";
  /** The name that requests and virtual keys use. */
  readonly name: string;
  /** The adapter: equal to `name`, or the base type of a custom provider. */
  readonly base: string;
  readonly custom: boolean;
  /** Answers without any key (local servers, `is_key_less`, demo). The entity then has one key with an empty value. */
  readonly keyless: boolean;
  readonly keys: readonly KeyEntity[];
  readonly network: NetworkSettings;
  readonly proxy: ProxySettings;
  /** Request types of compat naming (`chat_completion`, …) that may be asked; null = all that the adapter has. */
  readonly allowedRequests: readonly string[] | null;
  /** Request type → path that replaces the adapter's. */
  readonly pathOverrides: Readonly<Record<string, string>>;
  /** Where it was declared, for people: `config.json:12`, `OPENAI_API_KEY`, `built in`. */
  readonly source: string;
}

/** Stored and shown; enforced by governance when it is there. Money in nano-dollars (bigint as decimal text over the channel). */
export interface BudgetEntity {
  readonly id: string;
  readonly maxLimitNano: string;
  readonly resetDuration: string | null;
  /** Never exceeded at all. */
  readonly hard?: true;
  /** Windows begin with the UTC day, week, month, quarter or year. */
  readonly calendarAligned?: true;
  /** The month in which the fiscal year begins, 1 to 12; absent = 1. */
  readonly quarterStartMonth?: number;
  readonly override?: BudgetOverride;
  /** Nano-dollars. */
  readonly start?: StartingUsage;
}

/** Raises the limit of a budget. */
export interface BudgetOverride {
  readonly amountNano: string;
  /** Windows that are left of `cyclesTotal`; null = forever. */
  readonly cyclesRemaining: number | null;
  readonly cyclesTotal: number | null;
  /** Unix ms of the reset from which the windows are counted. */
  readonly anchorReset: number | null;
}

/** What was used when the limit is first seen; never taken again at a later start. */
export interface StartingUsage {
  /** Decimal text. */
  readonly used: string;
  /** Unix ms at which the window began; null = not known. */
  readonly lastReset: number | null;
}

export interface RateLimitEntity {
  readonly id: string;
  readonly tokenMaxLimit: number | null;
  readonly tokenResetDuration: string | null;
  readonly requestMaxLimit: number | null;
  readonly requestResetDuration: string | null;
  readonly calendarAligned?: true;
  /** Tokens. */
  readonly tokenStart?: StartingUsage;
  /** Requests. */
  readonly requestStart?: StartingUsage;
  /** Requests under way at once, of each node; absent or null = any number. */
  readonly maxParallel?: number | null;
}

/** What becomes of requests while the store of counters cannot be asked. Budgets that are `hard` always refuse. */
export type OnStoreDown = "serve" | "refuse";

/** Whether models without a price may be asked. */
export type UnpricedModels = "allow" | "deny";

/** The limits of one owner. */
export interface OwnedLimits {
  readonly budgets: readonly BudgetEntity[];
  readonly rateLimit: RateLimitEntity | null;
}

export interface CustomerEntity extends OwnedLimits {
  readonly kind: "customer";
  readonly id: string;
  readonly name: string;
}

export interface TeamEntity extends OwnedLimits {
  readonly kind: "team";
  readonly id: string;
  readonly name: string;
  readonly customerId: string | null;
}

/** Limits of one model: for everybody, or for one virtual key. */
export interface ModelLimitEntity extends OwnedLimits {
  readonly kind: "model-limit";
  readonly id: string;
  /** As it is asked, without provider; `*` = every model. */
  readonly model: string;
  /** null = at whatever provider. */
  readonly provider: string | null;
  /** Id of the virtual key that it holds for; null = for every request. */
  readonly virtualKeyId: string | null;
}

/** Limits of one provider for everybody. */
export interface ProviderLimitEntity extends OwnedLimits {
  readonly kind: "provider-limit";
  readonly provider: string;
}

/** Limits of one model within a provider config of a virtual key. */
export interface ScopedModelLimit extends OwnedLimits {
  readonly model: string;
}

/** A configured price in place of the sheet's. */
export interface PriceOverrideEntity extends PriceOverride {
  readonly kind: "price-override";
}

export interface VirtualKeyProviderEntity {
  readonly provider: string;
  /** null = only when named. */
  readonly weight: number | null;
  /** null = every model. */
  readonly allowedModels: readonly string[] | null;
  readonly blacklistedModels: readonly string[];
  /** Ids or names of provider keys; null = all. */
  readonly keyIds: readonly string[] | null;
  readonly budgets: readonly BudgetEntity[];
  readonly rateLimit: RateLimitEntity | null;
  /** `model_budgets`; absent = none. */
  readonly modelLimits?: readonly ScopedModelLimit[];
}

export interface VirtualKeyEntity {
  readonly kind: "virtual-key";
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the secret, base64. The secret itself never leaves the control plane. */
  readonly valueHash: string;
  readonly active: boolean;
  /** Unix ms; null = never. */
  readonly expiresAt: number | null;
  /** null = every provider with every model (config version 1 only). */
  readonly providers: readonly VirtualKeyProviderEntity[] | null;
  readonly budgets: readonly BudgetEntity[];
  readonly rateLimit: RateLimitEntity | null;
  /** A key has a team or a customer, not both; absent or null = none. */
  readonly teamId?: string | null;
  readonly customerId?: string | null;
  /** Absent = serve. */
  readonly onStoreDown?: OnStoreDown;
  /** Absent = as the whole gateway has it. */
  readonly unpricedModels?: UnpricedModels;
  /** Headers that every request with this key must have, lower case; absent = none but those of the settings. */
  readonly requiredHeaders?: readonly string[];
  /** Absent = as the whole gateway has it. */
  readonly contentLevel?: ContentLevel;
}

/** A target of a routing rule; null = as the request has it. */
export interface RuleTargetEntity {
  readonly provider: string | null;
  readonly model: string | null;
  /** Id or name of a provider key. */
  readonly keyId: string | null;
  /** The weights of a rule's targets sum to 1. */
  readonly weight: number;
}

export type RuleScope = "virtual_key" | "team" | "customer" | "global";

/** A rule that chooses provider and model by an expression (CEL). */
export interface RoutingRuleEntity {
  readonly kind: "routing-rule";
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Evaluate again with the provider and model that it chose. */
  readonly chain: boolean;
  /** Empty = every request. */
  readonly expression: string;
  readonly targets: readonly RuleTargetEntity[];
  /** `provider/model`; not empty: in place of the request's. */
  readonly fallbacks: readonly string[];
  readonly scope: RuleScope;
  /** Id of the virtual key, team or customer; null = global. */
  readonly scopeId: string | null;
  /** Lower ones come first within a scope. */
  readonly priority: number;
}

/** How the complexity of a request is told (governance.complexity_analyzer_config); one for the gateway. */
export interface ComplexityEntity {
  readonly kind: "complexity";
  /** Scores from which a tier begins, 0 to 1. */
  readonly medium: number;
  readonly complex: number;
  readonly reasoning: number;
  readonly codeWords: readonly string[];
  readonly reasoningWords: readonly string[];
  readonly technicalWords: readonly string[];
  readonly simpleWords: readonly string[];
}

/**
 * What of a request and its answer the record keeps. `ends`: the last user text and the answer, 8 KB each, of the other messages
 * role, type and length. `full`: both whole, up to 16 MB together. `redacted`: as `ends`, with what looks like a secret or like
 * personal data blotted out. `off`: nothing.
 */
export type ContentLevel = "off" | "ends" | "full" | "redacted";

/** The `client` block and what else concerns every request. */
export interface SettingsEntity {
  readonly kind: "settings";
  readonly enforceVirtualKeys: boolean;
  readonly requiredHeaders: readonly string[];
  readonly maxRequestBodyBytes: number;
  readonly loggingEnabled: boolean;
  readonly contentLogging: boolean;
  /** `client.content_level`; absent = `ends`. Where `contentLogging` is false nothing is kept, whatever a key says. */
  readonly contentLevel?: ContentLevel | undefined;
  /** A request may name a lower level (allow_per_request_content_storage_override); absent = no. */
  readonly contentByRequest?: boolean | undefined;
  /** Header names, lower case, whose values the record keeps as tags (client.logging_headers); absent = none. */
  readonly loggingHeaders?: readonly string[] | undefined;
  /** `*` = all; null = not written: all where a credential is demanded, else those of this machine. */
  readonly allowedOrigins: readonly string[] | null;
  readonly allowedHeaders: readonly string[];
  readonly whitelistedRoutes: readonly string[];
  /** Host names, besides loopback and addresses, that admin routes answer to. */
  readonly allowedHosts: readonly string[];
  /** Header names that may be passed upstream without the `x-bf-eh-` prefix, and those that may not at all; lower case. */
  readonly headerAllowlist: readonly string[];
  readonly headerDenylist: readonly string[];
  /** Text completions become chats where a provider or a model has nothing else (client.compat); absent = no. */
  readonly convertTextToChat?: boolean | undefined;
  /** So many routing rules may follow one another (client.routing_chain_max_depth); absent = 10. */
  readonly routingChainDepth?: number | undefined;
  /** `governance.unpriced_models`; absent = allow. */
  readonly unpricedModels?: UnpricedModels | undefined;
}

/** What is known of one model at one provider type; null = not known. Tokens. */
export interface CatalogueModel {
  readonly id: string;
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
}

export interface CatalogueEntity {
  readonly kind: "catalogue";
  /** Adapter name (or, for live lists, provider name). */
  readonly provider: string;
  readonly models: readonly CatalogueModel[];
}

export type Entity =
  | ProviderEntity
  | VirtualKeyEntity
  | SettingsEntity
  | CatalogueEntity
  | CustomerEntity
  | TeamEntity
  | ModelLimitEntity
  | ProviderLimitEntity
  | PriceOverrideEntity
  | RoutingRuleEntity
  | ComplexityEntity;

/** Whether the entity owns limits, as customers do and configured prices do not. */
export function hasLimits<E extends Entity>(entity: E): entity is Extract<E, OwnedLimits> {
  return "budgets" in entity;
}

/** The identity under which an entity is replaced or removed. */
export function entityId(entity: Entity): string {
  switch (entity.kind) {
    case "provider":
      return `provider:${entity.name}`;
    case "virtual-key":
      return `virtual-key:${entity.id}`;
    case "settings":
      return "settings:";
    case "catalogue":
      return `catalogue:${entity.provider}`;
    case "customer":
    case "team":
    case "model-limit":
    case "price-override":
    case "routing-rule":
      return `${entity.kind}:${entity.id}`;
    case "complexity":
      return "complexity:";
    case "provider-limit":
      return `provider-limit:${entity.provider}`;
  }
}

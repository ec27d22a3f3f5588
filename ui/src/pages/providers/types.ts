// What the API tells of providers, their keys, the types that could be configured, models and prices.

/** A secret, or a text that may be a reference: never what it stands for. */
export interface SecretShown {
  readonly value: string;
  readonly env_var: string;
  readonly from_env: boolean;
}

/** Where an entry comes from; `place` is for instance `config.json:14` or a variable. */
export interface Source {
  readonly type: "file" | "environment" | "api" | "built-in";
  readonly place?: string;
}

export interface KeyShown {
  readonly id: string;
  readonly name: string;
  readonly value: SecretShown;
  readonly models: readonly string[];
  readonly blacklisted_models: readonly string[];
  readonly weight: number;
  readonly enabled: boolean;
  readonly aliases: Readonly<Record<string, unknown>>;
  readonly status: "success" | "error";
  /** What keeps it from being used. */
  readonly description: string;
  readonly source: Source;
  /** Blocks of single types of provider. */
  readonly [member: string]: unknown;
}

export interface ProviderShown {
  readonly name: string;
  readonly keys: readonly KeyShown[];
  readonly network_config: Readonly<Record<string, unknown>>;
  readonly proxy_config: Readonly<Record<string, unknown>> | null;
  readonly custom_provider_config: Readonly<Record<string, unknown>> | null;
  readonly provider_status: "active" | "error";
  readonly description: string;
  readonly source: Source;
  readonly warnings?: readonly string[];
}

export interface KeyFieldKind {
  readonly name: string;
  readonly label: string;
  readonly required: boolean;
  readonly secret: boolean;
}

/** A type of provider that could be configured. */
export interface ProviderType {
  readonly name: string;
  readonly label: string;
  readonly base_url: string | null;
  readonly keyless: boolean;
  readonly key_prefixes: readonly string[];
  readonly key_fields: readonly KeyFieldKind[];
  readonly environment: readonly string[];
  readonly cheap_model: string | null;
  readonly configured: boolean;
}

/** What a test of a key answers. */
export interface TestResult {
  readonly ok: boolean;
  readonly latency_ms: number;
  readonly asked: readonly string[];
  readonly key_proven: boolean;
  readonly models: readonly string[];
  readonly model_count: number;
  readonly error: {
    readonly what: string;
    readonly why: string;
    readonly what_to_do: string;
    readonly status: number | null;
  } | null;
}

/** One line of the rankings by a dimension. */
export interface Ranking {
  readonly id: string;
  readonly total_requests: number;
  readonly error_count: number;
  readonly p95_latency: number;
}

export interface Rankings {
  readonly rankings: readonly Ranking[];
}

export interface ModelShown {
  readonly name: string;
  readonly provider: string;
  readonly context_length?: number;
  readonly max_output_tokens?: number;
  /** USD for one token, as texts. */
  readonly pricing?: Readonly<Record<string, string>>;
  readonly pricing_source?: string;
}

export interface Override {
  readonly id: string;
  readonly name: string;
  readonly scope_kind: string;
  readonly provider_id: string | null;
  readonly match_type: "exact" | "wildcard";
  readonly pattern: string;
  readonly patch: Readonly<Record<string, number>>;
  readonly source?: Source;
}

export interface PriceStatus {
  readonly bundled: { readonly date: string; readonly version: string; readonly sources: readonly string[] };
  readonly price_sheet: Readonly<Record<string, unknown>> | null;
  readonly overrides: number;
}

// What Home reads of the management API.

/** GET /api/ui/state */
export interface UiState {
  readonly demo: { readonly enabled: boolean; readonly mode: string };
  readonly logging: boolean;
  readonly config_locked: boolean;
  readonly configured_providers: number;
  readonly virtual_keys: number;
  readonly warning_texts: readonly string[];
}

/** A type of provider, of GET /api/providers/catalog. */
export interface ProviderType {
  readonly name: string;
  readonly label: string;
  readonly keyless: boolean;
  readonly key_prefixes: readonly string[];
  readonly key_fields: readonly { readonly name: string; readonly required: boolean }[];
  readonly cheap_model: string | null;
  readonly configured: boolean;
}

/** A variable of GET /api/providers/environment. */
export interface FoundVariable {
  readonly provider: string;
  readonly label: string;
  readonly variable: string;
}

/** POST /api/providers/test */
export interface ProbeAnswer {
  readonly ok: boolean;
  readonly key_proven: boolean;
  readonly models: readonly string[];
  readonly model_count: number;
  readonly error: { readonly what: string; readonly why: string; readonly what_to_do: string } | null;
}

/** A provider of GET /api/providers, as far as Home shows it. */
export interface ConfiguredProvider {
  readonly name: string;
  readonly provider_status: string;
  readonly status: string;
  readonly description: string;
  readonly source: { readonly type: string };
  readonly keys: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly description: string;
  }[];
}

/** A row of GET /api/logs/rankings/by-dimension. */
export interface RankingRow {
  readonly id: string;
  readonly name: string;
  readonly total_requests: number;
  readonly error_count: number;
  readonly total_cost: number;
  readonly unpriced_requests: number;
  readonly p95_latency: number;
}

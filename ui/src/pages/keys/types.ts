// Virtual keys, their owners and limits as the management API shows them.

/** A budget with what is used of it; dollars. */
export interface Budget {
  readonly id: string;
  readonly max_limit: number;
  /** Empty: it never resets, and credits fill it. */
  readonly reset_duration: string;
  readonly current_usage: number;
  readonly reserved: number;
  readonly uncertain: number;
  readonly unpriced_requests: number;
  readonly effective_max_limit: number;
  readonly resets_at: string | null;
  readonly calendar_aligned: boolean;
  readonly hard?: boolean;
  readonly override_amount?: number;
  readonly override_mode?: string;
  readonly override_cycles_remaining?: number;
}

export interface RateLimit {
  readonly id: string;
  readonly token_max_limit: number | null;
  readonly token_reset_duration: string | null;
  readonly token_current_usage: number;
  readonly request_max_limit: number | null;
  readonly request_reset_duration: string | null;
  readonly request_current_usage: number;
  readonly max_parallel: number | null;
}

export interface Limits {
  readonly budgets: readonly Budget[];
  readonly rate_limit: RateLimit | null;
}

export interface ModelBudget extends Limits {
  readonly model_name: string;
}

/** What a key may use of a provider. */
export interface ProviderConfig extends Limits {
  readonly id: string;
  readonly provider: string;
  /** Null: used only when the request names it. */
  readonly weight: number | null;
  readonly allowed_models: readonly string[];
  readonly blacklisted_models: readonly string[];
  readonly key_ids: readonly string[];
  readonly model_budgets: readonly ModelBudget[];
}

export interface Source {
  readonly type: "file" | "environment" | "api" | "built-in";
  readonly place?: string;
}

interface Kept {
  readonly source: Source;
  readonly created_at?: string;
  readonly updated_at?: string;
}

export interface OwnerName {
  readonly id: string;
  readonly name: string;
}

export interface VirtualKey extends Limits, Kept {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly value: string;
  readonly is_active: boolean;
  readonly expires_at: string | null;
  readonly provider_configs: readonly ProviderConfig[];
  readonly team_id: string | null;
  readonly customer_id: string | null;
  readonly team: OwnerName | null;
  readonly customer: OwnerName | null;
  readonly on_store_down: string;
  readonly unpriced_models: string | null;
  readonly content_level: string | null;
  readonly required_headers: readonly string[];
}

/** A team or a customer. */
export interface Owner extends Limits, Kept {
  readonly id: string;
  readonly name: string;
  readonly customer_id?: string | null;
  readonly customer?: OwnerName | null;
}

/** A limit for everybody: of a model, or of a provider. */
export interface GlobalLimit extends Limits, Kept {
  readonly id?: string;
  readonly model_name?: string;
  readonly provider: string | null;
  readonly scope?: string;
  readonly scope_id?: string | null;
}

/** What a budget is expected to have used. */
export interface Forecast {
  readonly budget_id: string;
  readonly expected_use_at_reset: number | null;
  readonly exhausted_at: string | null;
}

export interface OwnerForecast {
  readonly spend: { readonly last_24_hours: number; readonly last_7_days: number };
  readonly forecasts: readonly Forecast[];
}

/** What of the shell's state matters here. */
export interface UiState {
  readonly config_locked: boolean;
  readonly config_path: string | null;
}

/** Whether a virtual key is taken now. */
export type KeyState = "active" | "expired" | "off";

/** `now`: Unix ms. */
export function stateOf(key: Pick<VirtualKey, "is_active" | "expires_at">, now: number): KeyState {
  if (!key.is_active) return "off";
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? "expired" : "active";
}

export type OwnerKind = "team" | "customer";

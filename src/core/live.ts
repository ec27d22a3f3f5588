// What a viewer is told while requests run: the events of the live stream, as they travel from the loop to browsers and terminals.

/*
 * One SSE frame an event (`event:` its type, `id:` a rising number, `data:` the rest as JSON). Events of one request that fall
 * into one batch are merged into the last of them, which says all that the earlier ones said.
 */

/** One try while it runs. Times are ms since the request was accepted; null = not yet. */
export interface LiveAttempt {
  readonly provider: string;
  readonly model: string;
  /** Name of the provider key. */
  readonly key: string;
  readonly fallback_index: number;
  readonly reason: string;
  readonly start: number;
  readonly first_byte: number | null;
  readonly end: number | null;
  readonly status: number | null;
  /** Empty while it runs and when it answered; else the kind of failure. */
  readonly outcome: string;
  readonly error: string;
}

/** A request as far as it is known; the members have the names and meanings of a row of the log (LogRow). */
export interface LiveRequest {
  readonly id: string;
  /** RFC 3339, when it was accepted. */
  readonly timestamp: string;
  readonly object: string;
  readonly stream: boolean;
  readonly requested_model: string;
  readonly virtual_key_id: string | null;
  readonly virtual_key_name: string | null;
  readonly user_id: string | null;
  readonly app: string | null;
  readonly provider: string;
  readonly model: string;
  readonly status: "processing" | "success" | "error" | "cancelled";
  /** The status that the client saw; null = none yet. */
  readonly status_code: number | null;
  /** ms; null while it runs. */
  readonly latency: number | null;
  readonly time_to_first_token: number | null;
  readonly total_tokens: number | null;
  /** USD; null = unpriced, or not known yet. */
  readonly cost: number | null;
  readonly overhead_us: number | null;
  readonly error_message: string | null;
  readonly fallback_index: number;
  readonly number_of_retries: number;
  readonly attempts: readonly LiveAttempt[];
}

/** Instead of single requests, while they are too many for this viewer. */
export interface LiveSummary {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly requests: number;
  readonly success: number;
  readonly error: number;
  readonly cancelled: number;
  readonly by_provider: Readonly<Record<string, { readonly requests: number; readonly error: number }>>;
}

export interface LiveProviderHealth {
  readonly provider: string;
  /** `resting`: each of its keys rests. `degraded`: some do. */
  readonly state: "ok" | "degraded" | "resting";
  /** In words; empty when `ok`. */
  readonly reason: string;
  /** Unix ms since when it is so. */
  readonly since: number;
  readonly keys: readonly {
    readonly id: string;
    readonly name: string;
    readonly reason: string;
    readonly rest_until: number;
  }[];
}

export interface LiveBudget {
  readonly budget_id: string;
  readonly owner: string;
  readonly owner_name: string;
  /** USD. */
  readonly used: number;
  readonly limit: number;
}

export type LiveEvent =
  | { readonly type: "request.started"; readonly request: LiveRequest }
  | { readonly type: "request.attempt"; readonly request: LiveRequest }
  | { readonly type: "request.first_token"; readonly request: LiveRequest }
  | { readonly type: "request.finished"; readonly request: LiveRequest }
  | { readonly type: "requests.summary"; readonly summary: LiveSummary }
  | { readonly type: "provider.health"; readonly health: LiveProviderHealth }
  | { readonly type: "budget.changed"; readonly budget: LiveBudget }
  /** `version` of the configuration in force. */
  | { readonly type: "config.changed"; readonly version: number; readonly kinds: readonly string[] }
  /** Events were lost between this viewer's last id and here: it asks for what it shows anew. */
  | { readonly type: "gap" };

export type LiveTopic = "requests" | "health" | "budgets" | "config";

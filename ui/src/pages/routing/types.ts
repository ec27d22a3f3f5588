// What the API tells of routes: rules, decisions of the simulator, complexity; and the few facts of keys and virtual keys that pages name.

export interface RuleTarget {
  readonly provider: string | null;
  readonly model: string | null;
  readonly key_id: string | null;
  readonly weight: number | null;
}

export type RuleScope = "global" | "customer" | "team" | "virtual_key";

/** Where an entry of the configuration comes from. */
export interface Source {
  readonly type: "file" | "environment" | "api" | "built-in";
  readonly place?: string;
}

/** A routing rule as the API shows it. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly chain_rule: boolean;
  readonly cel_expression: string;
  readonly targets: readonly RuleTarget[];
  readonly fallbacks: readonly string[];
  readonly scope: RuleScope;
  readonly scope_id: string | null;
  readonly priority: number;
  /** The tree of the builder, kept by the gateway as it comes. */
  readonly query?: unknown;
  readonly source: Source;
  readonly created_at?: string;
}

export interface RuleList {
  readonly rules: readonly Rule[];
  readonly total_count: number;
  readonly warnings?: readonly string[];
}

export interface Planned {
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  readonly reason: string;
}

export interface ShownCandidate {
  readonly provider: string;
  readonly model: string;
  readonly weight: number | null;
  readonly share: number;
  readonly health: number;
  readonly removed?: string;
}

export interface Verdict {
  readonly name: string;
  readonly matched: boolean;
  readonly why: string;
}

export interface ShownDecision {
  readonly engine: string;
  readonly seed: number;
  readonly draw: number | null;
  readonly order: readonly Planned[];
  readonly candidates: readonly ShownCandidate[];
  readonly rules: readonly Verdict[];
  readonly rule?: { readonly id: string; readonly name: string };
  readonly refusal?: { readonly code: string; readonly status: number; readonly message: string };
}

/** What POST /api/routing/simulate answers. */
export interface Simulation {
  readonly decision: ShownDecision;
  /** `provider/model` → fraction of the draws. */
  readonly shares: Readonly<Record<string, number>>;
  readonly warnings?: readonly string[];
}

export interface FlatKey {
  readonly key_id: string;
  readonly name: string;
  readonly provider: string;
  readonly enabled: boolean;
  readonly weight: number;
  readonly status: string;
  readonly description: string;
}

/** Names for the lists of forms. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

// A routing decision: what was asked, what could serve it, what was removed and why, what was drawn, and the order to try.

import type { GatewayError } from "./errors.ts";
import type { Operation } from "./operations.ts";
import type { Provider, ProviderKey, VirtualKey, VirtualKeyProvider } from "./snapshot.ts";

/** What of a request the planner looks at. */
export interface RequestFeatures {
  readonly operation: Operation;
  readonly stream: boolean;
  /** As sent: `provider/model` or a bare model. */
  readonly model: string;
  /** As sent; empty = none given. */
  readonly fallbacks: readonly string[];
  /** A drop-in route's own provider, preferred for bare models without a virtual key; null on /v1. */
  readonly ownProvider: string | null;
  readonly virtualKey: VirtualKey | null;
  /** A stored key pinned by id or name (x-bf-api-key-id, x-bf-api-key); null = none. */
  readonly pinnedKey: string | null;
  /** A text completion may become a chat where a provider has nothing else; absent = no. */
  readonly convertText?: boolean | undefined;
  /** Providers of which a limit is used up now: drawn and tried behind the others, as resting ones are; absent or null = none. */
  readonly usedUp?: ReadonlySet<string> | null | undefined;
  /** What the expressions of routing rules may ask besides; absent = nothing of it is known. Not looked at without rules. */
  readonly ruleFacts?: RuleFacts | undefined;
}

/** How much is used of the limits that apply, in percent: the highest of them; 0 where none does. */
export interface LimitUse {
  readonly budget: number;
  readonly tokens: number;
  readonly requests: number;
}

/** What routing rules may ask of a request. Each is worked out when it is first asked for; asked again it says the same. */
export interface RuleFacts {
  /** By lower-case name. */
  headers(): Readonly<Record<string, string>>;
  /** Members of the body but for its contents (messages, prompt, input), and parameters of the query. */
  params(): Readonly<Record<string, unknown>>;
  /** What the user said last; of a long text its first and last part. */
  text(): string;
  /** `provider`: empty = not chosen yet. `model`: without provider. */
  use(provider: string, model: string): LimitUse;
  /** The verdicts are for people who ask: they name the part of an expression that does not hold. Absent = no. */
  readonly explains?: boolean;
}

/** What became of one routing rule. */
export interface RuleVerdict {
  readonly id: string;
  readonly name: string;
  readonly matched: boolean;
  readonly why: string;
}

/** So many verdicts a decision tells; the rules that matched are always among them. */
export const MOST_VERDICTS = 64;

/** Why a candidate is not in the order. */
export type RemovalReason =
  | "model not allowed by the virtual key"
  | "model blocked by the virtual key"
  | "provider not allowed by the virtual key"
  | "provider not configured"
  | "operation not offered by the provider"
  | "no key serves the model"
  | "weight is null: used only when named"
  | "assumed down"
  | "assumed exhausted"
  | "budget or limit used up"
  | "estimated dearer than x-bf-max-cost"
  | "models without a price are not allowed"
  | "a hard budget needs a bound that is not known"
  | "repeated";

export type TargetReason =
  | "named"
  | "drawn"
  | "only candidate"
  | "catalogue"
  | "automatic fallback"
  | "fallback named by the caller"
  | "routing rule"
  | "fallback of the rule";

export interface Candidate {
  readonly provider: string;
  readonly model: string;
  /** Configured weight; null = only when named. */
  readonly weight: number | null;
  /** Probability of being drawn first, 0 to 1. */
  readonly share: number;
  /** Health factor: 1 healthy, 0 while all its keys rest or a limit is used up. */
  readonly health: number;
  readonly removed?: RemovalReason | undefined;
}

/** One target to try. */
export interface PlannedTarget {
  readonly provider: Provider;
  /** As the provider spells it for `key`. */
  readonly model: string;
  /** As it was asked, without provider. */
  readonly askedModel: string;
  readonly key: ProviderKey;
  /** The keys that may serve it, `key` included. */
  readonly keys: readonly ProviderKey[];
  readonly scope: VirtualKeyProvider | null;
  readonly reason: TargetReason;
  /** Known context window in tokens, or null. */
  readonly contextWindow: number | null;
}

export type RoutingEngine = "explicit" | "governance" | "model-catalog" | "routing-rule";

export interface Decision {
  readonly seed: number;
  /** The number drawn in [0, 1), or null when nothing was drawn. */
  readonly draw: number | null;
  readonly engine: RoutingEngine;
  readonly candidates: readonly Candidate[];
  readonly order: readonly PlannedTarget[];
  readonly snapshotVersion: number;
  /** The routing rules that were asked, in that order. */
  readonly rules: readonly RuleVerdict[];
  /** The rule that chose; of several, one after the other, the last. null = none. */
  readonly rule: { readonly id: string; readonly name: string } | null;
  /** Set when the order is empty: what the caller is told. */
  readonly refusal: GatewayError | null;
}

/** What the planner knows of the present, as plain numbers; a copy of it replays the decision. */
export interface StateView {
  /** Unix ms. */
  readonly now: number;
  /** By key id; absent = healthy. */
  readonly keys: ReadonlyMap<string, KeyState>;
}

export interface KeyState {
  /** Unix ms until which the key is left alone; 0 = not resting. */
  readonly restUntil: number;
  /** Why it rests or is marked; empty = healthy. */
  readonly reason: "" | "rate limited" | "rejected" | "failing";
  /** A probe is under way: no second one meanwhile. */
  readonly probing: boolean;
}

/** What a simulation assumes. */
export interface Assumptions {
  /** Providers or `provider/model` that are down. */
  readonly down: readonly string[];
  readonly exhausted: readonly string[];
  /** Key ids or names that rest. */
  readonly restingKeys: readonly string[];
}

// A virtual key while it is typed, and the body that saves it.
import { sharesOf } from "../../lib/split.ts";
import { hasAny, type LimitsDraft, limitsBody, limitsDraft, NO_LIMITS, withProposed } from "./draft-limits.ts";
import type { ProviderConfig, VirtualKey } from "./types.ts";

/** `share`: takes part by its weight; `fallback`: weight 0; `named`: weight null. */
export type Part = "share" | "fallback" | "named";

export interface ProviderDraft {
  readonly provider: string;
  readonly part: Part;
  readonly weight: number;
  /** Null: all of them. */
  readonly models: readonly string[] | null;
  readonly blocked: readonly string[];
  /** Ids of provider keys; null: all of them. */
  readonly keys: readonly string[] | null;
  readonly limits: LimitsDraft;
}

export interface KeyDraft {
  readonly name: string;
  readonly description: string;
  readonly active: boolean;
  /** As the field for a date and time has it, in UTC; empty: never. */
  readonly expires: string;
  readonly providers: readonly ProviderDraft[];
  readonly limits: LimitsDraft;
  /** `team:ID`, `customer:ID`, or empty. */
  readonly owner: string;
  readonly content: string;
  readonly unpriced: string;
  readonly storeDown: string;
  readonly headers: string;
}

export const NEW_KEY: KeyDraft = {
  name: "",
  description: "",
  active: true,
  expires: "",
  providers: [],
  limits: NO_LIMITS,
  owner: "",
  content: "",
  unpriced: "",
  storeDown: "serve",
  headers: "",
};

export const newProvider = (provider: string): ProviderDraft => ({
  provider,
  part: "share",
  weight: 1,
  models: null,
  blocked: [],
  keys: null,
  limits: NO_LIMITS,
});

/** A form that a link has filled in: `?user=…&budget=…`, `?name=…`, `?team=…`. */
export function prefilled(query: URLSearchParams): KeyDraft {
  const user = query.get("user") ?? "";
  return {
    ...NEW_KEY,
    name: query.get("name") ?? user,
    description: user === "" ? "" : `For the user ${user}`,
    owner:
      ["team", "customer"].map((kind) => (query.has(kind) ? `${kind}:${query.get(kind)}` : "")).find(Boolean) ?? "",
    limits: withProposed(NO_LIMITS, query),
  };
}

const listed = (names: readonly string[]): readonly string[] | null => (names.includes("*") ? null : names);

/** A stored key, to be changed. */
export function keyDraft(key: VirtualKey): KeyDraft {
  return {
    name: key.name,
    description: key.description,
    active: key.is_active,
    expires: key.expires_at === null ? "" : new Date(key.expires_at).toISOString().slice(0, 16),
    providers: key.provider_configs.map((row) => ({
      provider: row.provider,
      part: row.weight === null ? "named" : row.weight === 0 ? "fallback" : "share",
      weight: row.weight ?? 0,
      models: listed(row.allowed_models),
      blocked: row.blacklisted_models,
      keys: listed(row.key_ids),
      limits: limitsDraft(row),
    })),
    limits: limitsDraft(key),
    owner: key.team_id !== null ? `team:${key.team_id}` : key.customer_id !== null ? `customer:${key.customer_id}` : "",
    content: key.content_level ?? "",
    unpriced: key.unpriced_models ?? "",
    storeDown: key.on_store_down,
    headers: key.required_headers.join(", "),
  };
}

function providerBody(draft: ProviderDraft, before: ProviderConfig | null) {
  return {
    ...(before === null ? {} : { id: before.id }),
    provider: draft.provider,
    weight: { share: draft.weight, fallback: 0, named: null }[draft.part],
    allowed_models: draft.models ?? ["*"],
    ...(draft.blocked.length > 0 || (before?.blacklisted_models.length ?? 0) > 0
      ? { blacklisted_models: draft.blocked }
      : {}),
    key_ids: draft.keys ?? ["*"],
    ...limitsBody(draft.limits, before),
  };
}

/** What POST and PUT take. `before`: the stored key, which the change stands on. */
export function keyBody(draft: KeyDraft, before: VirtualKey | null): Record<string, unknown> {
  const [kind, id] = splitOwner(draft.owner);
  const headers = draft.headers.split(/[\s,]+/).filter((name) => name !== "");
  const of = (provider: string) => before?.provider_configs.find((row) => row.provider === provider) ?? null;
  const whole = before !== null;
  return {
    name: draft.name.trim(),
    ...(draft.description !== "" || whole ? { description: draft.description } : {}),
    ...(!draft.active || whole ? { is_active: draft.active } : {}),
    ...(draft.expires !== "" ? { expires_at: expiryText(draft.expires) } : whole ? { expires_at: "" } : {}),
    provider_configs: draft.providers.map((row) => providerBody(row, of(row.provider))),
    ...(kind !== "" ? { [`${kind}_id`]: id } : whole ? { team_id: null, customer_id: null } : {}),
    ...limitsBody(draft.limits, before),
    ...(draft.content !== "" || whole ? { content_level: draft.content || null } : {}),
    ...(draft.unpriced !== "" || whole ? { unpriced_models: draft.unpriced || null } : {}),
    ...(draft.storeDown !== "serve" || whole ? { on_store_down: draft.storeDown } : {}),
    ...(headers.length > 0 || whole ? { required_headers: headers } : {}),
  };
}

/** The whole minute is said in full. */
function expiryText(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00Z` : text;
}

function splitOwner(owner: string): [kind: string, id: string] {
  const at = owner.indexOf(":");
  return at < 0 ? ["", ""] : [owner.slice(0, at), owner.slice(at + 1)];
}

/** The entry of governance.virtual_keys in config.json that means the same. */
export function configEntry(draft: KeyDraft, before: VirtualKey | null): Record<string, unknown> {
  const bare = keyBody({ ...draft, name: draft.name === "" ? "NAME" : draft.name }, null);
  const rows = (bare["provider_configs"] as { provider: string }[]).map((row) => ({
    ...row,
    ...modelBudgets(before?.provider_configs.find(({ provider }) => provider === row.provider)),
  }));
  return { ...(before === null ? {} : { id: before.id }), ...bare, provider_configs: rows };
}

/** Limits of single models are not changed by the form; the entry of the file keeps them. */
function modelBudgets(row: ProviderConfig | undefined) {
  if (row === undefined || row.model_budgets.length === 0) return {};
  return {
    model_budgets: row.model_budgets.map((one) => ({
      model_name: one.model_name,
      ...limitsBody(limitsDraft(one), null),
    })),
  };
}

/** Providers that share the traffic, and their whole percents. */
export function splitOf(draft: KeyDraft): { readonly name: string; readonly share: number }[] {
  const parts = draft.providers.filter((row) => row.part === "share");
  const shares = sharesOf(parts.map((row) => row.weight));
  return parts.map((row, index) => ({ name: row.provider, share: shares[index] ?? 0 }));
}

/** The shares of the split bar as weights. */
export function withShares(draft: KeyDraft, shares: readonly number[]): KeyDraft {
  let at = 0;
  return {
    ...draft,
    providers: draft.providers.map((row) =>
      row.part === "share" ? { ...row, weight: (shares[at++] ?? 0) / 100 } : row,
    ),
  };
}

/** With the provider, or without it; those that share begin with equal parts. */
export function withProvider(draft: KeyDraft, provider: string, isIn: boolean): KeyDraft {
  const rest = draft.providers.filter((row) => row.provider !== provider);
  if (!isIn) return { ...draft, providers: rest };
  const sharing = rest.filter((row) => row.part === "share");
  const mean = sharing.reduce((sum, row) => sum + row.weight, 0) / Math.max(1, sharing.length);
  return { ...draft, providers: [...rest, { ...newProvider(provider), weight: mean || 1 }] };
}

/** What does not do what it looks like, in words. */
export function conflictsOf(draft: KeyDraft, now: number): string[] {
  const said: string[] = [];
  if (draft.providers.length === 0) said.push("No provider is chosen: every request with this key is refused.");
  if (!draft.active) said.push("The key is switched off: every request with it is refused.");
  if (draft.expires !== "" && Date.parse(expiryText(draft.expires)) <= now)
    said.push("The expiry is in the past: every request is refused.");
  for (const { name, share } of splitOf(draft))
    if (share === 0) said.push(`${name} has weight 0: never chosen first, still a fallback.`);
  for (const row of draft.providers) {
    if (row.part === "fallback") said.push(`${row.provider} has weight 0: never chosen first, still a fallback.`);
    if (row.part === "named")
      said.push(`${row.provider} has no weight: used only when a request names it, and never as a fallback.`);
    if (row.models?.length === 0) said.push(`${row.provider} allows no model: nothing goes there.`);
    if (row.keys?.length === 0) said.push(`${row.provider} may use none of its keys: nothing goes there.`);
    for (const model of row.models ?? [])
      if (row.blocked.includes(model)) said.push(`${row.provider} both allows and blocks ${model}: it is blocked.`);
  }
  if (draft.unpriced === "allow" && hasAny(draft.limits) && draft.limits.budgets.length > 0)
    said.push("Models without a price count nothing against the budget.");
  return said;
}

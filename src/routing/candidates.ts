// Turns one provider/model pair into a target, or into the reason why it is none.
import type { Assumptions, RemovalReason, RequestFeatures, StateView } from "../core/decision.ts";
import { requestType } from "../core/operations.ts";
import { wayOf } from "../core/provider.ts";
import type { Provider, ProviderKey, Snapshot, VirtualKey, VirtualKeyProvider } from "../core/snapshot.ts";
import { isResting, keysFor } from "./choose-key.ts";

/** A pair that may be tried, before keys are drawn. */
export interface Option {
  readonly provider: Provider;
  readonly model: string;
  readonly scope: VirtualKeyProvider | null;
  readonly keys: readonly ProviderKey[];
  /** Configured; null = only when named. */
  readonly weight: number | null;
  /** 1, or 0 while every key rests or a limit is used up. */
  readonly health: number;
}

/** What `provider/model` says: the provider is null for a bare model. */
export function splitModel(model: string, snapshot: Snapshot): { provider: string | null; model: string } {
  const slash = model.indexOf("/");
  if (slash <= 0 || slash === model.length - 1) return { provider: null, model };
  const left = model.slice(0, slash);
  if (!snapshot.providers.has(left) && !snapshot.knownProviders.has(left)) return { provider: null, model };
  return { provider: left, model: model.slice(slash + 1) };
}

/** The virtual key's entry for a provider; null: every provider is allowed; undefined: this one is not. */
export function scopeOf(virtualKey: VirtualKey | null, provider: string): VirtualKeyProvider | null | undefined {
  if (virtualKey === null || virtualKey.providers === null) return null;
  return virtualKey.providers.find((entry) => entry.provider === provider);
}

function contains(list: readonly string[], provider: string, model: string): boolean {
  return list.length > 0 && (list.includes(provider) || list.includes(`${provider}/${model}`));
}

function health(keys: readonly ProviderKey[], view: StateView, assume: Assumptions | null): number {
  for (const key of keys) {
    const assumed = assume !== null && (assume.restingKeys.includes(key.id) || assume.restingKeys.includes(key.name));
    if (!assumed && !isResting(key, view)) return 1;
  }
  return 0;
}

/** Everything that decides whether a pair may serve the request. */
export function examine(
  name: string,
  model: string,
  features: RequestFeatures,
  context: { snapshot: Snapshot; view: StateView; assume: Assumptions | null },
): Option | RemovalReason {
  const provider = context.snapshot.providers.get(name);
  if (provider === undefined) return "provider not configured";
  const scope = scopeOf(features.virtualKey, name);
  if (scope === undefined) return "provider not allowed by the virtual key";
  if (scope?.blocked.has(model)) return "model blocked by the virtual key";
  if (scope?.allowed && !scope.allowed.has(model)) return "model not allowed by the virtual key";
  if (!offersOperation(provider, model, features)) return "operation not offered by the provider";
  if (context.assume !== null && contains(context.assume.down, name, model)) return "assumed down";
  if (context.assume !== null && contains(context.assume.exhausted, name, model)) return "assumed exhausted";
  const keys = keysFor(provider, model, scope, features.pinnedKey);
  if (keys.length === 0) return "no key serves the model";
  return {
    provider,
    model,
    scope,
    keys,
    weight: scope === null ? 1 : scope.weight,
    health: features.usedUp?.has(name) === true ? 0 : health(keys, context.view, context.assume),
  };
}

function offersOperation(provider: Provider, model: string, features: RequestFeatures): boolean {
  const { operation, stream } = features;
  if (wayOf(provider.adapter, operation, model, features.convertText === true) === null) return false;
  const allowed = provider.entity.allowedRequests;
  return allowed === null || allowed.includes(requestType(operation, stream));
}

/** True when the provider is known to serve this bare model; null when nothing is known of its models. */
export function isKnownToOffer(provider: Provider, model: string, snapshot: Snapshot): boolean | null {
  if (snapshot.offers.get(model)?.includes(provider.name)) return true;
  return provider.models.size === 0 && provider.keys.every((key) => key.models === null) ? null : false;
}

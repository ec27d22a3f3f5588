// Which key of a provider serves a model, and which of them is taken now.
import type { StateView } from "../core/decision.ts";
import type { Provider, ProviderKey, VirtualKeyProvider } from "../core/snapshot.ts";
import type { Random } from "../lib/random.ts";

/** The model as the provider spells it when it is called with this key. */
export function wireModel(key: ProviderKey, model: string): string {
  return key.entity.aliases[model] ?? model;
}

function serves(key: ProviderKey, model: string): boolean {
  if (!key.enabled) return false;
  if (key.blocked.has(model)) return false;
  return key.models === null || key.models.has(model) || Object.hasOwn(key.entity.aliases, model);
}

/** The keys of `provider` that may serve `model` in this scope; `pinned` narrows them to one id or name. */
export function keysFor(
  provider: Provider,
  model: string,
  scope: VirtualKeyProvider | null,
  pinned: string | null,
): ProviderKey[] {
  const ids = scope?.keyIds ?? null;
  const keys: ProviderKey[] = [];
  for (const key of provider.keys) {
    if (!serves(key, model)) continue;
    if (ids !== null && !ids.has(key.id) && !ids.has(key.name)) continue;
    if (pinned !== null && key.id !== pinned && key.name !== pinned) continue;
    keys.push(key);
  }
  return keys;
}

/** True while the key is better left alone: it rests, or its one probe is under way. */
export function isResting(key: ProviderKey, view: StateView): boolean {
  const state = view.keys.get(key.id);
  return state !== undefined && (state.restUntil > view.now || state.probing);
}

/**
 * One of `keys` by weight, those that rest only when nothing else is left (then the one whose rest ends first). Keys in
 * `tried` are passed over; null when all were tried.
 */
export function chooseKey(
  keys: readonly ProviderKey[],
  tried: ReadonlySet<string>,
  view: StateView,
  random: Random,
): ProviderKey | null {
  const open = tried.size === 0 ? keys : keys.filter((key) => !tried.has(key.id));
  if (open.length <= 1) return open[0] ?? null;
  const awake = view.keys.size === 0 ? open : open.filter((key) => !isResting(key, view));
  if (awake.length === 0) return firstToWake(open, view);
  return pickByWeight(awake, random.next());
}

/** By weight; with no weight above 0 each is as likely as the other. */
function pickByWeight(keys: readonly ProviderKey[], draw: number): ProviderKey | null {
  let total = 0;
  for (const key of keys) total += key.weight;
  if (total <= 0) return keys[Math.floor(draw * keys.length)] ?? null;
  let rest = draw * total;
  let last: ProviderKey | null = null;
  for (const key of keys) {
    if (key.weight <= 0) continue;
    last = key;
    rest -= key.weight;
    if (rest < 0) return key;
  }
  return last;
}

function firstToWake(keys: readonly ProviderKey[], view: StateView): ProviderKey | null {
  let best: ProviderKey | null = null;
  let bestUntil = Number.POSITIVE_INFINITY;
  for (const key of keys) {
    const until = view.keys.get(key.id)?.restUntil ?? 0;
    if (until < bestUntil) {
      best = key;
      bestUntil = until;
    }
  }
  return best;
}

// What viewers are told besides requests: how providers are, and how budgets are used.
import type { KeyState, StateView } from "../core/decision.ts";
import type { LiveBudget, LiveEvent, LiveProviderHealth } from "../core/live.ts";
import type { Provider, Snapshot } from "../core/snapshot.ts";
import type { BudgetSample } from "./counters-metrics.ts";
import type { LiveSource } from "./live-hub.ts";

const HEALTH_EVERY = 500;
const BUDGETS_EVERY = 1000;

/** `state` is a copy of what the loop knows of keys. */
export function healthSource(parts: { snapshot(): Snapshot; state(): Promise<StateView>; now(): number }): LiveSource {
  let known = new Map<string, LiveProviderHealth>();
  return {
    topic: "health",
    every: HEALTH_EVERY,
    async look() {
      const view = await parts.state();
      const changed: LiveEvent[] = [];
      const next = new Map<string, LiveProviderHealth>();
      for (const provider of parts.snapshot().providers.values()) {
        const before = known.get(provider.name);
        const told = healthOf(provider, view, parts.now());
        const isSame = before !== undefined && isEqual(before, told);
        const since = before?.state === told.state ? before.since : told.since;
        const health = isSame ? before : { ...told, since };
        next.set(provider.name, health);
        if (!isSame) changed.push({ type: "provider.health", health });
      }
      known = next;
      return changed;
    },
    standing: () => [...known.values()].map((health) => ({ type: "provider.health", health })),
    forget: () => known.clear(),
  };
}

function isEqual(a: LiveProviderHealth, b: LiveProviderHealth): boolean {
  return a.state === b.state && a.reason === b.reason && JSON.stringify(a.keys) === JSON.stringify(b.keys);
}

function healthOf({ name, keys }: Provider, view: StateView, now: number): LiveProviderHealth {
  const enabled = keys.filter((key) => key.enabled);
  const ill = enabled.flatMap(({ id, name: keyName }) => {
    const state = view.keys.get(id);
    if (state === undefined || !isIll(state, view.now)) return [];
    return [{ id, name: keyName, reason: state.reason || "resting", rest_until: state.restUntil }];
  });
  const state = ill.length === 0 ? "ok" : ill.length === enabled.length ? "resting" : "degraded";
  const reason = ill.map((key) => `key "${key.name}": ${key.reason}`).join("; ");
  return { provider: name, state, reason, since: now, keys: ill };
}

function isIll({ reason, restUntil }: KeyState, now: number): boolean {
  return reason !== "" || restUntil > now;
}

/** `samples` are the budgets in use. The first look learns how they stand and tells nothing. */
export function budgetSource(samples: () => Promise<readonly BudgetSample[]>): LiveSource {
  let known: Map<string, LiveBudget> | null = null;
  return {
    topic: "budgets",
    every: BUDGETS_EVERY,
    async look() {
      const next = new Map((await samples()).map((sample) => liveBudget(sample)).map((b) => [b.budget_id, b]));
      const before = known;
      known = next;
      if (before === null) return [];
      return [...next.values()]
        .filter(({ budget_id, used, limit }) => {
          const old = before.get(budget_id);
          return old === undefined || old.used !== used || old.limit !== limit;
        })
        .map((budget) => ({ type: "budget.changed", budget }));
    },
    standing: () => [...(known?.values() ?? [])].map((budget) => ({ type: "budget.changed", budget })),
    forget: () => (known = null),
  };
}

/** Its labels are those of the metric: who it belongs to is the one that is not empty. */
function liveBudget({ labels, used, limit }: BudgetSample): LiveBudget {
  const [key, keyName, provider, , team, teamName, customer, customerName, modelLimit, budget = ""] = labels;
  const owners: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ["virtual-key", key, keyName],
    ["team", team, teamName],
    ["customer", customer, customerName],
    ["model-config", modelLimit, modelLimit],
    ["provider", provider, provider],
  ];
  const [type, id = "", name = ""] = owners.find(([, own]) => own !== undefined && own !== "") ?? ["", "", ""];
  return { budget_id: budget, owner: id === "" ? type : `${type}:${id}`, owner_name: name, used, limit };
}

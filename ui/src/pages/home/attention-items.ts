// What needs somebody's attention, each with what to do about it: the worst first.
import type { LiveProviderHealth } from "../../../../src/core/live.ts";
import { money, percent, plural } from "../../lib/format.ts";
import type { ConfiguredProvider } from "./types.ts";

export interface AttentionItem {
  readonly id: string;
  readonly tone: "bad" | "warn" | "info";
  readonly text: string;
  /** A verb and its object, and where that is done. */
  readonly act: string;
  readonly href: string;
}

/** A row of GET /api/governance/budget-events, the newest first. */
export interface BudgetEvent {
  readonly budget_id: string;
  readonly threshold: number;
  readonly owner_type: string;
  readonly owner_id: string;
  readonly owner_name: string;
  readonly current_usage: number;
  readonly max_limit: number;
  readonly resets_at: string | null;
}

/** A row of GET /api/governance/forecast. */
export interface BudgetAtRisk {
  readonly budget_id: string;
  readonly owner: { readonly type: string; readonly id: string; readonly name: string };
  readonly current_usage: number;
  readonly max_limit: number | null;
  readonly exhausted_at: string | null;
}

/** A row of GET /api/pricing/unpriced. */
export interface UnpricedModel {
  readonly provider: string;
  readonly model: string;
  readonly requests: number;
}

export interface AttentionFacts {
  readonly providers: readonly ConfiguredProvider[];
  readonly health: ReadonlyMap<string, LiveProviderHealth>;
  readonly events: readonly BudgetEvent[];
  readonly risks: readonly BudgetAtRisk[];
  readonly unpriced: readonly UnpricedModel[];
  readonly warnings: readonly string[];
  readonly now: number;
}

const WORST = { bad: 0, warn: 1, info: 2 } as const;
/** Budgets that are so far used, in percent, are told. */
const NEAR = 80;

export function attentionOf(facts: AttentionFacts): readonly AttentionItem[] {
  const items = [
    ...facts.providers.flatMap(unusable),
    ...[...facts.health.values()].flatMap(resting),
    ...budgets(facts),
    ...facts.unpriced.filter(({ requests }) => requests > 0).map(unpriced),
    ...facts.warnings.map(finding),
  ];
  return items.toSorted((one, other) => WORST[one.tone] - WORST[other.tone]);
}

const providerPage = (name: string): string => `/providers/${encodeURIComponent(name)}`;

/** Providers and keys that cannot be used: a variable that is not set, a field that lacks. */
function unusable({ name, provider_status, description, keys }: ConfiguredProvider): AttentionItem[] {
  const act = "Mend the key";
  const broken = keys
    .filter((key) => key.status === "error")
    .map(
      (key): AttentionItem => ({
        id: `key:${key.id}`,
        tone: "bad",
        text: `${name}, key ${key.name}: ${key.description === "" ? "it cannot be used" : key.description}`,
        act,
        href: providerPage(name),
      }),
    );
  if (broken.length > 0 || provider_status !== "error") return broken;
  const text = `${name}: ${description === "" ? "it cannot be used" : description}`;
  return [{ id: `provider:${name}`, tone: "bad", text, act: "Mend the provider", href: providerPage(name) }];
}

function resting({ provider, state, reason }: LiveProviderHealth): AttentionItem[] {
  if (state === "ok") return [];
  const what = state === "resting" ? "no key takes requests at full weight" : "some of its keys are out";
  const href = providerPage(provider);
  return [
    { id: `health:${provider}`, tone: "warn", text: `${provider}: ${what}, ${reason}`, act: "See its keys", href },
  ];
}

/** Each budget once: used up, near its limit, or on the way there. */
function budgets({ events, risks, now }: AttentionFacts): AttentionItem[] {
  const items = new Map<string, AttentionItem>();
  const seen = new Set<string>();
  for (const event of events) {
    if (seen.has(event.budget_id)) continue;
    seen.add(event.budget_id);
    const isOver = event.resets_at !== null && Date.parse(event.resets_at) <= now;
    if (isOver || event.threshold < NEAR) continue;
    const name = `${ownerWords(event.owner_type)} ${event.owner_name || event.owner_id}`;
    const share = percent(event.current_usage / event.max_limit);
    items.set(event.budget_id, {
      id: `budget:${event.budget_id}`,
      tone: event.threshold >= 100 ? "bad" : "warn",
      text: `${name}: ${money(event.current_usage)} of ${money(event.max_limit)} used (${share})`,
      act: "Raise the budget",
      href: ownerPage(event.owner_type, event.owner_id),
    });
  }
  for (const { budget_id, owner, current_usage, max_limit } of risks) {
    if (items.has(budget_id) || max_limit === null) continue;
    items.set(budget_id, {
      id: `budget:${budget_id}`,
      tone: "warn",
      text: `${ownerWords(owner.type)} ${owner.name}: ${money(current_usage)} of ${money(max_limit)} used, and used up before it resets at this rate`,
      act: "See the budget",
      href: ownerPage(owner.type, owner.id),
    });
  }
  return [...items.values()];
}

const ownerWords = (type: string): string =>
  type === "" ? "Budget" : type.replaceAll(/[_-]/g, " ").replace(/^./, (letter) => letter.toUpperCase());

function ownerPage(type: string, id: string): string {
  if (type === "provider") return providerPage(id);
  if (type === "team") return "/keys?tab=teams";
  if (type === "customer") return "/keys?tab=customers";
  return type === "virtual_key" ? `/keys/${encodeURIComponent(id)}` : "/keys";
}

function unpriced({ provider, model, requests }: UnpricedModel): AttentionItem {
  const text = `${provider}/${model} has an unknown price, ${plural(requests, "request")} without a cost`;
  return { id: `price:${provider}/${model}`, tone: "warn", text, act: "Set a price", href: providerPage(provider) };
}

function finding(text: string, index: number): AttentionItem {
  return { id: `finding:${index}`, tone: "info", text, act: "Open the configuration", href: "/settings" };
}

// What the preview says about a draft: shares in words, the order of fallbacks, and what a day would cost.
import { money, percent } from "../../lib/format.ts";

/** What a simulation answers, as far as it is shown. */
export interface SimulatedDecision {
  readonly decision: {
    readonly order: readonly { readonly provider: string; readonly model: string }[];
    readonly candidates: readonly {
      readonly provider: string;
      readonly model: string;
      readonly weight: number | null;
      readonly share: number;
      readonly removed?: string;
    }[];
    readonly rule?: { readonly name: string } | null;
    readonly refusal?: { readonly message: string } | null;
  };
  readonly warnings?: readonly string[];
}

/** A line of the ranking of last week's models. */
export interface WeekModel {
  readonly model: string;
  readonly total_requests: number;
  readonly total_cost: number;
  readonly unpriced_requests: number;
}

export interface ModelPreview {
  readonly model: string;
  readonly shares: readonly { readonly provider: string; readonly share: number }[];
  /** Behind the first one, in order. */
  readonly fallbacks: readonly string[];
  /** Who cannot serve it, and why. */
  readonly removed: readonly string[];
  /** The rule that decides; null = the key's weights. */
  readonly rule: string | null;
  readonly refusal: string | null;
}

const SHORT_REASONS: Readonly<Record<string, string>> = {
  "model not allowed by the virtual key": "not allowed",
  "provider not allowed by the virtual key": "not allowed",
  "model blocked by the virtual key": "blocked",
  "weight is null: used only when named": "only when named",
  "budget or limit used up": "a budget or limit is used up",
};

/** One simulation as it is shown. */
export function modelPreview(model: string, { decision }: SimulatedDecision): ModelPreview {
  const open = decision.candidates.filter(({ removed }) => removed === undefined);
  const shares = open.filter(({ share }) => share > 0).map(({ provider, share }) => ({ provider, share }));
  const first = decision.order[0];
  const alone = shares.length === 0 && first !== undefined ? [{ provider: first.provider, share: 1 }] : shares;
  const order = [...new Set(decision.order.map(({ provider }) => provider))];
  const others = open.map(({ provider }) => provider).filter((provider) => !order.includes(provider));
  return {
    model,
    shares: alone.toSorted((a, b) => b.share - a.share),
    fallbacks: [...order.slice(1), ...others],
    removed: decision.candidates.flatMap(({ provider, removed }) =>
      removed === undefined ? [] : [`${provider}: ${SHORT_REASONS[removed] ?? removed}`],
    ),
    rule: decision.rule?.name ?? null,
    refusal: decision.refusal?.message ?? null,
  };
}

/** `azure 80 %, openai 20 %` */
export function sharesInWords({ shares }: ModelPreview): string {
  return shares.map(({ provider, share }) => `${provider} ${percent(share)}`).join(", ");
}

/** By provider, its models of last week. */
export type Week = ReadonlyMap<string, readonly WeekModel[]>;

export interface DayCost {
  /** Dollars a day. */
  readonly cost: number;
  /** Requests a day that it stands on. */
  readonly requests: number;
  /** Models whose price is not known. */
  readonly unpriced: readonly string[];
}

/** What these models would cost in a day if last week's requests for them went where the draft sends them; null: nothing is known. */
export function dayCost(previews: readonly ModelPreview[], week: Week): DayCost | null {
  let cost = 0;
  let requests = 0;
  const unpriced = new Set<string>();
  for (const preview of previews) {
    const rows = rowsOf(week, preview.model);
    const asked = rows.reduce((sum, [, row]) => sum + row.total_requests, 0);
    if (asked === 0 || preview.shares.length === 0) continue;
    requests += asked / 7;
    for (const { provider, share } of preview.shares) {
      const own = rows.filter(([name]) => name === provider);
      const mean = meanCost(own.length > 0 ? own : rows);
      if (mean === null) unpriced.add(preview.model);
      else cost += (asked / 7) * share * mean;
    }
  }
  return requests === 0 ? null : { cost, requests, unpriced: [...unpriced] };
}

function rowsOf(week: Week, model: string): [provider: string, row: WeekModel][] {
  const bare = model.includes("/") ? model.slice(model.indexOf("/") + 1) : model;
  return [...week].flatMap(([provider, rows]) =>
    rows.filter((row) => row.model === bare || row.model === model).map((row): [string, WeekModel] => [provider, row]),
  );
}

/** Dollars for one of them; null where none had a price. */
function meanCost(rows: readonly (readonly [string, WeekModel])[]): number | null {
  const priced = rows.reduce((sum, [, row]) => sum + row.total_requests - row.unpriced_requests, 0);
  return priced <= 0 ? null : rows.reduce((sum, [, row]) => sum + row.total_cost, 0) / priced;
}

/** `about $3.20 a day at last week's mix` */
export function dayCostInWords(day: DayCost): string {
  const isUnknown = day.cost === 0 && day.unpriced.length > 0;
  const known = isUnknown ? "an unknown price" : `about ${money(day.cost)} a day`;
  const rest = isUnknown || day.unpriced.length === 0 ? "" : `, and ${day.unpriced.join(", ")} at an unknown price`;
  return `${known} at last week's mix of ${Math.max(1, Math.round(day.requests))} requests a day${rest}`;
}

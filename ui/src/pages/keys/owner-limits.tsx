// Budgets with burn and forecast, and rate limits, of a key, a team or a customer.
import { useResource } from "../../api/resource.ts";
import { money } from "../../lib/format.ts";
import { Note } from "../../parts/status.tsx";
import { BudgetActs } from "./budget-acts.tsx";
import { BudgetFacts, RateFacts } from "./meters.tsx";
import type { Limits, OwnerForecast } from "./types.ts";

export interface OwnerLimitsFacts {
  readonly of: Limits;
  /** Of the owner in the API. */
  readonly path: string;
  /** Who is asked about: `team_id=ID`. Null: nothing is forecast for such owners. */
  readonly forecast: string | null;
  readonly isLocked: boolean;
  readonly onChanged: () => unknown;
}

export function OwnerLimits({ of, path, forecast, isLocked, onChanged }: OwnerLimitsFacts) {
  const found = useResource<OwnerForecast>(forecast === null ? null : `/api/governance/forecast?${forecast}`);
  const spend = found.data?.spend;
  const marked = new URLSearchParams(location.search).get("limit");
  return (
    <div class="stack">
      {spend !== undefined && (
        <p class="soft">
          Spent {money(spend.last_24_hours)} in the last 24 hours, {money(spend.last_7_days)} in seven days:{" "}
          {money(spend.last_7_days / 7)} a day.
        </p>
      )}
      {found.error !== null && <Note tone="warn">No forecast: {found.error.message}.</Note>}
      {of.budgets.length === 0 && <p class="soft">No budget: nothing stops its spending.</p>}
      {of.budgets.map((budget) => (
        <section
          key={budget.id}
          class={`keys-limit${marked === budget.id ? " is-marked" : ""}`}
          aria-label={`Budget of ${money(budget.max_limit)}`}
        >
          <BudgetFacts budget={budget} forecast={found.data?.forecasts.find((one) => one.budget_id === budget.id)} />
          <BudgetActs budget={budget} ownerPath={path} onDone={onChanged} disabled={isLocked} />
        </section>
      ))}
      <section
        class={`keys-limit${marked !== null && marked === rateId(of) ? " is-marked" : ""}`}
        aria-label="Rate limit"
      >
        <RateFacts rate_limit={of.rate_limit} />
      </section>
    </div>
  );
}

function rateId({ rate_limit: rate }: Limits): string | null {
  return rate?.id ?? null;
}

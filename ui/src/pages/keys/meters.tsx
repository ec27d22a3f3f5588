// Budgets and rate limits as bars: how much is used, under way, and left.
import { money, plural, short } from "../../lib/format.ts";
import { Facts } from "../../parts/card.tsx";
import { Meter, Money } from "../../parts/figures.tsx";
import { Note } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import type { Budget, Forecast, Limits, RateLimit } from "./types.ts";

/** The one that is nearest to its end. */
export function tightest(budgets: readonly Budget[]): Budget | null {
  return budgets.toSorted((a, b) => partOf(b) - partOf(a))[0] ?? null;
}

function partOf(one: Budget): number {
  return one.effective_max_limit > 0 ? usedOf(one) / one.effective_max_limit : Number.POSITIVE_INFINITY;
}

function usedOf({ current_usage, uncertain, reserved }: Budget): number {
  return current_usage + uncertain + reserved;
}

/** `$2.10 of $10.00 a month` */
export function BudgetBar({ budgets }: { readonly budgets: readonly Budget[] }) {
  const budget = tightest(budgets);
  if (budget === null) return <span class="faint">no budget</span>;
  return (
    <Meter label="Budget" used={usedOf(budget)} limit={budget.effective_max_limit}>
      {money(usedOf(budget))} of {money(budget.effective_max_limit)}
      {budgets.length > 1 ? ` +${budgets.length - 1}` : ""}
    </Meter>
  );
}

export function RateBar({ rate }: { readonly rate: RateLimit | null }) {
  if (rate === null) return <span class="faint">no limit</span>;
  if (rate.request_max_limit !== null)
    return (
      <Meter label="Requests" used={rate.request_current_usage} limit={rate.request_max_limit}>
        {short(rate.request_current_usage)} of {short(rate.request_max_limit)} / {rate.request_reset_duration}
      </Meter>
    );
  if (rate.token_max_limit !== null)
    return (
      <Meter label="Tokens" used={rate.token_current_usage} limit={rate.token_max_limit}>
        {short(rate.token_current_usage)} of {short(rate.token_max_limit)} tokens / {rate.token_reset_duration}
      </Meter>
    );
  return <span class="soft">{rate.max_parallel} at once</span>;
}

const WINDOWS: Readonly<Record<string, string>> = {
  "1h": "an hour",
  "1d": "a day",
  "1w": "a week",
  "1M": "a month",
  "1Y": "a year",
  "": "prepaid",
};

export function windowInWords(duration: string): string {
  return WINDOWS[duration] ?? `in ${duration}`;
}

/** A budget with all that is known of it. */
export function BudgetFacts({
  budget,
  forecast,
}: {
  readonly budget: Budget;
  readonly forecast?: Forecast | undefined;
}) {
  const expected = forecast?.expected_use_at_reset ?? null;
  const end = forecast?.exhausted_at ?? null;
  return (
    <div class="stack">
      <Meter
        label={`Budget ${windowInWords(budget.reset_duration)}`}
        used={usedOf(budget)}
        limit={budget.effective_max_limit}
      >
        {money(usedOf(budget))} of {money(budget.effective_max_limit)}, {windowInWords(budget.reset_duration)}
      </Meter>
      <Facts
        rows={[
          ["Settled", <Money usd={budget.current_usage} />],
          ["Reserved", <Money usd={budget.reserved} />],
          ...(budget.uncertain > 0 ? [["Uncertain", <Money usd={budget.uncertain} />] as const] : []),
          [
            "Limit",
            <span>
              <Money usd={budget.max_limit} />
              {(budget.override_amount ?? 0) !== 0 &&
                ` + ${money(budget.override_amount ?? 0)} ${overrideInWords(budget)}`}
              {budget.hard === true && ", hard"}
            </span>,
          ],
          [
            "Begins anew",
            budget.resets_at === null ? (
              budget.reset_duration === "" ? (
                "never"
              ) : (
                "its window opens with the first use"
              )
            ) : (
              <Time at={budget.resets_at} exact />
            ),
          ],
          ...(expected === null ? [] : [["Expected then", <Money usd={expected} />] as const]),
          ...(end === null ? [] : [["Used up", <Time at={end} exact />] as const]),
        ]}
      />
      {end !== null && (
        <Note tone="warn">
          At the present rate it is used up <Time at={end} />, before it begins anew.
        </Note>
      )}
      {budget.unpriced_requests > 0 && (
        <Note tone="warn">
          {plural(budget.unpriced_requests, "request")} had an unknown price and count nothing here.{" "}
          <a href="/providers?tab=models&price=unknown">Set a price</a>.
        </Note>
      )}
    </div>
  );
}

function overrideInWords({ override_mode: mode, override_cycles_remaining: left }: Budget): string {
  return mode === "forever" ? "until it is taken back" : `for ${plural(left ?? 0, "window")}`;
}

/** All rate limits of an owner. */
export function RateFacts({ rate_limit: rate }: Pick<Limits, "rate_limit">) {
  if (rate === null) return <p class="soft">No limit of requests or tokens.</p>;
  return (
    <div class="stack">
      {rate.request_max_limit !== null && (
        <Meter label="Requests" used={rate.request_current_usage} limit={rate.request_max_limit}>
          {short(rate.request_current_usage)} of {short(rate.request_max_limit)} requests in{" "}
          {rate.request_reset_duration}
        </Meter>
      )}
      {rate.token_max_limit !== null && (
        <Meter label="Tokens" used={rate.token_current_usage} limit={rate.token_max_limit}>
          {short(rate.token_current_usage)} of {short(rate.token_max_limit)} tokens in {rate.token_reset_duration}
        </Meter>
      )}
      {rate.max_parallel !== null && <p>{plural(rate.max_parallel, "request")} at once.</p>}
    </div>
  );
}

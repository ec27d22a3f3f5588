// The budgets of a key, team or customer: what is used, what is expected when they reset, and when they run out.
import { useResource } from "../../api/resource.ts";
import { duration, money } from "../../lib/format.ts";
import { now } from "../../lib/now.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Meter, Money } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Note, StatusDot } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";

interface BudgetForecast {
  readonly budget_id: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly reset_duration: string | null;
  readonly max_limit: number | null;
  readonly current_usage: number;
  readonly resets_at: string | null;
  readonly expected_use_at_reset: number | null;
  readonly exhausted_at: string | null;
}

/** GET /api/governance/forecast?virtual_key_id= */
interface Forecast {
  readonly owner: { readonly type: string; readonly id: string; readonly name: string };
  readonly spend: { readonly last_24_hours: number; readonly last_7_days: number };
  readonly forecasts: readonly BudgetForecast[];
  readonly warnings?: readonly string[];
}

/** Owners of budgets among the dimensions: their parameter of the forecast, and where their budget is set. */
const OWNERS: Readonly<Record<string, BudgetOwner>> = {
  virtual_key: { parameter: "virtual_key_id", form: (id, budget) => `/keys/${id}/edit?budget=${budget}` },
  team: { parameter: "team_id", form: (id, budget) => `/keys?tab=teams&open=${id}&edit=1&budget=${budget}` },
  customer: {
    parameter: "customer_id",
    form: (id, budget) => `/keys?tab=customers&open=${id}&edit=1&budget=${budget}`,
  },
};

interface BudgetOwner {
  readonly parameter: string;
  readonly form: (id: string, budget: string) => string;
}

export interface BudgetsFacts {
  readonly dimension: string;
  readonly id: string;
  /** USD of the time that is looked at, and its length in ms, for a budget to propose. */
  readonly spent: number;
  readonly span: number | null;
}

export function Budgets({ dimension, id, spent, span }: BudgetsFacts) {
  const owner = OWNERS[dimension];
  if (dimension === "user") return <UserBudget id={id} spent={spent} span={span} />;
  if (owner === undefined) return null;
  return <OwnerBudgets owner={owner} id={id} spent={spent} span={span} />;
}

/** A month at the present pace, rounded up to a number that is easy to say. */
export function proposedBudget(spent: number, span: number | null): string {
  const month = span === null || span === 0 ? spent : (spent / span) * 30 * 86_400_000;
  if (month <= 0) return "";
  const size = 10 ** Math.floor(Math.log10(month));
  const step = [1, 2, 5, 10].find((factor) => factor * size >= month) ?? 10;
  return String(Number((step * size).toPrecision(3)));
}

function OwnerBudgets({ owner, id, spent, span }: Omit<BudgetsFacts, "dimension"> & { readonly owner: BudgetOwner }) {
  const forecast = useResource<Forecast>(`/api/governance/forecast?${owner.parameter}=${encodeURIComponent(id)}`);
  const target = owner.form(encodeURIComponent(id), proposedBudget(spent, span));
  if (forecast.data === undefined && forecast.error?.status === 404)
    return <Note>It is not configured any more: there is no budget to set.</Note>;
  return (
    <section class="stack-tight usage-part">
      <div class="row apart">
        <h3>Budgets</h3>
        <ButtonLink href={target}>Set budget</ButtonLink>
      </div>
      <Loaded of={forecast} failed="The budgets could not be read.">
        {({ forecasts, spend, warnings = [] }) => (
          <>
            {forecasts.length === 0 && <p class="soft">No budget is set: nothing stops its spending.</p>}
            {forecasts.map((one) => (
              <BudgetLine key={one.budget_id} budget={one} />
            ))}
            <p class="soft small">
              Spent <Money usd={spend.last_24_hours} /> in the last 24 hours, <Money usd={spend.last_7_days} /> in the
              last 7 days.
            </p>
            {warnings.map((warning) => (
              <Note key={warning} tone="warn">
                {warning}
              </Note>
            ))}
          </>
        )}
      </Loaded>
    </section>
  );
}

function BudgetLine({ budget }: { readonly budget: BudgetForecast }) {
  const { provider, model, current_usage: used, max_limit: limit, reset_duration: reset } = budget;
  const place = [provider, model].filter((word) => word !== null).join("/");
  const title = `${reset === null ? "prepaid" : `every ${reset}`}${place === "" ? "" : `, ${place}`}`;
  if (limit === null) return <p class="soft">{title}: not used yet</p>;
  return (
    <div class="stack-tight">
      <Meter label={`Budget ${title}`} used={used} limit={limit}>
        {money(used)} of {money(limit)}, {title}
      </Meter>
      <Outlook budget={budget} limit={limit} />
    </div>
  );
}

function Outlook({ budget, limit }: { readonly budget: BudgetForecast; readonly limit: number }) {
  const { current_usage: used, exhausted_at: end, expected_use_at_reset: expected, resets_at: resets } = budget;
  const reset = resets === null ? null : <Time at={resets} />;
  if (used >= limit) return <StatusDot tone="bad">used up{reset !== null && <>, resets {reset}</>}</StatusDot>;
  if (end !== null && Date.parse(end) > now.value)
    return <StatusDot tone="warn">used up in {duration(Date.parse(end) - now.value)} at this pace</StatusDot>;
  if (expected === null) return null;
  return (
    <span class="soft small">
      <Money usd={expected} /> expected at its reset{reset !== null && <>, {reset}</>}
    </span>
  );
}

/** A user has no budget of its own: a virtual key for it can have one. */
function UserBudget({ id, spent, span }: Omit<BudgetsFacts, "dimension">) {
  const query = new URLSearchParams({ user: id, budget: proposedBudget(spent, span) });
  return (
    <section class="row apart usage-part">
      <p class="soft grow">Users are told by the callers. A virtual key of its own gives a user a budget.</p>
      <ButtonLink href={`/keys/new?${query}`}>Set budget</ButtonLink>
    </section>
  );
}

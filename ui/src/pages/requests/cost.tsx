// What the request cost and how that came about: tokens times price, the source of the price, and what has none.
import type { LogAttempt, LogCostDetails, LogCostPart, LogRow } from "../../../../src/core/stores.ts";
import { exact, exactMoney, money, plural } from "../../lib/format.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Facts } from "../../parts/card.tsx";
import { Money } from "../../parts/figures.tsx";
import { Note } from "../../parts/status.tsx";
import { savedByCache } from "./cost.ts";
import { costState } from "./rows.ts";

export function CostTab({ record }: { readonly record: LogRow }) {
  const state = costState({
    cost: record.cost,
    status: record.status,
    totalTokens: record.token_usage?.total_tokens ?? null,
  });
  const details = record.cost_details;
  const unpriced = details?.unpriced ?? [];
  if (state === "nothing used") return <p class="soft">Nothing was used, so nothing was charged.</p>;
  return (
    <>
      {(state === "unknown price" || unpriced.length > 0) && <NoPrice record={record} kinds={unpriced} />}
      {record.attempts.map((attempt, index) =>
        attempt.cost_details === null ? null : (
          <AttemptCost key={index} attempt={attempt} isOnly={record.attempts.length === 1} />
        ),
      )}
      <Total record={record} details={details} />
    </>
  );
}

function NoPrice({ record, kinds }: { readonly record: LogRow; readonly kinds: readonly string[] }) {
  const name = `${record.provider}/${record.model}`;
  const what =
    kinds.length === 0
      ? `No price is known for ${name}.`
      : `${name} has no price for ${kinds.map(kindWords).join(", ")}.`;
  const href = `/providers?${new URLSearchParams({ tab: "models", provider: record.provider, q: record.model })}`;
  return (
    <Note tone="warn" action={<ButtonLink href={href}>Set a price</ButtonLink>}>
      {what} What was used is recorded: with a price it can be counted again.
    </Note>
  );
}

function AttemptCost({ attempt, isOnly }: { readonly attempt: LogAttempt; readonly isOnly: boolean }) {
  const parts = attempt.cost_details?.parts ?? [];
  if (parts.length === 0) return null;
  const title = `${attempt.provider}/${attempt.model}`;
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={`Cost at ${title}`}>
      <table class="table">
        <caption class={isOnly ? "unseen" : "requests-caption"}>{title}</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col" class="right">
              Count
            </th>
            <th scope="col" class="right">
              Price
            </th>
            <th scope="col" class="right">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <Part key={part.kind} part={part} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Part({ part: { kind, count, rate, unit_price: price, cost } }: { readonly part: LogCostPart }) {
  return (
    <tr>
      <td>
        {kindWords(kind)}
        {rate !== kind && <span class="soft"> at the price of {kindWords(rate)}</span>}
      </td>
      <td class="right num">{exact(count)}</td>
      <td class="right num" title={exactMoney(price)}>
        {price === 0 ? "free" : `${money(price * 1e6)} / M`}
      </td>
      <td class="right num" title={exactMoney(cost)}>
        {exactMoney(cost)}
      </td>
    </tr>
  );
}

function kindWords(kind: string): string {
  return kind
    .replaceAll("_", " ")
    .replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}

function Total({ record, details }: { readonly record: LogRow; readonly details: LogCostDetails | null }) {
  const saved = savedByCache(details?.parts ?? []);
  const counted = record.attempts.some(({ usage_origin: origin }) => origin === "counted");
  return (
    <Facts
      rows={[
        [
          "Total",
          <span key="total" title={exactMoney(record.cost)}>
            <Money usd={record.cost} />
          </span>,
        ],
        ...(details?.source == null
          ? []
          : [
              [
                "Price from",
                `${details.source}${details.price_version === null ? "" : `, version ${details.price_version}`}`,
              ] as const,
            ]),
        ...(details?.reported == null ? [] : [["The provider says", exactMoney(details.reported)] as const]),
        ...(saved === null ? [] : [["The provider's cache saved", exactMoney(saved)] as const]),
        ["Usage", counted ? "counted here: the provider did not report it" : "as the provider reported it"],
        ...(record.attempts.length > 1
          ? [["Charged", plural(record.attempts.filter(({ cost }) => cost !== null).length, "try", "tries")] as const]
          : []),
      ]}
    />
  );
}

// What a stored key may use of each provider, with the limits of each.
import { sharesOf } from "../../lib/split.ts";
import { Facts } from "../../parts/card.tsx";
import { BudgetFacts, RateFacts } from "./meters.tsx";
import type { ProviderConfig, VirtualKey } from "./types.ts";

const list = (names: readonly string[], all: string): string =>
  names.includes("*") ? all : names.length === 0 ? "none" : names.join(", ");

function partInWords(row: ProviderConfig, share: number): string {
  if (row.weight === null) return "only when a request names it";
  return row.weight === 0 ? "weight 0: fallback only" : `${share} % of the traffic`;
}

export function ProvidersOf({ of }: { readonly of: VirtualKey }) {
  const shares = sharesOf(of.provider_configs.map(({ weight }) => weight ?? 0));
  if (of.provider_configs.length === 0) return <p class="soft">No provider: its requests are refused.</p>;
  return (
    <>
      {of.provider_configs.map((row, index) => (
        <section key={row.id} class="keys-limit" aria-label={row.provider}>
          <h3>{row.provider}</h3>
          <Facts
            rows={[
              ["Part", partInWords(row, shares[index] ?? 0)],
              ["Models", list(row.allowed_models, "all")],
              ...(row.blacklisted_models.length > 0 ? [["Blocked", row.blacklisted_models.join(", ")] as const] : []),
              ["Keys", list(row.key_ids, "all its keys")],
            ]}
          />
          {row.budgets.map((budget) => (
            <BudgetFacts key={budget.id} budget={budget} />
          ))}
          {row.rate_limit !== null && <RateFacts rate_limit={row.rate_limit} />}
          {row.model_budgets.map((model) => (
            <div key={model.model_name} class="stack">
              <h4>{model.model_name}</h4>
              {model.budgets.map((budget) => (
                <BudgetFacts key={budget.id} budget={budget} />
              ))}
              {model.rate_limit !== null && <RateFacts rate_limit={model.rate_limit} />}
            </div>
          ))}
        </section>
      ))}
    </>
  );
}

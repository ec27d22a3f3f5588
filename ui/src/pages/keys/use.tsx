// What an owner used in the last seven days: figures, and the models it asked for.
import { useResource } from "../../api/resource.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Facts } from "../../parts/card.tsx";
import { Count, Duration, Money, Percent, Tokens } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";

interface Ranked {
  readonly model: string;
  readonly total_requests: number;
  readonly success_count: number;
  readonly total_tokens: number;
  readonly total_cost: number;
  readonly unpriced_requests: number;
  readonly avg_latency: number | null;
}

/** `query`: the filter of the log, `virtual_key_ids=ID`. */
export function Use({ query }: { readonly query: string }) {
  const week = useResource<{ rankings: readonly Ranked[] }>(
    `/api/logs/rankings?period=7d&limit=10&sort_by=cost&${query}`,
  );
  return (
    <Loaded
      of={week}
      failed="The use could not be read."
      empty={({ rankings }) =>
        rankings.length === 0 ? <p class="soft">Nothing was asked in the last seven days.</p> : null
      }
    >
      {({ rankings }) => (
        <div class="stack">
          <p class="soft">The last seven days.</p>
          {rankings.map((row) => (
            <section key={row.model} class="keys-limit" aria-label={row.model}>
              <h3>{row.model}</h3>
              <Facts
                rows={[
                  ["Requests", <Count value={row.total_requests} />],
                  [
                    "Success",
                    <Percent of={row.total_requests === 0 ? null : row.success_count / row.total_requests} />,
                  ],
                  ["Tokens", <Tokens count={row.total_tokens} />],
                  ["Cost", <Money usd={row.unpriced_requests >= row.total_requests ? null : row.total_cost} />],
                  ["Latency", <Duration ms={row.avg_latency} />],
                ]}
              />
            </section>
          ))}
          <div class="row">
            <ButtonLink href={`/requests?${query}`}>Its requests</ButtonLink>
            <ButtonLink href={`/usage?${query}`}>Its usage</ButtonLink>
          </div>
        </div>
      )}
    </Loaded>
  );
}

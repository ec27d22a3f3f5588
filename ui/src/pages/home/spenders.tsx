// Who spends most: five names, each of which opens its row of the page Usage.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Count, Money } from "../../parts/figures.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { RankTable } from "../../parts/rank-table.tsx";
import { Segments } from "../../parts/switch.tsx";
import type { RankingRow } from "./types.ts";

type By = "virtual_key" | "user" | "team" | "customer";

const CHOICES = [
  { value: "virtual_key", label: "Keys" },
  { value: "user", label: "Users" },
  { value: "team", label: "Teams" },
  { value: "customer", label: "Customers" },
] as const;
const NAMES: Readonly<Record<By, readonly [one: string, none: string]>> = {
  virtual_key: ["Virtual key", "without a virtual key"],
  user: ["User", "without a user"],
  team: ["Team", "without a team"],
  customer: ["Customer", "without a customer"],
};
const PERIOD = "7d";

export function Spenders() {
  const [by, setBy] = useState<By>("virtual_key");
  const path = `/api/logs/rankings/by-dimension?dimension=${by}&period=${PERIOD}&sort_by=cost&order=desc&limit=5`;
  const ranked = useResource<{ readonly rankings: readonly RankingRow[] }>(path, { every: 15_000 });
  const [one, none] = NAMES[by];
  const usage = `/usage?by=${by}&measure=cost&period=${PERIOD}`;
  return (
    <Card
      title="Top spenders, 7 days"
      flush
      testId="spenders"
      actions={
        <>
          <Segments label="Spenders by" value={by} options={CHOICES} onChange={setBy} />
          <ButtonLink kind="bare" href={usage}>
            All spend
          </ButtonLink>
        </>
      }
    >
      <Loaded
        of={ranked}
        failed="The spenders could not be read."
        empty={({ rankings }) =>
          rankings.length > 0 ? null : <Empty title="Nothing was spent" why="No request was made in the last 7 days." />
        }
      >
        {({ rankings }) => (
          <div class="home-spenders">
            <RankTable
              label="Top spenders"
              columns={[one, "Cost", "Requests"]}
              rows={rankings.map((row) => ({
                id: row.id,
                name: row.id === "" ? <span class="soft">{none}</span> : row.name || row.id,
                value: row.total_cost,
                shown: <Spent row={row} />,
                more: [<Count key="requests" value={row.total_requests} />],
                ...(row.id === "" ? {} : { href: `${usage}&open=${encodeURIComponent(row.id)}` }),
              }))}
            />
          </div>
        )}
      </Loaded>
    </Card>
  );
}

/** What has no price at all is no zero. */
function Spent({ row }: { readonly row: RankingRow }) {
  const isUnknown = row.unpriced_requests > 0 && row.total_cost === 0;
  return (
    <>
      <Money usd={isUnknown ? null : row.total_cost} />
      {row.unpriced_requests > 0 && !isUnknown && <span class="soft small"> and {row.unpriced_requests} unpriced</span>}
    </>
  );
}

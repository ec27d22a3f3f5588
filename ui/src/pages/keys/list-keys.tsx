// The table of virtual keys, searched and sorted on the gateway and read page by page.
import { plural } from "../../lib/format.ts";
import { now } from "../../lib/now.ts";
import { navigate, place, queryValue, setQuery } from "../../lib/router.ts";
import { ButtonLink } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { StatusDot, type Tone } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { type Column, VirtualTable } from "../../parts/virtual-table.tsx";
import { BudgetBar, RateBar } from "./meters.tsx";
import { leaving } from "./remove.ts";
import { SearchBox } from "./search-box.tsx";
import { type KeyState, stateOf, type VirtualKey } from "./types.ts";
import type { Pages } from "./use-pages.ts";

const TONES: Readonly<Record<KeyState, Tone>> = { active: "good", expired: "warn", off: "off" };

export function KeyStatus({ of }: { readonly of: Pick<VirtualKey, "is_active" | "expires_at"> }) {
  const state = stateOf(of, now.value);
  return <StatusDot tone={TONES[state]}>{state}</StatusDot>;
}

const COLUMNS: readonly Column<VirtualKey>[] = [
  { id: "name", title: "Name", width: "minmax(150px, 1.6fr)", sort: "name", cell: (key) => <span>{key.name}</span> },
  { id: "state", title: "State", width: "96px", cell: (key) => <KeyStatus of={key} /> },
  { id: "budget", title: "Budget", width: "minmax(140px, 1.1fr)", cell: (key) => <BudgetBar budgets={key.budgets} /> },
  {
    id: "rate",
    title: "Rate",
    width: "minmax(130px, 1fr)",
    from: 720,
    cell: (key) => <RateBar rate={key.rate_limit} />,
  },
  {
    id: "providers",
    title: "Providers",
    width: "minmax(110px, 1fr)",
    from: 940,
    cell: (key) => (
      <span class="soft">{key.provider_configs.map(({ provider }) => provider).join(", ") || "none"}</span>
    ),
  },
  {
    id: "owner",
    title: "Belongs to",
    width: "minmax(90px, 0.8fr)",
    from: 820,
    cell: (key) => <span class="soft">{key.team?.name ?? key.customer?.name ?? "nobody"}</span>,
  },
  {
    id: "created",
    title: "Made",
    width: "100px",
    align: "right",
    from: 1040,
    sort: "created_at",
    cell: (key) => <Time at={key.created_at ?? null} />,
  },
];

/** The path of the list that the address asks for. */
export function keyListPath(): string {
  const query = new URLSearchParams({
    sort_by: queryValue("sort") ?? "created_at",
    order: queryValue("order") ?? "desc",
  });
  const search = queryValue("search");
  if (search !== null) query.set("search", search);
  return `/api/governance/virtual-keys?${query}`;
}

export interface KeyTableFacts {
  readonly pages: Pages<VirtualKey>;
  readonly chosen: string | null;
}

/** The address of a key, with the search and order of the list kept. */
export function keyHref(id: string | null): string {
  return `/keys${id === null ? "" : `/${encodeURIComponent(id)}`}${location.search}`;
}

export function KeyTable({ pages, chosen }: KeyTableFacts) {
  const search = place.value.query.get("search") ?? "";
  const rows = pages.rows?.filter(({ id }) => !leaving.value.has(id));
  return (
    <div class="stack">
      <div class="row apart">
        <SearchBox label="Search keys by name" />
        {rows !== undefined && <span class="soft small">{plural(pages.total, "key")}</span>}
      </div>
      {pages.error !== null && (
        <ErrorPanel what="The keys could not be read." error={pages.error} onRetry={pages.reload} />
      )}
      {rows === undefined && pages.error === null && <Skeleton />}
      {rows?.length === 0 && (search === "" ? <NoKeys /> : <Empty title="No key has this in its name" />)}
      {rows !== undefined && rows.length > 0 && (
        <div class="card flush">
          <VirtualTable
            label="Virtual keys"
            rows={rows}
            columns={COLUMNS}
            keyOf={({ id }) => id}
            hrefOf={({ id }) => keyHref(id)}
            onOpen={({ id }) => navigate(keyHref(id), { quiet: true })}
            chosen={chosen}
            onEnd={pages.more}
            sortedBy={{
              by: queryValue("sort") ?? "created_at",
              order: queryValue("order") === "asc" ? "asc" : "desc",
            }}
            onSort={(sort, order) => setQuery({ sort, order })}
            card={(key) => <KeyCard of={key} />}
          />
        </div>
      )}
    </div>
  );
}

function KeyCard({ of }: { readonly of: VirtualKey }) {
  return (
    <span class="stack-tight grow">
      <span class="row apart">
        <span class="clip strong">{of.name}</span>
        <KeyStatus of={of} />
      </span>
      <BudgetBar budgets={of.budgets} />
    </span>
  );
}

function NoKeys() {
  return (
    <Empty
      icon="keys"
      title="No virtual key yet"
      why="A virtual key says who may use which models, with which budget. Clients carry it in place of a provider's key."
      action={
        <ButtonLink kind="primary" href="/keys/new">
          New key
        </ButtonLink>
      }
    />
  );
}

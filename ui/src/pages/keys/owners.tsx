// Teams or customers: a list, and one of them beside it with its limits and who belongs to it.
import { plural } from "../../lib/format.ts";
import { place, queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { Time } from "../../parts/time.tsx";
import { type Column, VirtualTable } from "../../parts/virtual-table.tsx";
import { BudgetBar, RateBar } from "./meters.tsx";
import { OwnerDetail } from "./owner-detail.tsx";
import { OwnerForm } from "./owner-form.tsx";
import { leaving } from "./remove.ts";
import { SearchBox } from "./search-box.tsx";
import type { Owner, OwnerKind } from "./types.ts";
import { usePages } from "./use-pages.ts";
import { useReloads } from "./use-reloads.ts";

const WHY: Readonly<Record<OwnerKind, string>> = {
  team: "A team's budget holds for all its virtual keys together.",
  customer: "A customer's budget holds for its teams and virtual keys together.",
};

const columns = (kind: OwnerKind): readonly Column<Owner>[] => [
  { id: "name", title: "Name", width: "minmax(150px, 1.6fr)", sort: "name", cell: (one) => <span>{one.name}</span> },
  { id: "budget", title: "Budget", width: "minmax(150px, 1.2fr)", cell: (one) => <BudgetBar budgets={one.budgets} /> },
  {
    id: "rate",
    title: "Rate",
    width: "minmax(130px, 1fr)",
    from: 560,
    cell: (one) => <RateBar rate={one.rate_limit} />,
  },
  ...(kind === "team"
    ? [
        {
          id: "customer",
          title: "Customer",
          width: "minmax(100px, 1fr)",
          from: 700,
          cell: (one: Owner) => <span class="soft">{one.customer?.name ?? "none"}</span>,
        },
      ]
    : []),
  {
    id: "created",
    title: "Made",
    width: "100px",
    align: "right",
    from: 800,
    sort: "created_at",
    cell: (one) => <Time at={one.created_at ?? null} />,
  },
];

function listPath(kind: OwnerKind): string {
  const query = new URLSearchParams({ sort_by: queryValue("sort") ?? "name", order: queryValue("order") ?? "asc" });
  const search = queryValue("search");
  if (search !== null) query.set("search", search);
  return `/api/governance/${kind}s?${query}`;
}

const make = () => setQuery({ open: "new", edit: null });

export function Owners({ kind }: { readonly kind: OwnerKind }) {
  const pages = usePages<Owner>(listPath(kind), `${kind}s`);
  useReloads(pages.reload);
  const open = queryValue("open");
  const isEditing = queryValue("edit") !== null;
  const rows = pages.rows?.filter(({ id }) => !leaving.value.has(id));
  const search = place.value.query.get("search") ?? "";
  const pane = open === null ? null : open === "new" ? "new" : isEditing ? "edit" : "show";
  return (
    <div class={`with-pane${pane === null ? "" : " is-open"}`}>
      <div class="stack">
        <div class="row apart">
          <SearchBox label={`Search ${kind}s by name`} />
          <span class="row">
            {rows !== undefined && <span class="soft small">{plural(pages.total, kind)}</span>}
            <Button icon="plus" onClick={make}>
              New {kind}
            </Button>
          </span>
        </div>
        {pages.error !== null && (
          <ErrorPanel what={`The ${kind}s could not be read.`} error={pages.error} onRetry={pages.reload} />
        )}
        {rows === undefined && pages.error === null && <Skeleton />}
        {rows?.length === 0 &&
          (search === "" ? (
            <Empty
              icon="user"
              title={`No ${kind} yet`}
              why={WHY[kind]}
              action={
                <Button kind="primary" onClick={make}>
                  Make a {kind}
                </Button>
              }
            />
          ) : (
            <Empty title={`No ${kind} has this in its name`} />
          ))}
        {rows !== undefined && rows.length > 0 && (
          <div class="card flush">
            <VirtualTable
              label={kind === "team" ? "Teams" : "Customers"}
              rows={rows}
              columns={columns(kind)}
              keyOf={({ id }) => id}
              hrefOf={({ id }) => `/keys?tab=${kind}s&open=${encodeURIComponent(id)}`}
              onOpen={({ id }) => setQuery({ open: id, edit: null, show: null }, { replace: false })}
              chosen={open}
              onEnd={pages.more}
              sortedBy={{ by: queryValue("sort") ?? "name", order: queryValue("order") === "desc" ? "desc" : "asc" }}
              onSort={(sort, order) => setQuery({ sort, order })}
              card={(one) => (
                <span class="stack-tight grow">
                  <span class="clip strong">{one.name}</span>
                  <BudgetBar budgets={one.budgets} />
                </span>
              )}
            />
          </div>
        )}
      </div>
      {pane === "new" && <OwnerForm kind={kind} before={null} onChanged={pages.reload} />}
      {open !== null && pane !== "new" && pane !== null && (
        <OwnerDetail key={open} kind={kind} id={open} isEditing={pane === "edit"} onChanged={pages.reload} />
      )}
    </div>
  );
}

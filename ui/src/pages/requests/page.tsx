// Requests: what happened to this call? A live list, and one request told whole.
import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { plural } from "../../lib/format.ts";
import { navigate, place } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { LiveBadge } from "../../parts/live-badge.tsx";
import { Page as Layout } from "../../parts/page.tsx";
import { toast } from "../../parts/toast.tsx";
import type { PageProps } from "../../shell/pages.ts";
import type { Picking } from "./columns.tsx";
import { RequestDetail } from "./detail.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { LossNote, RequestTable, SummaryNote } from "./list.tsx";
import "./page.css";
import { PeriodSwitch, RequestsOverTime } from "./time-range.tsx";
import { useRequestList } from "./use-request-list.ts";

export function Page({ rest }: PageProps) {
  const open = rest[0] ?? null;
  const view = useRequestList();
  const { list, query, chosen, isLive } = view;
  const [isExporting, setExporting] = useState(false);
  const picks = usePicks(list.remove.bind(list));
  const at = open === null ? -1 : list.rows.findIndex(({ id }) => id === open);
  return (
    <Layout
      title="Requests"
      actions={
        <>
          {isLive && <LiveBadge />}
          <PeriodSwitch />
          {picks.picking === null ? (
            <Button icon="check" onClick={picks.begin}>
              Select
            </Button>
          ) : (
            <PickActions picks={picks} />
          )}
          <Button icon="download" onClick={() => setExporting(true)}>
            Export
          </Button>
        </>
      }
    >
      <div class={`with-pane${open === null ? "" : " is-open"}`}>
        <div class="stack">
          <FilterBar chosen={chosen} />
          <RequestsOverTime query={query} isLive={isLive} />
          <LossNote />
          {isLive && <SummaryNote />}
          <RequestTable view={view} picking={picks.picking} open={open} onOpen={(row) => go(row.id)} />
        </div>
        {open !== null && (
          <RequestDetail
            id={open}
            row={at < 0 ? null : (list.rows[at] ?? null)}
            newer={at > 0 ? (list.rows[at - 1]?.id ?? null) : null}
            older={at >= 0 ? (list.rows[at + 1]?.id ?? null) : null}
            onGo={go}
            onClose={() => go(null)}
          />
        )}
      </div>
      {isExporting && <ExportDialog query={query} chosen={chosen} onClose={() => setExporting(false)} />}
    </Layout>
  );
}

/** Opens a request beside the list, or none; filters stay. */
function go(id: string | null): void {
  const { query } = place.peek();
  const path = id === null ? "/requests" : `/requests/${encodeURIComponent(id)}`;
  navigate(query.size === 0 ? path : `${path}?${query}`, { quiet: true });
}

interface Picks {
  readonly picking: Picking | null;
  begin(): void;
  end(): void;
  remove(): Promise<void>;
}

/** Rows that are chosen to be deleted. */
function usePicks(forget: (ids: ReadonlySet<string>) => void): Picks {
  const [ids, setIds] = useState<ReadonlySet<string> | null>(null);
  useEffect(() => setIds(null), [place.value.query.toString()]);
  const toggle = (id: string) => {
    const next = new Set(ids ?? []);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  const remove = async () => {
    const chosen = [...(ids ?? [])];
    const what = plural(chosen.length, "request");
    const isSure = await confirm({
      title: `Delete ${what} from the log?`,
      text: "Their rows and contents are gone for good. What they cost stays counted in budgets and usage.",
      act: `Delete ${what}`,
      ...(chosen.length > 1 ? { typed: "delete" } : {}),
    });
    if (!isSure) return;
    try {
      await send("DELETE", "/api/logs", { ids: chosen });
      forget(new Set(chosen));
      setIds(null);
      toast({ text: `Deleted ${what}.` });
    } catch (error) {
      toast({ text: `Nothing was deleted: ${toApiError(error).message}`, tone: "bad" });
    }
  };
  return {
    picking: ids === null ? null : { ids, toggle },
    begin: () => setIds(new Set()),
    end: () => setIds(null),
    remove,
  };
}

function PickActions({ picks: { picking, end, remove } }: { readonly picks: Picks }) {
  const count = picking?.ids.size ?? 0;
  return (
    <>
      <Button kind="danger" icon="trash" disabled={count === 0} onClick={remove}>
        {count === 0 ? "Delete" : `Delete ${count}`}
      </Button>
      <Button onClick={end}>Done</Button>
    </>
  );
}

// The section Audit: who changed what, a page at a time.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { queryValue, setQuery } from "../../lib/router.ts";
import { Button } from "../../parts/button.tsx";
import { Facts } from "../../parts/card.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { JsonView } from "../../parts/json-view.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { StatusDot } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";
import { Section } from "./section.tsx";

interface Row {
  readonly id: number | string;
  readonly timestamp: string;
  readonly actor: string;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly entity: string;
  readonly entity_name: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly outcome: string;
  readonly status: number;
  readonly reason: string;
}

interface AuditPage {
  readonly audit: readonly Row[];
  readonly total: number;
}

const PAGE = 20;

export function Audit() {
  const offset = Math.max(0, Number(queryValue("audit")) || 0);
  const page = useResource<AuditPage>(`/api/audit?limit=${PAGE}&offset=${offset}`);
  const [open, setOpen] = useState<Row | null>(null);
  return (
    <Section id="audit" title="Audit" lead="Who changed what, the newest first. What the file brings in is not in it.">
      <Loaded
        of={page}
        failed="The audit could not be read."
        empty={({ total }) => (total === 0 ? <p class="soft">Nothing was changed yet.</p> : null)}
      >
        {({ audit, total }) => (
          <>
            <ul class="settings-rows">
              {audit.map((row) => (
                <li key={row.id}>
                  <button type="button" class="audit-row" onClick={() => setOpen(row)}>
                    <StatusDot tone={row.outcome === "done" ? "good" : "bad"}>{row.outcome}</StatusDot>
                    <span class="clip audit-what">{whatOf(row)}</span>
                    <span class="soft clip audit-who">{row.actor || row.address}</span>
                    <Time at={row.timestamp} />
                  </button>
                </li>
              ))}
            </ul>
            <Pager offset={offset} total={total} />
          </>
        )}
      </Loaded>
      {open !== null && <Detail row={open} onClose={() => setOpen(null)} />}
    </Section>
  );
}

const VERBS: Readonly<Record<string, string>> = { POST: "made", PUT: "changed", PATCH: "changed", DELETE: "deleted" };

function whatOf({ entity, entity_name, method, path }: Row): string {
  if (entity === "") return `${method} ${path}`;
  const name = entity_name === "" || entity_name === entity ? "" : ` ${entity_name}`;
  return `${entity}${name} ${VERBS[method] ?? method}`;
}

/** The first page has no number. */
function go(to: number): void {
  setQuery({ audit: to === 0 ? null : String(to) });
}

function Pager({ offset, total }: { readonly offset: number; readonly total: number }) {
  if (total <= PAGE) return null;
  return (
    <div class="row">
      <Button small disabled={offset === 0} onClick={() => go(Math.max(0, offset - PAGE))}>
        Newer
      </Button>
      <Button small disabled={offset + PAGE >= total} onClick={() => go(offset + PAGE)}>
        Older
      </Button>
      <span class="soft small">{`${offset + 1} to ${Math.min(total, offset + PAGE)} of ${total}`}</span>
    </div>
  );
}

function Detail({ row, onClose }: { readonly row: Row; readonly onClose: () => void }) {
  return (
    <Dialog title={whatOf(row)} kind="side" onClose={onClose}>
      <Facts
        rows={[
          ["When", <Time key="t" at={row.timestamp} exact />],
          ["Who", row.actor || "no login"],
          ["From", row.address],
          ["Call", <code key="c">{`${row.method} ${row.path}`}</code>],
          [
            "Outcome",
            `${row.outcome}, ${row.status}${row.reason === "" || row.reason === null ? "" : `: ${row.reason}`}`,
          ],
        ]}
      />
      {row.before !== null && (
        <>
          <h3>Before</h3>
          <JsonView value={row.before} label="Before" />
        </>
      )}
      {row.after !== null && (
        <>
          <h3>After</h3>
          <JsonView value={row.after} label="After" />
        </>
      )}
    </Dialog>
  );
}

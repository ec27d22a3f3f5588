// Who changed an entry, what, and when.
import { useState } from "preact/hooks";
import { useResource } from "../../api/resource.ts";
import { Button } from "../../parts/button.tsx";
import { JsonView } from "../../parts/json-view.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Badge } from "../../parts/status.tsx";
import { Time } from "../../parts/time.tsx";

interface AuditRow {
  readonly id: number;
  readonly timestamp: string;
  readonly actor: string;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly outcome: string;
  readonly reason: string;
}

const STEP = 20;

export function History({ entity, id }: { readonly entity: string; readonly id: string }) {
  const [limit, setLimit] = useState(STEP);
  const path = `/api/audit?entity=${entity}&entity_id=${encodeURIComponent(id)}&limit=${limit}`;
  const rows = useResource<{ audit: readonly AuditRow[]; total: number }>(path);
  return (
    <Loaded
      of={rows}
      failed="The history could not be read."
      empty={({ audit }) => (audit.length === 0 ? <p class="soft">Nobody changed it here.</p> : null)}
    >
      {({ audit, total }) => (
        <>
          {audit.map((row) => (
            <section key={row.id} class="keys-limit" aria-label={`Change ${row.id}`}>
              <div class="row apart">
                <span class="row">
                  <span class="strong">{wordOf(row)}</span>
                  {row.outcome !== "done" && <Badge tone="bad">{row.reason || row.outcome}</Badge>}
                </span>
                <span class="soft small">
                  {row.actor || row.address} · <Time at={row.timestamp} />
                </span>
              </div>
              {(row.before !== null || row.after !== null) && (
                <details class="keys-more">
                  <summary>What changed</summary>
                  <JsonView value={{ before: row.before, after: row.after }} label="The change" />
                </details>
              )}
            </section>
          ))}
          {total > audit.length && <Button onClick={() => setLimit(limit + STEP * 5)}>Show older ones</Button>}
        </>
      )}
    </Loaded>
  );
}

function wordOf({ method, path }: AuditRow): string {
  if (path.endsWith("/rotate")) return "Rotated";
  if (method === "POST") return "Made";
  return method === "DELETE" ? "Deleted" : "Changed";
}

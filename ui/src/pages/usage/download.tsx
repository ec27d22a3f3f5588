// Downloads the whole ranking as CSV, page by page.
import { get } from "../../api/client.ts";
import { toApiError } from "../../api/errors.ts";
import { Button } from "../../parts/button.tsx";
import { toast } from "../../parts/toast.tsx";
import { csvOf } from "./csv.ts";
import type { Ranked, Ranking } from "./ranked.ts";
import { filtersOf, logPath, timeOf, type UsageQuery } from "./usage-query.ts";

/** The largest page of the API. */
const PAGE = 1000;
/** Rows that a spreadsheet still opens. */
const MOST = 100_000;

export function DownloadButton({ usage }: { readonly usage: UsageQuery }) {
  const download = async () => {
    try {
      save(csvOf(await allRows(usage)), `usage-by-${usage.by.id.replaceAll(/[^\w-]/g, "-")}.csv`);
    } catch (error) {
      toast({ text: `The ranking could not be read: ${toApiError(error).message}`, tone: "bad" });
    }
  };
  return (
    <Button icon="download" onClick={download}>
      Download CSV
    </Button>
  );
}

async function allRows(usage: UsageQuery): Promise<Ranked[]> {
  const rows: Ranked[] = [];
  for (let offset = 0; offset < MOST; offset += PAGE) {
    const { rankings } = await get<Ranking>(
      logPath("/api/logs/rankings/by-dimension", filtersOf(usage), timeOf(usage.range), {
        dimension: usage.by.id,
        sort_by: usage.measure,
        limit: PAGE,
        offset,
      }),
    );
    rows.push(...rankings);
    if (rankings.length < PAGE) break;
  }
  return rows;
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Takes the requests of the present filters away as a file, told as it goes on, and stopped at will.
import { useEffect, useRef, useState } from "preact/hooks";
import { request } from "../../api/client.ts";
import { type ApiError, errorOf, toApiError } from "../../api/errors.ts";
import { bytes, exact, plural } from "../../lib/format.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorPanel } from "../../parts/error-panel.tsx";
import { Segments } from "../../parts/switch.tsx";
import { type Chosen, chipText } from "./filters.ts";

type Format = "csv" | "jsonl";

const FORMATS = [
  { value: "csv", label: "CSV, a table" },
  { value: "jsonl", label: "JSON lines, whole records" },
] as const;

interface Progress {
  readonly rows: number;
  readonly size: number;
  /** Null: the log does not know it beforehand. */
  readonly total: number | null;
}

export function ExportDialog({
  query,
  chosen,
  onClose,
}: {
  readonly query: string;
  readonly chosen: readonly Chosen[];
  readonly onClose: () => void;
}) {
  const [format, setFormat] = useState<Format>("csv");
  const [progress, setProgress] = useState<Progress | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isDone, setDone] = useState(false);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const start = async () => {
    abort.current = new AbortController();
    setError(null);
    setDone(false);
    setProgress({ rows: 0, size: 0, total: null });
    try {
      await exportRows(`/api/logs/export?format=${format}&${query}`, format, abort.current.signal, setProgress);
      setDone(true);
    } catch (failure) {
      if (!abort.current.signal.aborted) setError(toApiError(failure));
      setProgress(null);
    }
  };
  const isRunning = progress !== null && !isDone;
  return (
    <Dialog
      title="Export requests"
      onClose={onClose}
      foot={
        isRunning ? (
          <Button onClick={() => abort.current?.abort()}>Stop</Button>
        ) : (
          <>
            <Button onClick={onClose}>Close</Button>
            <Button kind="primary" icon="download" onClick={start}>
              {isDone ? "Export again" : "Export"}
            </Button>
          </>
        )
      }
    >
      <p class="soft">
        {chosen.length === 0
          ? "Every request of the shown time."
          : `Requests of the shown time: ${chosen.map((one) => chipText(one)).join(", ")}.`}
      </p>
      <Segments label="Format" value={format} options={FORMATS} onChange={setFormat} />
      {progress !== null && <Bar progress={progress} isDone={isDone} />}
      {error !== null && <ErrorPanel what="The export broke off; no file was made." error={error} onRetry={start} />}
    </Dialog>
  );
}

function Bar({ progress: { rows, size, total }, isDone }: { readonly progress: Progress; readonly isDone: boolean }) {
  const words = total === null ? plural(rows, "row") : `${exact(rows)} of ${plural(total, "row")}`;
  return (
    <div class="stack" aria-live="polite">
      <progress
        class="requests-progress"
        aria-label="Export"
        {...(isDone ? { value: 1, max: 1 } : total === null ? {} : { value: rows, max: Math.max(1, total) })}
      />
      <p class="num">{isDone ? `Saved ${plural(rows, "row")}, ${bytes(size)}.` : `${words}, ${bytes(size)}`}</p>
    </div>
  );
}

/** Reads the stream into pieces that the browser may keep on its disk, and hands them over as a file. */
async function exportRows(
  path: string,
  format: Format,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<void> {
  const answer = await request("GET", path, undefined, { signal });
  if (!answer.ok || answer.body === null) throw errorOf(answer.status, await answer.text(), null);
  const told = answer.headers.get("x-total-count");
  const total = told === null ? null : Number(told);
  const pieces: BlobPart[] = [];
  const reader = answer.body.getReader();
  let [lines, size, at] = [0, 0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.byteLength;
    for (let from = value.indexOf(10); from >= 0; from = value.indexOf(10, from + 1)) lines++;
    if (Date.now() - at < 100) continue;
    at = Date.now();
    tell({ rows: rowsOf(lines, format, total), size, total });
  }
  tell({ rows: rowsOf(lines, format, total), size, total });
  save(
    new Blob(pieces, { type: answer.headers.get("content-type") ?? "" }),
    nameOf(answer.headers.get("content-disposition")) ?? `requests.${format}`,
  );
}

/** A table has a head; and a text in it may have more lines than one. */
function rowsOf(lines: number, format: Format, total: number | null): number {
  const rows = Math.max(0, format === "csv" ? lines - 1 : lines);
  return total === null ? rows : Math.min(rows, total);
}

function nameOf(disposition: string | null): string | undefined {
  return /filename="([^"]+)"/.exec(disposition ?? "")?.[1];
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

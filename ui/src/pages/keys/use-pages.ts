// A list of the gateway read page by page as the reader comes to its end.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../api/client.ts";
import { type ApiError, toApiError } from "../../api/errors.ts";

/** As many as the gateway gives at once. */
const PAGE = 100;

export interface Pages<T> {
  /** Undefined: nothing came yet. */
  readonly rows: readonly T[] | undefined;
  readonly total: number;
  readonly error: ApiError | null;
  readonly isBusy: boolean;
  /** The next page, if there is one. */
  more(): void;
  /** Reads what is shown anew. */
  reload(): Promise<void>;
}

interface Held<T> {
  readonly path: string;
  readonly rows: readonly T[] | undefined;
  readonly total: number;
  readonly error: ApiError | null;
}

/** `path`: with its query, without limit and offset; `member`: of the answer that holds the list. */
export function usePages<T>(path: string, member: string): Pages<T> {
  const [held, setHeld] = useState<Held<T>>({ path, rows: undefined, total: 0, error: null });
  const [isBusy, setBusy] = useState(false);
  const busy = useRef<AbortController | null>(null);
  const read = useCallback(
    async (from: readonly T[], isAnew: boolean) => {
      busy.current?.abort();
      const abort = new AbortController();
      busy.current = abort;
      setBusy(true);
      try {
        const join = path.includes("?") ? "&" : "?";
        const offset = isAnew ? 0 : from.length;
        const answer = await get<Record<string, unknown>>(`${path}${join}limit=${PAGE}&offset=${offset}`, {
          signal: abort.signal,
        });
        if (abort.signal.aborted) return;
        const rows = answer[member] as readonly T[];
        setHeld({ path, rows: isAnew ? rows : [...from, ...rows], total: Number(answer["total_count"]), error: null });
      } catch (error) {
        if (abort.signal.aborted) return;
        setHeld((before) => ({ ...before, path, error: toApiError(error) }));
      }
      if (busy.current === abort) {
        busy.current = null;
        setBusy(false);
      }
    },
    [path, member],
  );
  const newest = useRef<typeof read | null>(read);
  newest.current = read;
  useEffect(() => {
    void read([], true);
    return () => busy.current?.abort();
  }, [read]);
  useEffect(
    () => () => {
      newest.current = null;
    },
    [],
  );
  const rows = held.rows;
  return {
    rows,
    total: held.total,
    error: held.error,
    isBusy,
    more: () => {
      if (held.path === path && rows !== undefined && !isBusy && held.error === null && rows.length < held.total)
        void read(rows, false);
    },
    // whoever kept this while a change was saved means the list that is shown by then
    reload: async () => await newest.current?.([], true),
  };
}

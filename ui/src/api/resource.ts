// What the API tells, kept for all components that show it: the last answer stays while a newer one is fetched.
import { effect, signal } from "@preact/signals";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get } from "./client.ts";
import { comebacks } from "./connection.ts";
import { type ApiError, toApiError } from "./errors.ts";

/** One of: nothing yet (`isLoading`), an error without data, data, data with an error (the newer answer failed). */
export interface Resource<T> {
  /** The last answer; of the address before while the first one of a new address is under way. */
  readonly data: T | undefined;
  readonly error: ApiError | null;
  /** Nothing to show yet. */
  readonly isLoading: boolean;
  /** A newer answer is under way. */
  readonly isReloading: boolean;
  reload(): Promise<void>;
  /** Shows this until the next answer: for changes that are sure to succeed. */
  patch(change: (data: T) => T): void;
}

interface Entry {
  data: unknown;
  error: ApiError | null;
  at: number;
  busy: AbortController | null;
  users: number;
  readonly changed: ReturnType<typeof signal<number>>;
}

const entries = new Map<string, Entry>();
/** Answers that nobody shows any more are kept so many at most. */
const MOST_KEPT = 60;
/** ms in which an answer is taken as it is when another component asks the same. */
const FRESH = 1_000;

function entryOf(path: string): Entry {
  const found = entries.get(path);
  if (found !== undefined) return found;
  const made: Entry = { data: undefined, error: null, at: 0, busy: null, users: 0, changed: signal(0) };
  entries.set(path, made);
  for (const [old, entry] of entries) {
    if (entries.size <= MOST_KEPT) break;
    if (entry.users === 0 && old !== path) entries.delete(old);
  }
  return made;
}

/** How many of the answers that are shown have never come yet. */
export const awaited = signal(0);

function count(): void {
  let missing = 0;
  for (const { users, data, error } of entries.values())
    if (users > 0 && data === undefined && error === null) missing++;
  awaited.value = missing;
}

function tell(entry: Entry): void {
  count();
  entry.changed.value = (entry.changed.peek() ?? 0) + 1;
}

async function fetchInto(path: string, entry: Entry): Promise<void> {
  entry.busy?.abort();
  const busy = new AbortController();
  entry.busy = busy;
  tell(entry);
  try {
    const data = await get<unknown>(path, { signal: busy.signal });
    if (entry.busy !== busy) return;
    Object.assign(entry, { data, error: null, at: Date.now() });
  } catch (error) {
    if (entry.busy !== busy || busy.signal.aborted) return;
    entry.error = toApiError(error);
  }
  entry.busy = null;
  tell(entry);
}

/** Asks anew for every address that is shown and begins so: after a change of what it tells. */
export async function refresh(prefix: string): Promise<void> {
  const shown = [...entries].filter(([path]) => path.startsWith(prefix));
  for (const [path, entry] of shown) if (entry.users === 0) entries.delete(path);
  await Promise.all(shown.filter(([, entry]) => entry.users > 0).map(([path, entry]) => fetchInto(path, entry)));
}

/** What a GET of `path` answers; null: nothing is asked. `every`: ms after which it is asked again while the page is seen. */
export function useResource<T>(path: string | null, { every = 0 }: { readonly every?: number } = {}): Resource<T> {
  const [, draw] = useState(0);
  const last = useRef<unknown>(undefined);
  const entry = path === null ? null : entryOf(path);

  useEffect(() => {
    if (path === null || entry === null) return;
    entry.users++;
    count();
    const stop = effect(() => draw((entry.changed.value ?? 0) + Math.random()));
    if (entry.busy === null && Date.now() - entry.at > FRESH) void fetchInto(path, entry);
    return () => {
      stop();
      entry.users--;
      count();
      if (entry.users > 0) return;
      if (entry.busy === null) return;
      entry.busy.abort();
      // what was asked for and given up may have been about a change: the next one who shows it asks anew
      Object.assign(entry, { busy: null, at: 0 });
    };
  }, [path, entry]);

  useEffect(() => {
    if (path === null || entry === null) return;
    let seen = comebacks.peek();
    const stop = effect(() => {
      if (comebacks.value !== seen) void fetchInto(path, entry);
      seen = comebacks.value;
    });
    const timer = every > 0 ? window.setInterval(() => isSeen(entry) && void fetchInto(path, entry), every) : 0;
    return () => {
      stop();
      window.clearInterval(timer);
    };
  }, [path, entry, every]);

  if (entry?.data !== undefined) last.current = entry.data;
  const reload = useCallback(async () => {
    if (path !== null) await fetchInto(path, entryOf(path));
  }, [path]);
  const patch = useCallback(
    (change: (data: T) => T) => {
      if (entry?.data === undefined) return;
      entry.data = change(entry.data as T);
      tell(entry);
    },
    [entry],
  );
  const data = path === null ? undefined : ((entry?.data ?? last.current) as T | undefined);
  const error = entry?.error ?? null;
  return {
    data,
    error,
    isLoading: path !== null && data === undefined && error === null,
    isReloading: data !== undefined && entry?.busy !== null && entry !== null,
    reload,
    patch,
  };
}

/** Nobody looks at a hidden page, and one call at a time is enough. */
function isSeen(entry: Entry): boolean {
  return document.visibilityState === "visible" && entry.busy === null;
}

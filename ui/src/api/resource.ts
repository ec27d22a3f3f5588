// What the API tells, kept for all components that show it: the last answer stays while a newer one is fetched.
import { effect } from "@preact/signals";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Answer, Answers } from "./answers.ts";
import { get } from "./client.ts";
import { comebacks } from "./connection.ts";
import type { ApiError } from "./errors.ts";

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

const answers = new Answers((path, signal) => get<unknown>(path, { signal }));

/** How many of the answers that are shown have never come yet. */
export const awaited = answers.awaited;

/** Asks anew for every address that is shown and begins so: after a change of what it tells. */
export function refresh(prefix: string): Promise<void> {
  return answers.refresh(prefix);
}

/** What a GET of `path` answers; null: nothing is asked. `every`: ms after which it is asked again while the page is seen. */
export function useResource<T>(path: string | null, { every = 0 }: { readonly every?: number } = {}): Resource<T> {
  const [, draw] = useState(0);
  const last = useRef<unknown>(undefined);
  const entry = path === null ? null : answers.of(path);

  useEffect(() => {
    if (entry === null) return;
    const giveUp = answers.use(entry);
    const stop = effect(() => draw(entry.changed.value + Math.random()));
    return () => {
      stop();
      giveUp();
    };
  }, [entry]);

  useEffect(() => {
    if (entry === null) return;
    let seen = comebacks.peek();
    const stop = effect(() => {
      if (comebacks.value !== seen) void answers.ask(entry);
      seen = comebacks.value;
    });
    const timer = every > 0 ? window.setInterval(() => isSeen(entry) && void answers.ask(entry), every) : 0;
    return () => {
      stop();
      window.clearInterval(timer);
    };
  }, [entry, every]);

  if (entry?.data !== undefined) last.current = entry.data;
  const reload = useCallback(async () => {
    if (path !== null) await answers.ask(answers.of(path));
  }, [path]);
  const patch = useCallback(
    (change: (data: T) => T) => {
      if (entry?.data === undefined) return;
      entry.data = change(entry.data as T);
      answers.tell(entry);
    },
    [entry],
  );
  const data = path === null ? undefined : ((entry?.data ?? last.current) as T | undefined);
  const error = entry?.error ?? null;
  return {
    data,
    error,
    isLoading: path !== null && data === undefined && error === null,
    isReloading: data !== undefined && entry !== null && entry.call !== null,
    reload,
    patch,
  };
}

/** Nobody looks at a hidden page, and one call at a time is enough. */
function isSeen(entry: Answer): boolean {
  return document.visibilityState === "visible" && entry.call === null;
}

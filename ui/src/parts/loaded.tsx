// The five states of what the API tells: loading, failed, empty, there in part, there.
import type { ComponentChildren } from "preact";
import type { Resource } from "../api/resource.ts";
import { ErrorPanel } from "./error-panel.tsx";
import { Skeleton } from "./skeleton.tsx";
import { Note } from "./status.tsx";

export interface LoadedFacts<T> {
  readonly of: Resource<T>;
  /** What the reader would see: `The requests could not be read.` */
  readonly failed: string;
  /** Drawn while the first answer is under way. */
  readonly waiting?: ComponentChildren;
  /** Null: the data is not empty. */
  readonly empty?: (data: T) => ComponentChildren | null;
  readonly children: (data: T) => ComponentChildren;
}

export function Loaded<T>({ of, failed, waiting, empty, children }: LoadedFacts<T>) {
  if (of.data === undefined)
    return of.error === null ? (
      <>{waiting ?? <Skeleton />}</>
    ) : (
      <ErrorPanel what={failed} error={of.error} onRetry={of.reload} />
    );
  return (
    <>
      {of.error !== null && !of.error.isOffline && (
        <Note tone="warn">This is from before: a newer answer failed, {of.error.message}.</Note>
      )}
      {empty?.(of.data) ?? children(of.data)}
    </>
  );
}

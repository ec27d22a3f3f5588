// A part whose code is fetched when it is first shown: charts, menus, editors.
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { comebacks } from "../api/connection.ts";
import { toApiError } from "../api/errors.ts";
import { ErrorPanel } from "./error-panel.tsx";

type Load<P> = () => Promise<ComponentType<P>>;

const known = new Map<unknown, ComponentType<never>>();

export interface LazyFacts<P> {
  /** The same function each time, so that it is fetched once: declare it outside of the component. */
  readonly load: Load<P>;
  readonly props: P;
  /** Shown until it is here. */
  readonly waiting?: ComponentChildren;
}

export function Lazy<P extends object>({ load, props, waiting = null }: LazyFacts<P>) {
  const [, draw] = useState(0);
  const [failure, setFailure] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const Part = known.get(load) as ComponentType<P> | undefined;
  const seen = useRef(comebacks.peek());
  const back = comebacks.value;
  useEffect(() => {
    if (Part !== undefined) return;
    let isGone = false;
    setFailure(null);
    load().then(
      (part) => {
        known.set(load, part as ComponentType<never>);
        if (!isGone) draw((count) => count + 1);
      },
      (error: unknown) => {
        if (!isGone) setFailure(error ?? new Error("its code did not come"));
      },
    );
    return () => {
      isGone = true;
    };
  }, [load, tries]);
  // the gateway is back: what failed without it is tried again
  useEffect(() => {
    if (seen.current !== back && failure !== null) setTries((count) => count + 1);
    seen.current = back;
  }, [back]);
  if (Part !== undefined) return <Part {...props} />;
  if (failure === null) return <>{waiting}</>;
  return (
    <ErrorPanel
      what="This part of the page could not be loaded."
      error={toApiError(failure)}
      onRetry={() => setTries((count) => count + 1)}
    />
  );
}

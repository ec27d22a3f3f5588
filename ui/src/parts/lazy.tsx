// A part whose code is fetched when it is first shown: charts, menus, editors.
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

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
  const Part = known.get(load) as ComponentType<P> | undefined;
  useEffect(() => {
    if (Part !== undefined) return;
    let isGone = false;
    load().then(
      (part) => {
        known.set(load, part as ComponentType<never>);
        if (!isGone) draw((count) => count + 1);
      },
      () => {},
    );
    return () => {
      isGone = true;
    };
  }, [load]);
  return Part === undefined ? <>{waiting}</> : <Part {...props} />;
}

// The time that a running request took so far, counted on.
import { useEffect, useState } from "preact/hooks";
import { duration } from "../../lib/format.ts";

const EVERY = 100;

/** ms since `at` (Unix ms), anew ten times a second while it is shown. */
export function useElapsed(at: number, isRunning: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return;
    const timer = window.setInterval(() => setNow(Date.now()), EVERY);
    return () => window.clearInterval(timer);
  }, [isRunning]);
  // the gateway's clock may be ahead of this machine's
  return Math.max(0, now - at);
}

export function Elapsed({ at }: { readonly at: number }) {
  const elapsed = useElapsed(at, true);
  return <span class="num soft requests-elapsed">{duration(Math.floor(elapsed / EVERY) * EVERY || EVERY)}</span>;
}

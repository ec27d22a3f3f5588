// The outline of what is still loading; shown only after a moment, so that quick answers do not flicker.
import { useEffect, useState } from "preact/hooks";

const PATIENCE = 150;

/** Grey bars instead of `lines` lines of text, or one of `height` px. */
export function Skeleton({ lines = 3, height }: { readonly lines?: number; readonly height?: number }) {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setDue(true), PATIENCE);
    return () => window.clearTimeout(timer);
  }, []);
  if (!isDue) return <div style={{ height: `${height ?? lines * 24}px` }} aria-busy="true" />;
  const bars = height === undefined ? Array.from({ length: lines }, (_, index) => 96 - ((index * 23) % 42)) : [100];
  return (
    <div class="skeleton" role="status" aria-busy="true" aria-label="Loading">
      {bars.map((width, index) => (
        <span key={index} style={{ width: `${width}%`, ...(height === undefined ? {} : { height: `${height}px` }) }} />
      ))}
    </div>
  );
}

// Counts down the seconds that a caller who guessed too often has to wait.
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../../api/errors.ts";

/** Seconds left; 0 = none. */
export function useWait(error: ApiError | null): number {
  const [until, setUntil] = useState(0);
  const [, tick] = useState(0);
  useEffect(() => {
    if (error?.retryAfter == null) return setUntil(0);
    setUntil(Date.now() + error.retryAfter * 1000);
    const timer = window.setInterval(() => tick((count) => count + 1), 500);
    return () => window.clearInterval(timer);
  }, [error]);
  return Math.max(0, Math.ceil((until - Date.now()) / 1000));
}

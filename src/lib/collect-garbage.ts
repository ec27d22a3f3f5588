// Has V8 collect all garbage of this thread at once, where something very large was just done with: it would wait for more work.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Takes about a millisecond for each megabyte that stays. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("globalThis.gc");
  if (typeof collect !== "function") return;
  collect();
  // the memory of large buffers is given back when the next collection begins
  collect();
}

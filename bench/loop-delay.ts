// Loaded into a gateway before it starts: writes the longest delay of its first thread's loop into a file each time it is asked by SIGUSR2.
import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  process.on("SIGUSR2", () => {
    // ms; the timer's own millisecond is in it
    writeFileSync(`${process.cwd()}/loop-delay`, String(delays.max / 1e6));
    delays.reset();
  });
}

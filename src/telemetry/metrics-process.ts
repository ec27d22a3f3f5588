// What process and threads use: memory, CPU time and the delay of the event loop, as samples for the metrics.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { MetricSample } from "./metrics-definitions.ts";

/** ms between the looks at the event loop. */
const RESOLUTION = 20;
const NANO = 1e9;

/** Watches this thread; each call of what it returns tells the time since the call before. */
export function watchThread(thread: string): () => MetricSample[] {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  // The histogram holds the times between two looks: without a delay that is the resolution itself.
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / NANO - RESOLUTION / 1000);
  return () => {
    const labels = [thread];
    const heap = getHeapStatistics();
    const hasLooked = delay.count > 0;
    const samples: MetricSample[] = [
      { metric: "nodejs_heap_size_used_bytes", labels, value: heap.used_heap_size },
      { metric: "nodejs_heap_size_total_bytes", labels, value: heap.total_heap_size },
      { metric: "nodejs_external_memory_bytes", labels, value: heap.external_memory },
      { metric: "nodejs_eventloop_lag_mean_seconds", labels, value: hasLooked ? seconds(delay.mean) : 0 },
      { metric: "nodejs_eventloop_lag_p99_seconds", labels, value: hasLooked ? seconds(delay.percentile(99)) : 0 },
      { metric: "nodejs_eventloop_lag_max_seconds", labels, value: hasLooked ? seconds(delay.max) : 0 },
    ];
    delay.reset();
    return samples;
  };
}

/** What the process as a whole uses, whichever thread asks. */
export function processSamples(): MetricSample[] {
  const { user, system } = process.cpuUsage();
  return [
    { metric: "process_cpu_seconds_total", labels: [], value: (user + system) / 1e6 },
    { metric: "process_resident_memory_bytes", labels: [], value: process.memoryUsage.rss() },
    { metric: "process_start_time_seconds", labels: [], value: Math.round(Date.now() / 1000 - process.uptime()) },
  ];
}

// Durations of the configuration: read by the rules that windows of counters follow too.
export { type Duration, parseDuration } from "../lib/durations.ts";

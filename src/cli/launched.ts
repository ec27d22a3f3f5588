// The counterpart of the launcher: ends with it, and takes signals as words over its pipe.
import { STOP_SIGNALS, type StopSignal } from "./terminal.ts";

/** The launcher sets it for the process that it starts; nobody else needs it. */
const MARK = "DRAWBRIDGE_LAUNCHED";
/** A service manager signals every process of the service: the launcher's word for it comes besides, ms. */
const SAME_SIGNAL = 1_000;

type Source = "system" | "launcher";

let isLaunched = false;
let onWord: ((signal: StopSignal) => void) | null = null;

/** To be called first. Without a launcher (or when it was replaced by this process) there is nothing to do. */
export function followLauncher(): void {
  const marked = process.env[MARK];
  delete process.env[MARK];
  if (marked !== "1" || process.channel === undefined) return;
  isLaunched = true;
  // kill -9 of the launcher: nobody would be left to stop us
  process.on("disconnect", () => process.exit(1));
  process.on("message", (word) => {
    const signal = STOP_SIGNALS.find((name) => name === word);
    if (signal !== undefined) (onWord ?? dieOf)(signal);
  });
  // the pipe alone keeps no command alive
  process.channel?.unref();
  // Ctrl+C reaches the whole group: the launcher relays it, and twice would mean "at once"
  process.on("SIGINT", () => {});
}

/** As if nobody had asked for the signal: a command without an own way of stopping. */
function dieOf(signal: StopSignal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Calls `handler` for every signal that asks the process to stop, told by the system or by the launcher. */
export function onStopSignal(handler: (signal: StopSignal) => void): void {
  const once = withoutEchoes(handler, () => performance.now());
  onWord = (signal) => once(signal, "launcher");
  for (const signal of STOP_SIGNALS) {
    if (isLaunched && signal === "SIGINT") continue;
    process.on(signal, () => once(signal, "system"));
  }
}

/** The same signal from both sides within a second is one; from one side twice it is two. */
export function withoutEchoes(
  handler: (signal: StopSignal) => void,
  now: () => number,
): (signal: StopSignal, source: Source) => void {
  let last: { signal: StopSignal; source: Source; at: number } | null = null;
  return (signal, source) => {
    const at = now();
    const isEcho = last !== null && last.signal === signal && last.source !== source && at - last.at < SAME_SIGNAL;
    // an echo answers one signal only
    last = isEcho ? null : { signal, source, at };
    if (!isEcho) handler(signal);
  };
}

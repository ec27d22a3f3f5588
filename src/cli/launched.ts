// The counterpart of the launcher: ends with it, and takes signals as words over its pipe.
import { STOP_SIGNALS, type StopSignal } from "./terminal.ts";

/** The launcher sets it for the process that it starts; nobody else needs it. */
const MARK = "DRAWBRIDGE_LAUNCHED";

let isLaunched = false;
let onWord: ((signal: StopSignal) => void) | null = null;

/** To be called first. Without a launcher (or when it replaced itself by us) there is nothing to do. */
export function followLauncher(): void {
  const marked = process.env[MARK];
  delete process.env[MARK];
  if (marked !== "1" || process.channel === undefined) return;
  isLaunched = true;
  // kill -9 of the launcher: nobody would be left to stop us
  process.on("disconnect", () => process.exit(1));
  process.on("message", (word) => {
    const signal = STOP_SIGNALS.find((name) => name === word);
    if (signal === undefined) return;
    if (onWord === null) process.kill(process.pid, "SIGKILL");
    else onWord(signal);
  });
  // the pipe alone keeps no command alive
  process.channel?.unref();
  // Ctrl+C reaches the whole group: the launcher relays it, and twice would mean "at once"
  process.on("SIGINT", () => {});
}

/** Calls `handler` for every signal that asks the process to stop, told by the system or by the launcher. */
export function onStopSignal(handler: (signal: StopSignal) => void): void {
  onWord = handler;
  for (const signal of STOP_SIGNALS) {
    if (isLaunched && signal === "SIGINT") continue;
    process.on(signal, () => handler(signal));
  }
}

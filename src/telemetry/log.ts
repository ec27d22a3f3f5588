// The operational log of the process, written by the control plane: JSON lines or lines for people, without secrets.
import { isatty } from "node:tty";
import { pino } from "pino";
import type { LogLevel } from "../core/plane-messages.ts";
import { concealFields, concealText } from "./conceal.ts";
import { prettyLine } from "./pretty-line.ts";

export type LogFields = Readonly<Record<string, string | number>>;

export interface ProcessLog {
  write(level: LogLevel, text: string, fields?: LogFields): void;
  /** From now on none of these appears in a line; replaces the ones before. */
  conceal(secrets: readonly string[]): void;
  /** Returns when every line so far was handed to the system; call before the process ends. */
  flush(): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly style: "json" | "pretty";
  /** Where lines go; absent = standard error. */
  readonly sink?: { write(line: string): void };
}

const STDERR = 2;
/** A reader of our output that stands still costs this much memory at most; what comes then is dropped. */
const MOST_WAITING = 4 * 1024 * 1024;

/** The log of this thread. Lines leave it without waiting for whoever reads them. */
export function createLog(options: LogOptions): ProcessLog {
  const file =
    options.sink === undefined ? pino.destination({ dest: STDERR, sync: false, maxLength: MOST_WAITING }) : null;
  file?.on("error", () => {}); // Nobody reads the output any more: the process goes on without.
  const sink = options.sink ?? file ?? { write() {} };
  const coloured = file !== null && isatty(STDERR) && process.env["NO_COLOR"] === undefined;
  const pretty = { write: (line: string) => void sink.write(prettyLine(line, coloured)) };
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.style === "pretty" ? pretty : sink,
  );
  let known: readonly string[] = [];
  return {
    write: (level, text, fields = {}) => logger[level](concealFields(fields, known), concealText(text, known)),
    conceal: (secrets) => {
      known = secrets;
    },
    flush: () => flushSync(file),
  };
}

function flushSync(file: { flushSync(): void } | null): void {
  try {
    file?.flushSync();
  } catch {
    // Not open yet, or the reader is gone: there is nobody left to tell.
  }
}

// What a command may use of the process: its streams, its environment, and the codes with which it ends.

/** Where a command reads and writes; tests hand in their own. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The output is read by a person. */
  readonly isTty: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** How a command ends; documented in the help text. */
export const EXIT = {
  /** Done; for `serve`: stopped by a signal after everything was finished. */
  ok: 0,
  /** The configuration cannot be used, or a failure without a code of its own. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** The port cannot be opened. */
  port: 3,
  /** No gateway answers at the address. */
  unreachable: 4,
  /** `check`: the configuration starts, but holds mistakes. */
  mistakes: 5,
} as const;

/** A process ended by signal n ends with 128 + n. */
export const EXIT_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type StopSignal = keyof typeof EXIT_SIGNAL;

export const STOP_SIGNALS = Object.keys(EXIT_SIGNAL) as readonly StopSignal[];

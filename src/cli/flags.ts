// Reads command lines: one or two dashes, values after a space or an equals sign, environment variables behind the flags.
import { nearestName } from "../lib/nearest.ts";

/** One flag that a command takes. */
export interface Flag {
  readonly name: string;
  /** `switch` takes no value, `list` may be repeated. */
  readonly type: "text" | "switch" | "list";
  /** What the value is called in the help text. */
  readonly value?: string;
  readonly help: string;
  /** Variables that are asked when the flag is absent; the first that is set counts. */
  readonly environment?: readonly string[];
  readonly default?: string;
  /** What is wrong with a value, or null. */
  readonly check?: (value: string) => string | null;
  /** Older or shorter names. */
  readonly also?: readonly string[];
}

export interface CommandLine {
  readonly words: readonly string[];
  text(name: string): string | undefined;
  has(name: string): boolean;
  list(name: string): readonly string[];
  /** As often as the flag was given; values are not cut at commas. */
  each(name: string): readonly string[];
}

/** A command line that makes no sense; the message says what to write instead. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Throws a UsageError on what is unknown, lacks a value or has a wrong one. */
export function readFlags(
  args: readonly string[],
  flags: readonly Flag[],
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const byName = new Map(
    flags.flatMap((flag) => [flag.name, ...(flag.also ?? [])].map((name) => [name, flag] as const)),
  );
  const given = new Map<string, string[]>();
  const words: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--") {
      words.push(...args.slice(index + 1));
      break;
    }
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg);
    if (match === null) {
      words.push(arg);
      continue;
    }
    const [, name = "", inline] = match;
    const flag = byName.get(name);
    if (flag === undefined) throw new UsageError(unknownFlag(name, [...byName.keys()]));
    const value = inline ?? (flag.type === "switch" ? "true" : args[++index]);
    if (value === undefined) throw new UsageError(`-${name} needs a value: -${name} ${flag.value ?? "VALUE"}`);
    checkValue(flag, value, `-${name}`);
    given.set(flag.name, [...(given.get(flag.name) ?? []), value]);
  }
  return commandLine(words, flags, given, environment);
}

function commandLine(
  words: readonly string[],
  flags: readonly Flag[],
  given: ReadonlyMap<string, readonly string[]>,
  environment: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const fallbacks = new Map(flags.map((flag) => [flag.name, valueBehind(flag, given.has(flag.name), environment)]));
  const text = (name: string) => given.get(name)?.at(-1) ?? fallbacks.get(name);
  return {
    words,
    text,
    has: (name) => text(name) === "true" || text(name) === "1",
    each: (name) => given.get(name) ?? [],
    // lists take commas too
    list: (name) => (given.get(name) ?? []).flatMap((value) => value.split(",")).filter((value) => value !== ""),
  };
}

/** What counts when the flag is absent. */
function valueBehind(
  flag: Flag,
  isGiven: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const variable = flag.environment?.find((name) => (environment[name] ?? "") !== "");
  if (variable === undefined || isGiven) return flag.default;
  const value = environment[variable]!;
  checkValue(flag, value, variable);
  return value;
}

function checkValue(flag: Flag, value: string, source: string): void {
  if (flag.type === "switch" && !["true", "false", "1", "0"].includes(value)) {
    throw new UsageError(`${source} takes no value besides true and false`);
  }
  const problem = flag.check?.(value) ?? null;
  if (problem !== null) throw new UsageError(`${source}: ${problem}`);
}

function unknownFlag(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `there is no flag -${name}${nearest === undefined ? "" : `; did you mean -${nearest}?`}`;
}

/** One line a flag for the help text. */
export function describeFlags(flags: readonly Flag[]): string {
  const heads = flags.map((flag) => `  -${flag.name}${flag.type === "switch" ? "" : ` ${flag.value ?? "VALUE"}`}`);
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  return flags
    .map((flag, index) => {
      const variables = flag.environment === undefined ? "" : ` [${flag.environment.join(", ")}]`;
      const standard = flag.default === undefined ? "" : ` (${flag.default})`;
      return `${heads[index]!.padEnd(width)}${flag.help}${standard}${variables}`;
    })
    .join("\n");
}

/** Refuses words that a command has no use for. */
export function refuseWords(words: readonly string[], most: number, usage: string): void {
  if (words.length > most) throw new UsageError(`"${words[most]}" is one word too many; ${usage}`);
}

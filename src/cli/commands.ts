// The commands by name: finds the command and hands the rest over to it.
import { nearestName } from "../lib/nearest.ts";
import { UsageError } from "./flags.ts";
import { serve } from "./serve.ts";
import { EXIT, type Terminal } from "./terminal.ts";
import { packageVersion } from "./version.ts";

type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;

/** What `serve` does not need is read from disk by the command that needs it. */
const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  check: async (args, terminal) => (await import("./check.ts")).check(args, terminal),
  init: async (args, terminal) => (await import("./init.ts")).init(args, terminal),
  route: async (args, terminal) => (await import("./route.ts")).route(args, terminal),
  logs: async (args, terminal) => (await import("./logs.ts")).logs(args, terminal),
  "rotate-encryption-key": async (args, terminal) =>
    (await import("./rotate-encryption-key.ts")).rotateKey(args, terminal),
  help: async (_args, terminal) => {
    const { helpText } = await import("./help.ts");
    terminal.out(helpText(packageVersion()));
    return EXIT.ok;
  },
  version: async (_args, terminal) => {
    terminal.out(`${packageVersion()}\n`);
    return EXIT.ok;
  },
};

const HELP = new Set(["-h", "-help", "--help", "-?"]);
const VERSION = new Set(["-v", "-version", "--version"]);

/** Runs one command; the exit code. `args` are those behind the program's name. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const own = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  if (own.some((arg) => HELP.has(arg))) return COMMANDS.help!([], terminal);
  if (own.length === 1 && VERSION.has(own[0]!)) return COMMANDS.version!([], terminal);
  const [first] = args;
  const isCommand = first !== undefined && !first.startsWith("-");
  try {
    if (!isCommand) return await serve(args, terminal);
    const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
    if (command === undefined) throw new UsageError(unknownCommand(first));
    return await command(args.slice(1), terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`drawbridge: ${error.message}\nSee: drawbridge help\n`);
    return EXIT.usage;
  }
}

function unknownCommand(name: string): string {
  const nearest = nearestName(name, Object.keys(COMMANDS));
  return `there is no command "${name}"${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`;
}

// `drawbridge check`: reads a configuration as the gateway would, and tells everything that was found.
import { dirname, resolve } from "node:path";
import type { Diagnostic, DiagnosticCode } from "../config/diagnostic.ts";
import { type LoadResult, loadConfiguration } from "../config/load.ts";
import { openAppDir } from "./app-dir.ts";
import { type Flag, readFlags, refuseWords } from "./flags.ts";
import { EXIT, type Terminal } from "./terminal.ts";

export const CHECK_FLAGS: readonly Flag[] = [
  {
    name: "app-dir",
    type: "text",
    value: "DIR",
    help: "directory of config.json",
    environment: ["DRAWBRIDGE_APP_DIR", "APP_DIR"],
  },
  {
    name: "config",
    type: "text",
    value: "FILE",
    help: "configuration, as for serve",
    environment: ["DRAWBRIDGE_CONFIG"],
  },
  { name: "strict", type: "switch", help: "every warning fails, also what is not supported yet" },
];

/** Warnings behind which stands a mistake in the file. */
const MISTAKES: ReadonlySet<DiagnosticCode> = new Set(["unknown-member", "duplicate", "reference"]);

/** The exit code: 0 when the file can be used and holds no mistake. */
export async function check(args: readonly string[], terminal: Terminal): Promise<number> {
  const line = readFlags(args, CHECK_FLAGS, terminal.environment);
  refuseWords(line.words, 1, "drawbridge check [FILE]");
  const asked = line.words[0] ?? line.text("config");
  const path = asked === undefined ? null : resolve(terminal.cwd, asked);
  let appDir: string;
  try {
    // beside a file that is named nothing else is needed
    appDir = path === null ? openAppDir(line.text("app-dir"), terminal.environment, terminal.cwd) : dirname(path);
  } catch (error) {
    terminal.err(`drawbridge: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  }
  const { registry } = await import("../app.ts");
  const result = loadConfiguration({
    appDir,
    configPath: path,
    environment: terminal.environment,
    registry,
    catalogue: [],
  });
  return tell(result, line.has("strict"), terminal);
}

/** Prints the findings; the exit code. */
export function tell(result: LoadResult, strict: boolean, terminal: Terminal): number {
  const findings: readonly Diagnostic[] = result.ok ? result.warnings : [...result.errors, ...result.warnings];
  for (const finding of findings) terminal.out(`${finding.severity}: ${finding.text}\n\n`);
  const errors = result.ok ? 0 : result.errors.length;
  const mistakes = result.warnings.filter((warning) => strict || MISTAKES.has(warning.code)).length;
  if (result.ok) {
    const providers = result.entities.filter((entity) => entity.kind === "provider").length;
    const keys = result.entities.filter((entity) => entity.kind === "virtual-key").length;
    terminal.out(
      `${result.facts.path ?? "no config.json: the environment"}: ${plural(providers, "provider")}, ${plural(keys, "virtual key")}\n`,
    );
  }
  terminal.out(`${plural(errors, "error")}, ${plural(result.warnings.length, "warning")}\n`);
  return errors + mistakes > 0 ? EXIT.failed : EXIT.ok;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

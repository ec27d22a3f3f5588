// `drawbridge init`: writes a config.json to start from, and says what to do next. It never replaces a file.
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openAppDir } from "./app-dir.ts";
import { type Flag, readFlags, refuseWords } from "./flags.ts";
import { startingConfig } from "./starting-config.ts";
import { EXIT, type Terminal } from "./terminal.ts";

/** The directory as a flag too: as whoever is about to start the gateway writes it. */
const INIT_FLAGS: readonly Flag[] = [{ name: "app-dir", type: "text", value: "DIR", help: "directory of config.json" }];

/** The exit code: `failed` when there is a file already, or none can be made. */
export async function init(args: readonly string[], terminal: Terminal): Promise<number> {
  const line = readFlags(args, INIT_FLAGS, terminal.environment);
  refuseWords(line.words, line.text("app-dir") === undefined ? 1 : 0, "drawbridge init [DIR]");
  const asked = line.words[0] ?? line.text("app-dir");
  const { registry } = await import("../app.ts");
  const { text, variables } = startingConfig(registry.all(), terminal.environment);
  try {
    const dir = folder(asked, terminal);
    const file = join(dir, "config.json");
    write(file, text);
    terminal.out(nextSteps(file, asked === undefined ? null : dir, missing(variables, terminal)));
    return EXIT.ok;
  } catch (error) {
    terminal.err(`drawbridge: ${problemOf(error)}\n`);
    return EXIT.failed;
  }
}

/** The named directory, or the one in which the gateway looks by itself. */
function folder(asked: string | undefined, terminal: Terminal): string {
  if (asked === undefined) return openAppDir(appDirOf(terminal), terminal.environment, terminal.cwd);
  const dir = resolve(terminal.cwd, asked);
  // it will hold keys: nobody else's business
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

function appDirOf({ environment }: Terminal): string | undefined {
  return environment["DRAWBRIDGE_APP_DIR"] || environment["APP_DIR"];
}

function write(file: string, text: string): void {
  // "wx": one that is there stays as it is
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

function problemOf(error: unknown): string {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return `${path} is there already, and stays as it is; "drawbridge check" tells how it is`;
  if (code !== undefined && path !== undefined) return `${path} cannot be written (${code})`;
  return error instanceof Error ? error.message : String(error);
}

function missing(variables: readonly string[], { environment }: Terminal): string[] {
  return variables.filter((name) => (environment[name] ?? "").trim() === "");
}

function nextSteps(file: string, dir: string | null, unset: readonly string[]): string {
  const flag = dir === null ? "" : ` -app-dir ${/^[\w./-]+$/.test(dir) ? dir : JSON.stringify(dir)}`;
  const steps = [
    ...unset.map((name) => `export ${name}=…   (your key; without it only "demo" answers)`),
    `drawbridge check${flag}   (tells what is wrong with the file, after you changed it)`,
    `drawbridge${flag}         (starts the gateway)`,
  ];
  return `${file} is written; only you can read it.\nNext:\n${steps.map((step) => `  ${step}\n`).join("")}`;
}

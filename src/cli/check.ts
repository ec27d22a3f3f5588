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
  { name: "strict", type: "switch", help: "every warning counts as a mistake, also what is not supported yet" },
  { name: "json", type: "switch", help: "print the findings as JSON" },
];

/** Warnings behind which stands a mistake in the file. */
const MISTAKES: ReadonlySet<DiagnosticCode> = new Set(["unknown-member", "duplicate", "reference"]);

/** The exit code: `ok` when the file can be used and holds no mistake, `failed` when it is refused, else `mistakes`. */
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
  const { expressionProblem, patchProblem, registry } = await import("../app.ts");
  const result = loadConfiguration({
    appDir,
    configPath: path,
    environment: terminal.environment,
    registry,
    catalogue: [],
    patchProblem,
    expressionProblem,
  });
  const verdict = judge(result, line.has("strict"));
  terminal.out(line.has("json") ? jsonOf(verdict) : textOf(verdict));
  return verdict.code;
}

/** What came of the check. */
export interface Verdict {
  readonly code: number;
  readonly result: LoadResult;
  readonly findings: readonly Diagnostic[];
  /** The findings behind which stands a mistake. */
  readonly mistakes: ReadonlySet<Diagnostic>;
}

export function judge(result: LoadResult, strict: boolean): Verdict {
  const errors = result.ok ? [] : result.errors;
  const mistakes = new Set(result.warnings.filter(({ code }) => strict || MISTAKES.has(code)));
  const code = errors.length > 0 ? EXIT.failed : mistakes.size > 0 ? EXIT.mistakes : EXIT.ok;
  return { code, result, findings: [...errors, ...result.warnings], mistakes };
}

/** For people: every finding with its place and snippet, then a summary. */
export function textOf({ code, result, findings, mistakes }: Verdict): string {
  const texts = findings.map((finding) => `${finding.severity}: ${finding.text}\n\n`);
  const count = (severity: Diagnostic["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length;
  const lines = [`${plural(count("error"), "error")}, ${plural(count("warning"), "warning")}`];
  if (result.ok) {
    const { providers, virtualKeys } = contents(result);
    const path = result.facts.path ?? "no config.json: the environment";
    lines.unshift(`${path}: ${plural(providers.length, "provider")}, ${plural(virtualKeys, "virtual key")}`);
  }
  if (code === EXIT.failed) lines.push("The gateway does not start with this.");
  if (code === EXIT.mistakes)
    lines.push(`The gateway starts, but ${plural(mistakes.size, "finding")} should be looked at: exit code ${code}.`);
  return `${texts.join("")}${lines.join("\n")}\n`;
}

/** For programs. */
export function jsonOf({ result, findings, mistakes }: Verdict): string {
  const told = findings.map((finding) => {
    const { severity, code, file, line, column, message, details } = finding;
    const place = line === 0 ? {} : { line, column };
    return { severity, code, mistake: mistakes.has(finding), file, ...place, message, ...details };
  });
  const { providers, virtualKeys } = result.ok ? contents(result) : { providers: [], virtualKeys: 0 };
  const content = {
    starts: result.ok,
    file: result.ok ? result.facts.path : (findings[0]?.file ?? null),
    errors: findings.filter(({ severity }) => severity === "error").length,
    warnings: result.warnings.length,
    mistakes: mistakes.size,
    providers,
    virtual_keys: virtualKeys,
    findings: told,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function contents(result: Extract<LoadResult, { ok: true }>): { providers: string[]; virtualKeys: number } {
  const providers = result.entities.flatMap((entity) => (entity.kind === "provider" ? [entity.name] : []));
  return { providers, virtualKeys: result.entities.filter(({ kind }) => kind === "virtual-key").length };
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

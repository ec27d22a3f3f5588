// Runs everything that must pass: types, lint, the rooms' tests side by side, then the end-to-end tests one after another.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { chromiumPath } from "./support/chromium-path.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name: string) => path.join(root, "node_modules", ".bin", name);
const venv = path.join(root, ".venv");
const requirements = path.join(root, "test/python/requirements.txt");

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}
/** Everything together takes a third of this on two processors: beyond it something hangs, and the rest would hang as well. */
const patience = AbortSignal.timeout(45 * 60_000);
const tally: Tally = { passed: 0, failed: 0, skipped: 0 };

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}

/** Debian packages that a test needs; installed only where nobody minds. */
function needCommand(command: string, debian: string): void {
  if (spawnSync("sh", ["-c", `command -v ${command}`]).status === 0) return;
  const mayInstall = process.env["CI"] === "true" && process.getuid?.() === 0;
  if (!mayInstall)
    stop(`The tests need '${command}'. Install it with:\n  sudo apt-get update && sudo apt-get install -y ${debian}`);
  console.log(`installing ${debian}`);
  execFileSync(
    "sh",
    ["-c", `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ${debian} >/dev/null`],
    { stdio: "inherit" },
  );
}

/** The official Python SDKs in an environment of the checkout's own. */
function needPython(): void {
  needCommand("python3", "python3 python3-venv");
  const stamp = path.join(venv, "installed.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("installing the Python SDKs into .venv");
  const made = spawnSync("python3", ["-m", "venv", venv], { stdio: "inherit" });
  if (made.status !== 0) {
    needCommand("python3-venv-is-missing", "python3-venv");
    execFileSync("python3", ["-m", "venv", venv], { stdio: "inherit" });
  }
  execFileSync(path.join(venv, "bin/pip"), ["install", "-q", "--disable-pip-version-check", "-r", requirements], {
    stdio: "inherit",
  });
  writeFileSync(stamp, wanted);
}

/** A tool that passes or fails as a whole; counts as one. */
function check(name: string, command: string, args: readonly string[]): void {
  const started = performance.now();
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (result.status === 0) {
    tally.passed++;
    console.log(`ok      ${name} (${seconds} s)`);
    return;
  }
  tally.failed++;
  console.log(`FAILED  ${name}\n${result.stdout}${result.stderr}`);
}

function relative(file: string | undefined): string {
  return file === undefined ? "" : path.relative(root, file);
}

interface FileTally {
  passed: number;
  failed: number;
  ms: number;
}

/** Runs test files, each in a process of its own; tells files as they end and failures in full. */
async function runFiles(files: readonly string[], concurrency: number): Promise<void> {
  const perFile = new Map<string, FileTally>();
  const stream = run({
    files: [...files],
    concurrency,
    timeout: 180_000,
    cwd: root,
    execArgv: ["--no-warnings"],
    signal: patience,
  });
  const of = (file: string): FileTally => {
    const found = perFile.get(file) ?? { passed: 0, failed: 0, ms: 0 };
    perFile.set(file, found);
    return found;
  };
  for await (const { type, data } of stream) {
    if (type === "test:stderr" || type === "test:stdout") {
      if (process.env["VERBOSE"]) process.stdout.write(data.message);
      continue;
    }
    if (type !== "test:pass" && type !== "test:fail") continue;
    // The runner reports each file as a test around its tests: it counts only when it failed without any of them.
    const file = relative(data.file);
    const isFile = data.nesting === 0 && (data.name === data.file || relative(data.name) === file);
    const isSuite = data.details.type === "suite";
    const counts = of(file);
    if (data.skip !== undefined || data.todo !== undefined) {
      tally.skipped++;
      continue;
    }
    if (type === "test:pass") {
      if (isFile)
        console.log(`ok      ${file} (${counts.passed} tests, ${(data.details.duration_ms / 1000).toFixed(1)} s)`);
      else if (!isSuite) {
        counts.passed++;
        tally.passed++;
      }
      continue;
    }
    if (isSuite || (isFile && counts.failed > 0)) continue;
    counts.failed++;
    tally.failed++;
    const error = data.details.error as Error & { cause?: unknown };
    console.log(
      `FAILED  ${file}: ${data.name}\n${String((error.cause as Error | undefined)?.stack ?? error.cause ?? error.stack ?? error)}\n`,
    );
  }
}

function find(patterns: readonly string[]): string[] {
  return globSync([...patterns], { cwd: root })
    .map((file) => path.join(root, file))
    .toSorted();
}

const only = process.argv.slice(2);
if (only.length > 0) {
  await runFiles(find(only), 1);
} else {
  needCommand("openssl", "openssl");
  needCommand("faketime", "faketime");
  needPython();
  if (chromiumPath() === undefined) needCommand("chromium", "chromium");
  check("types (tsc)", bin("tsc"), ["--noEmit"]);
  check("types of the UI (tsc)", bin("tsc"), ["-p", "ui"]);
  check("types of the UI's tests (tsc)", bin("tsc"), ["-p", "test/ui"]);
  check("lint (oxlint)", bin("oxlint"), ["--deny-warnings", "src", "test", "bench", "scripts", "bin", "ui/src"]);
  check("format (biome)", bin("biome"), ["check", "src", "test", "bench", "scripts", "bin", "ui"]);
  check("web UI within its sizes", process.execPath, ["scripts/build-ui.ts", "--if-stale"]);
  check("documentation is built", process.execPath, ["scripts/build-docs.ts", "--if-stale"]);
  await runFiles(
    find(["src/**/*.test.ts", "test/*.test.ts", "bench/**/*.test.ts", "scripts/**/*.test.ts", "ui/src/**/*.test.ts"]),
    availableParallelism(),
  );
  await runFiles(
    find(["test/e2e/**/*.test.ts", "test/compat/**/*.test.ts", "test/scenarios/**/*.test.ts", "test/ui/**/*.test.ts"]),
    1,
  );
}
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;

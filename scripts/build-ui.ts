// Builds the web UI into a folder (default dist/ui). node scripts/build-ui.ts [DIR] [--dev] [--watch] [--if-stale]
import { rmSync } from "node:fs";
import path from "node:path";
import { budgetFindings, budgetLines } from "./ui/budget.ts";
import { buildUi } from "./ui/build.ts";
import { isFresh, newestSource } from "./ui/freshness.ts";

const root = path.resolve(import.meta.dirname, "..");
const words = process.argv.slice(2);
const has = (flag: string): boolean => words.includes(flag);
const out = path.resolve(words.find((word) => !word.startsWith("--")) ?? path.join(root, "dist/ui"));

if (!has("--if-stale") || !isFresh(root, out)) await buildOnce();
if (has("--watch")) await watch();

async function buildOnce(): Promise<void> {
  const began = performance.now();
  const built = await buildUi(root, out, { development: has("--dev") });
  if (built === null) {
    console.error(
      "The web UI was not built: esbuild is not installed here (npm ci). The gateway shows its plain page.",
    );
    return;
  }
  console.log(`built the web UI in ${Math.round(performance.now() - began)} ms`);
  if (has("--dev")) return;
  if (has("--budget")) console.log(budgetLines(built.manifest).join("\n"));
  const findings = budgetFindings(built.manifest);
  if (findings.length === 0) return;
  for (const finding of findings) console.error(finding);
  rmSync(out, { recursive: true, force: true });
  process.exitCode = 1;
}

/** Looks once in a while: watchers of the system miss changes on some of them. */
async function watch(): Promise<never> {
  console.log("watching ui/ for changes");
  for (let seen = newestSource(root); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const newest = newestSource(root);
    if (newest <= seen) continue;
    seen = newest;
    await buildOnce().catch(() => {});
  }
}

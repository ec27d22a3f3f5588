// Builds the documentation into a folder (default dist/docs). node scripts/build-docs.ts [DIR] [--if-stale]
import { globSync, statSync } from "node:fs";
import path from "node:path";
import { buildDocs } from "./docs/build.ts";

const root = path.resolve(import.meta.dirname, "..");
const words = process.argv.slice(2);
const out = path.resolve(words.find((word) => !word.startsWith("--")) ?? path.join(root, "dist/docs"));
const SOURCES = [
  "README.md",
  "package.json",
  "docs/**/*.md",
  "examples/README.md",
  "scripts/build-docs.ts",
  "scripts/build-schema.ts",
  "scripts/docs/*",
  "ui/src/docs/*",
  "ui/src/styles/tokens.css",
  "src/admin/*.ts",
  "src/config/schema/*.ts",
  "src/core/errors.ts",
  "src/telemetry/metrics-definitions.ts",
];

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

const newest = Math.max(...globSync(SOURCES, { cwd: root }).map((file) => modified(path.join(root, file))));
const isFresh = modified(path.join(out, "manifest.json")) > newest;
if (!words.includes("--if-stale") || !isFresh) {
  const began = performance.now();
  const isBuilt = await buildDocs(root, out);
  if (isBuilt) console.log(`built the documentation in ${Math.round(performance.now() - began)} ms`);
  else console.error("The documentation was not built: esbuild is not installed here (npm ci).");
}

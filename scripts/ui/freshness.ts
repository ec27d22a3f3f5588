// Whether the built UI is as new as its sources.
import { globSync, statSync } from "node:fs";
import path from "node:path";

const SOURCES = ["ui/src/**/*", "ui/index.html", "ui/package.json", "scripts/build-ui.ts", "scripts/ui/*.ts"];

/** Unix ms of the youngest source. */
export function newestSource(root: string): number {
  return Math.max(...globSync(SOURCES, { cwd: root }).map((file) => modified(path.join(root, file))));
}

/** True when `out` holds a build that is younger than every source. */
export function isFresh(root: string, out: string): boolean {
  return modified(path.join(out, "manifest.json")) > newestSource(root);
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

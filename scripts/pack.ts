// Builds the package and packs it as npm publishes it: no dependency, no workspace, nothing to compile.
// node scripts/pack.ts [DIR]   writes the tarball into DIR (default: here) and prints its path
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const target = path.resolve(process.argv[2] ?? ".");

/** What concerns the checkout alone: the libraries are in the bundle, the runtime stays at home. */
const LEFT_OUT = new Set(["dependencies", "devDependencies", "workspaces", "scripts", "private"]);

function manifest(): { readonly files: readonly string[]; readonly text: string } {
  const own = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as Record<string, unknown>;
  const kept = Object.entries(own).filter(([name]) => !LEFT_OUT.has(name));
  return { files: own["files"] as string[], text: `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n` };
}

const stage = mkdtempSync(path.join(tmpdir(), "drawbridge-pack-"));
try {
  const { files, text } = manifest();
  writeFileSync(path.join(stage, "package.json"), text);
  for (const file of files)
    if (file !== "dist" && existsSync(path.join(root, file)))
      cpSync(path.join(root, file), path.join(stage, file), { recursive: true });
  execFileSync(process.execPath, [path.join(root, "scripts/build.ts"), path.join(stage, "dist")], { stdio: "inherit" });
  mkdirSync(target, { recursive: true });
  const told = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", target], {
    cwd: stage,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  console.log(path.join(target, fileName(JSON.parse(told))));
} finally {
  rmSync(stage, { recursive: true });
}

/** npm's answer is a list up to its version 11 and an object by package name from there on. */
function fileName(told: Record<string, { readonly filename: string }>): string {
  return Object.values(told)[0]?.filename ?? "";
}

// Bundles the package: one file for each thread into dist/, which the packed package runs.
import { rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const out = process.argv[2] ?? path.join(root, "dist");

rmSync(out, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { cli: "src/cli/main.ts", "control-plane": "src/control-plane.ts", "query-plane": "src/query-plane.ts" },
  outdir: out,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // Dependencies come with the package; bundling ours alone keeps stack traces and licences where they belong.
  packages: "external",
  sourcemap: false,
  legalComments: "none",
  logLevel: "warning",
});

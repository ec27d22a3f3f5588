// Bundles what the package runs into a folder (default dist/): one entry for each thread, the parts they share, and the
// licences of the libraries that are in it. node scripts/build.ts [DIR]
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { buildDocs } from "./docs/build.ts";
import { bundledPackages, licenceText } from "./licences.ts";
import { budgetFindings } from "./ui/budget.ts";
import { buildUi } from "./ui/build.ts";

const root = path.resolve(import.meta.dirname, "..");
const out = path.resolve(process.argv[2] ?? path.join(root, "dist"));

rmSync(out, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    cli: "src/cli/main.ts",
    "control-plane": "src/control-plane.ts",
    "query-plane": "src/query-plane.ts",
    "sheet-worker": "src/accounting/prices/sheet-worker.ts",
  },
  outdir: out,
  bundle: true,
  // One file instead of hundreds: reading typebox's alone took a third of the start. A thread loads the parts it needs.
  splitting: true,
  chunkNames: "[name]-[hash]",
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  // libraries written as CommonJS ask for Node's own modules this way
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
  },
  // names and lines stay, so that a stack trace says something; making it smaller starts no faster
  minify: false,
  sourcemap: false,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
// data that the program reads as a file: as code it would take longer to load, and more memory
copyFileSync(
  path.join(root, "src/accounting/prices/catalogue.generated.json"),
  path.join(out, "catalogue.generated.json"),
);
const inputs = Object.values(metafile.outputs).flatMap((output) =>
  Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
);
const ui = await buildUi(root, path.join(out, "ui"), { development: false });
const findings = ui === null ? ["the web UI was not built: esbuild is missing"] : budgetFindings(ui.manifest);
const packages = bundledPackages(root, [...inputs, ...(ui?.inputs ?? [])]);
writeFileSync(path.join(out, "THIRD-PARTY.txt"), licenceText(packages));
if (!(await buildDocs(root, path.join(out, "docs"))))
  findings.push("the documentation was not built: esbuild is missing");
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;

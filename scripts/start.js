// `npm start`: builds the web UI and the documentation where they are missing or old, then runs the gateway. Plain JavaScript, for any Node.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const folder = path.dirname(fileURLToPath(import.meta.url));

// a step of its own before the start is none that npm takes here: the checkout's .npmrc keeps scripts of packages from running
for (const script of ["build-ui.ts", "build-docs.ts"]) {
  const built = spawnSync(process.execPath, [path.join(folder, script), "--if-stale"], { encoding: "utf8" });
  // the gateway works without them: a plain page takes their place
  if (built.status !== 0)
    process.stderr.write(`drawbridge: ${script} failed, so a plain page is served: ${built.stderr.trim()}\n`);
}

await import("../bin/drawbridge.js");

// What the launcher starts, under the right Node: follows the launcher and runs the command.
import { useCompileCache } from "./compile-cache.ts";
import { followLauncher } from "./launched.ts";

followLauncher();
useCompileCache(process.env);
// only what is imported from here on comes out of the cache
const { runCommand } = await import("./commands.ts");
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTty: process.stdout.isTTY === true,
  environment: process.env,
  cwd: process.cwd(),
});
// the process ends by itself, so that all it wrote goes out; something left open must not keep it for ever
setTimeout(() => process.exit(), 2_000).unref();

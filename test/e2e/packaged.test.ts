// The package as npm publishes it: what is in it, and that it runs from an empty folder, under every Node that is meant to.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { freePort, post } from "../support/gateway.ts";
import { until } from "../support/rig.ts";

const root = path.resolve(import.meta.dirname, "../..");
const base = mkdtempSync(path.join(tmpdir(), "drawbridge-package-"));
const folder = path.join(base, "empty");
const command = path.join(folder, "node_modules/.bin/drawbridge");
let tarball = "";

/** The environment of somebody who has nothing but a home and npm. */
const environment: NodeJS.ProcessEnv = {
  PATH: process.env["PATH"],
  HOME: path.join(base, "home"),
  npm_config_update_notifier: "false",
};

before(() => {
  mkdirSync(folder);
  mkdirSync(path.join(base, "home"));
  const told = execFileSync(process.execPath, [path.join(root, "scripts/pack.ts"), base], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  tarball = told.trim();
  // nothing is asked of a registry: all that it needs is in it
  const installed = spawnSync("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], {
    cwd: folder,
    encoding: "utf8",
    env: environment,
  });
  assert.equal(installed.status, 0, `npm install of the tarball failed: ${installed.stderr}`);
});

after(() => rmSync(base, { recursive: true, force: true }));

interface Running {
  readonly url: string;
  readonly child: ChildProcess;
  output(): string;
  /** The exit code. */
  stop(): Promise<number | null>;
}

async function start(node: string, more: NodeJS.ProcessEnv = {}): Promise<Running> {
  const port = await freePort();
  const appDir = mkdtempSync(path.join(base, "app-"));
  const child = spawn(node, [command, "-port", String(port), "-app-dir", appDir], {
    cwd: folder,
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (text += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = `http://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> =>
    fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => child.exitCode !== null,
    );
  await until("it answers", answers, 15_000);
  assert.equal(child.exitCode, null, text);
  return {
    url,
    child,
    output: () => text,
    stop() {
      process.off("exit", kill);
      child.kill("SIGTERM");
      return ended;
    },
  };
}

async function assertServes(gateway: Running): Promise<void> {
  const body = { model: "demo/echo", messages: [{ role: "user", content: "out of the box" }] };
  const answer = await post(`${gateway.url}/v1/chat/completions`, body);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /out of the box/);
  const rows = async (): Promise<number> =>
    ((await (await fetch(`${gateway.url}/api/logs`)).json()) as { logs: unknown[] }).logs.length;
  await until("the request log has it", async () => (await rows()) === 1);
  assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /bifrost_/);
}

test("the tarball is small, and holds the launcher, the bundle, licences and examples, and nothing of the workshop", () => {
  assert.ok(statSync(tarball).size < 5_000_000, `${statSync(tarball).size} bytes`);
  const names = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  for (const wanted of ["bin/drawbridge.js", "dist/cli.js", "dist/THIRD-PARTY.txt", "LICENSE", "NOTICE", "README.md"])
    assert.ok(names.includes(`package/${wanted}`), wanted);
  const strange = names.filter((name) => !/^package\/(bin|dist|examples)\/|^package\/[\w.-]+$/.test(name));
  assert.deepEqual(strange, []);
  assert.deepEqual(
    names.filter((name) => /\.ts$|\.test\.|node_modules|\.db$/.test(name)),
    [],
  );
});

test("the installed package needs no other package and never names the runtime of the checkout", () => {
  assert.deepEqual(
    readdirSync(path.join(folder, "node_modules")).filter((name) => !name.startsWith(".")),
    ["@drawbridge"],
  );
  const home = path.join(folder, "node_modules/@drawbridge/gateway");
  const manifest = readFileSync(path.join(home, "package.json"), "utf8");
  assert.doesNotMatch(manifest, /runtime|ependencies|workspaces|scripts/);
  assert.equal((JSON.parse(manifest) as { engines: { node: string } }).engines.node, ">=24");
  const files = readdirSync(path.join(home, "dist"), { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))) {
    const text = readFileSync(file, "utf8");
    assert.doesNotMatch(text, /@drawbridge\/runtime|node_modules\/(?!\.|@?[\w-]+\/)/);
    assert.ok(!text.includes(root), `${file} names the folder that it was built in`);
  }
});

test("the licence of every library in the bundle stands beside it", () => {
  const text = readFileSync(path.join(folder, "node_modules/@drawbridge/gateway/dist/THIRD-PARTY.txt"), "utf8");
  for (const name of ["pino", "typebox", "jsonc-parser"])
    assert.match(text, new RegExp(`^${name} [\\d.]+ \\(MIT\\)$`, "m"));
  assert.match(text, /Permission is hereby granted/);
});

test("it starts in an empty folder, serves, logs, and stops with 0", async () => {
  const gateway = await start(process.execPath);
  await assertServes(gateway);
  assert.equal(await gateway.stop(), 0, gateway.output());
  assert.doesNotMatch(gateway.output(), /"level":"(warn|error)"|Warning:|[Dd]eprecat/);
  const cache = path.join(base, "home/.cache/drawbridge");
  assert.equal(statSync(cache).mode & 0o777, 0o700);
  assert.equal(readdirSync(cache).length, 1, "compiled code is kept for the next start");
  const again = await start(process.execPath);
  await assertServes(again);
  assert.equal(await again.stop(), 0);
});

test("it starts where nothing but the app dir can be written, and from a cache that was damaged", async () => {
  const without = await start(process.execPath, { XDG_CACHE_HOME: "/dev/null/nowhere" });
  await assertServes(without);
  assert.equal(await without.stop(), 0);
  const [cache = ""] = readdirSync(path.join(base, "home/.cache/drawbridge"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  assert.ok(existsSync(cache));
  for (const entry of readdirSync(path.dirname(cache))) damage(path.join(path.dirname(cache), entry));
  const damaged = await start(process.execPath);
  await assertServes(damaged);
  assert.equal(await damaged.stop(), 0);
});

function damage(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0x5a, bytes.length >> 1);
  chmodSync(file, 0o600);
  execFileSync("sh", ["-c", 'cat > "$1"', "sh", file], { input: bytes });
}

/** A Node of the machine that is older than what the gateway runs on. */
function olderNode(): string | null {
  for (const file of ["/usr/bin/node", "/usr/local/bin/node"]) {
    const told = spawnSync(file, ["-v"], { encoding: "utf8" }).stdout ?? "";
    const major = Number(/^v(\d+)/.exec(told)?.[1]);
    if (major >= 18 && major < 24) return file;
  }
  return null;
}

const older = olderNode();

test("an older Node is told what is missing, and the one line that works", {
  skip: older === null ? "there is no Node between 18 and 24 on this machine" : false,
}, () => {
  const { status, stdout, stderr } = spawnSync(older as string, [command, "-port", "8081"], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.equal(stdout, "");
  const [first, second, ...rest] = stderr.trimEnd().split("\n");
  assert.match(first ?? "", /^Drawbridge needs Node\.js 24 or newer; this is v\d+/);
  assert.match(second ?? "", /^Run: npx -y -p node-[\w-]+@26 -p @drawbridge\/gateway@[\d.]+ drawbridge -port 8081$/);
  assert.deepEqual(rest, []);
});

/** Other Nodes that it is meant to run under: paths, separated by colons. */
const others = (process.env["DRAWBRIDGE_TEST_NODES"] ?? "").split(":").filter((file) => file !== "");

test("it runs under other versions of Node", {
  skip: others.length === 0 ? "DRAWBRIDGE_TEST_NODES names none" : false,
}, async () => {
  for (const node of others) {
    const gateway = await start(node);
    await assertServes(gateway);
    assert.equal(await gateway.stop(), 0, gateway.output());
    assert.doesNotMatch(gateway.output(), /"level":"(warn|error)"|Warning:|[Dd]eprecat/);
  }
});

// The Dockerfile, read without a daemon: what it copies is there, what it runs exists, and its health check tells the truth.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { SERVE_FLAGS } from "../../src/cli/serve.ts";
import { freePort, startTestGateway } from "../support/gateway.ts";

const root = path.resolve(import.meta.dirname, "../..");

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Comments away, continued lines joined. */
function instructions(file: string): Instruction[] {
  const text = readFileSync(path.join(root, file), "utf8").replace(/^\s*#.*\n/gm, "");
  const lines = text
    .replace(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [, name = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    assert.notEqual(name, "", `no instruction: ${line}`);
    return { name, text: rest };
  });
}

const all = instructions("Dockerfile");
const of = (name: string): string[] => all.filter((entry) => entry.name === name).map((entry) => entry.text);

function json(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(root, name), "utf8")) as Record<string, unknown>;
}

/** The values of the last stage. */
function environment(): Record<string, string> {
  const pairs = of("ENV").flatMap((text) => text.trim().split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split("=", 2) as [string, string]));
}

/** `!name` lines let a name through; everything else stays outside. */
function reachesTheBuild(name: string): boolean {
  const lines = readFileSync(path.join(root, ".dockerignore"), "utf8").split("\n");
  return lines.includes("*") && lines.includes(`!${name}`);
}

test("everything that is copied from the checkout exists and is let through to the build", () => {
  const sources = of("COPY")
    .filter((text) => !text.startsWith("--from="))
    .flatMap((text) => text.trim().split(/\s+/).slice(0, -1));
  assert.ok(sources.length >= 8);
  for (const source of sources) {
    assert.ok(existsSync(path.join(root, source)), `${source} is not there`);
    assert.ok(reachesTheBuild(source), `${source} is kept out by .dockerignore`);
  }
  // what npm packs must be there to be packed; the bundle is made inside
  for (const file of json("package.json")["files"] as string[])
    if (file !== "dist" && existsSync(path.join(root, file)))
      assert.ok(sources.includes(file), `${file} is not copied`);
});

test("what it runs are scripts of package.json, and both stages run the Node that is measured", () => {
  const scripts = json("package.json")["scripts"] as Record<string, string>;
  for (const text of of("RUN"))
    for (const [, script = ""] of text.matchAll(/npm run ([\w:-]+)/g)) assert.ok(script in scripts, script);
  const [version] = Object.values(json("runtime/package.json")["optionalDependencies"] as Record<string, string>);
  assert.deepEqual(of("ARG"), [`NODE_IMAGE=node:${version}-slim`]);
  assert.deepEqual(
    of("FROM").map((text) => text.split(" ")[0]),
    ["${NODE_IMAGE}", "${NODE_IMAGE}"],
  );
});

test("it runs unprivileged, listens everywhere, and keeps its data and caches in the volume", () => {
  const values = environment();
  assert.match(of("USER").at(-1) ?? "", /^[1-9]\d*:[1-9]\d*$/, "a number: Kubernetes checks it with runAsNonRoot");
  assert.deepEqual(of("VOLUME"), [values["APP_DIR"]]);
  assert.ok(values["XDG_CACHE_HOME"]?.startsWith(`${values["APP_DIR"]}/`));
  assert.equal(values["APP_HOST"], "0.0.0.0");
  assert.deepEqual(of("EXPOSE"), [values["APP_PORT"]]);
  const known = SERVE_FLAGS.flatMap((flag) => flag.environment ?? []);
  for (const name of Object.keys(values))
    assert.ok(known.includes(name) || ["NODE_ENV", "XDG_CACHE_HOME"].includes(name), `nothing reads ${name}`);
  for (const flag of SERVE_FLAGS)
    for (const variable of flag.environment ?? [])
      if (variable in values && flag.check !== undefined) assert.equal(flag.check(values[variable] ?? ""), null);
  assert.ok(known.includes("BIFROST_HOST"));
});

function healthCheck(values: Record<string, string>): Promise<number> {
  const [, command = ""] = /CMD (\[.*\])\s*$/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  const [program, ...args] = JSON.parse(command) as string[];
  assert.equal(program, "node");
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: values }, (error) => resolve(error === null ? 0 : Number(error.code)));
  });
}

test("its health check passes while the gateway serves, and fails when nobody answers", async () => {
  const gateway = await startTestGateway();
  try {
    assert.equal(await healthCheck({ APP_PORT: String(gateway.port) }), 0);
    assert.equal(await healthCheck({ APP_PORT: "1", DRAWBRIDGE_PORT: String(gateway.port) }), 0);
  } finally {
    await gateway.stop();
  }
  assert.equal(await healthCheck({ APP_PORT: String(await freePort()) }), 1);
});

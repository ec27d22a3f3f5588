// Tests of `drawbridge init`: the file starts as it is, also with its examples taken in, is private, and replaces nothing.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfiguration } from "../config/load.ts";
import { registry } from "../providers/registry.ts";
import { init } from "./init.ts";
import { startingConfig } from "./starting-config.ts";
import type { Terminal } from "./terminal.ts";

const root = mkdtempSync(join(tmpdir(), "drawbridge-init-"));
after(() => rmSync(root, { recursive: true, force: true }));

type Environment = Readonly<Record<string, string>>;

async function run(args: readonly string[], environment: Environment = {}) {
  let [out, err] = ["", ""];
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isTty: false,
    environment,
    cwd: root,
  };
  const code = await init(args, terminal);
  return { code, out, err };
}

function load(text: string, environment: Environment) {
  return loadConfiguration({ appDir: root, configPath: null, text, environment, registry, catalogue: [] });
}

function findings(text: string, environment: Environment): string[] {
  const result = load(text, environment);
  return (result.ok ? result.warnings : result.errors).map(({ code, message }) => `${code}: ${message}`);
}

test("writes a file that starts as it is, readable by its owner alone, and tells the next steps", async () => {
  const { code, out } = await run(["new/place"]);
  const file = join(root, "new/place/config.json");
  assert.equal(code, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(root, "new/place")).mode & 0o777, 0o700);
  assert.match(out, /export OPENAI_API_KEY=/);
  assert.match(out, new RegExp(`drawbridge -app-dir ${join(root, "new/place")}`));
  const text = readFileSync(file, "utf8");
  assert.deepEqual(findings(text, { OPENAI_API_KEY: "sk-x" }), []);
  assert.match(findings(text, {}).join("\n"), /^unset-variable: .*OPENAI_API_KEY is not set$/);
});

test("takes the directory as the flag of the other commands too, but not both", async () => {
  const { code } = await run(["-app-dir", "by/flag"]);
  assert.equal(code, 0);
  assert.equal(statSync(join(root, "by/flag/config.json")).mode & 0o777, 0o600);
  await assert.rejects(run(["one", "--app-dir=two"]), /one word too many/);
});

test("a file that is there stays as it is", async () => {
  writeFileSync(join(root, "config.json"), "{}");
  const { code, out, err } = await run(["."]);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /config\.json is there already, and stays as it is/);
  assert.equal(readFileSync(join(root, "config.json"), "utf8"), "{}");
});

test("a directory that cannot be made is told with the system's reason", async () => {
  const { code, err } = await run(["config.json/below"]);
  assert.equal(code, 1);
  assert.match(err, /cannot be written \((?:ENOTDIR|EEXIST)\)|is there already/);
});

test("without a directory the file goes where the gateway looks for it", async () => {
  const { code, out } = await run([], { DRAWBRIDGE_APP_DIR: join(root, "app") });
  assert.equal(code, 0);
  assert.match(out, /drawbridge check {3}\(/);
  assert.ok(statSync(join(root, "app/config.json")).isFile());
});

test("every provider whose variable is set is in the file", () => {
  const environment = { ANTHROPIC_API_KEY: "a", GROQ_API_KEY: "b" };
  const { text, variables } = startingConfig(registry.all(), environment);
  assert.deepEqual([...variables].toSorted(), ["ANTHROPIC_API_KEY", "GROQ_API_KEY"]);
  assert.deepEqual(findings(text, environment), []);
  assert.doesNotMatch(text, /OPENAI_API_KEY/);
});

test("the examples in its comments work once their slashes are taken away", () => {
  const environment = { OPENAI_API_KEY: "sk-x" };
  const { text } = startingConfig(registry.all(), environment);
  const uncommented = text.replace(/ {2}\/\/ "governance"[\s\S]*?\n {2}\/\/ \},\n/, (part) =>
    part.replaceAll("  // ", "  "),
  );
  assert.notEqual(uncommented, text);
  const result = load(uncommented, environment);
  assert.ok(result.ok);
  assert.equal(result.entities.filter(({ kind }) => kind === "virtual-key").length, 1);
});

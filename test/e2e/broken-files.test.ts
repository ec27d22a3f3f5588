// Broken configurations: what a person is told about each, kept word for word; and what huge, deep and strange files do to a start.
import assert from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { judge, textOf } from "../../src/cli/check.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { registry } from "../../src/providers/registry.ts";
import { temporaryFolder } from "../support/gateway.ts";
import { runToEnd } from "../support/run-gateway.ts";

const FOLDER = path.resolve(import.meta.dirname, "../fixtures/broken");
const ENVIRONMENT = {
  OPENAI_API_KEY: "sk-canary-openai",
  ANTHROPIC_API_KEY: "sk-canary-anthropic",
  SECOND_KEY: "sk-canary-second",
  THIRD_KEY: "sk-canary-third",
  AZURE_KEY: "canary-azure",
  CIRCLE_A: "env.CIRCLE_B",
  CIRCLE_B: "env.CIRCLE_A",
};

const folder = temporaryFolder("broken");
after(() => rmSync(folder, { recursive: true, force: true }));

function load(file: string, environment: Readonly<Record<string, string>> = ENVIRONMENT) {
  return loadConfiguration({ appDir: path.dirname(file), configPath: file, environment, registry, catalogue: [] });
}

/** What `drawbridge check` prints, with the exit code. */
function told(file: string): string {
  const verdict = judge(load(file), false);
  const text = textOf(verdict).replaceAll(`${path.dirname(file)}/`, "");
  return `${text}exit code ${verdict.code}\n`;
}

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

for (const name of names) {
  test(`tells what is wrong with ${name}`, () => {
    const found = told(path.join(FOLDER, `${name}.json`));
    const beside = path.join(FOLDER, `${name}.txt`);
    // UPDATE_FIXTURES=1 writes the texts anew; read the difference before keeping it
    if (process.env["UPDATE_FIXTURES"] === "1") writeFileSync(beside, found);
    assert.equal(found, readFileSync(beside, "utf8"));
    assert.doesNotMatch(found, /canary/, "a secret is shown");
    assert.doesNotMatch(found, /exit code 0/, "it is fine");
    for (const line of found.split("\n")) assert.ok(line.length <= 320, `a line of ${line.length} characters`);
  });
}

test("there are enough broken files", () => {
  assert.ok(names.length >= 40, `${names.length}`);
});

test("a start is refused with the same words and leaves no store behind", async () => {
  const config = readFileSync(path.join(FOLDER, "04-missing-comma.json"), "utf8");
  const appDir = path.join(folder, "refused");
  mkdirSync(appDir);
  const { code, output } = await runToEnd({ config, appDir });
  assert.equal(code, 1, output);
  assert.match(output, /config\.json:3:3: a comma is missing before this/);
  assert.match(output, /\n {2}3 \| {3}"providers": \{\n/);
  assert.deepEqual(
    readdirSync(appDir).filter((file) => file.endsWith(".db")),
    [],
  );
  const checked = await runToEnd({ config, command: "check", flags: ["--json"] });
  assert.equal(checked.code, 1);
  const { findings, starts } = JSON.parse(checked.output) as { starts: boolean; findings: Record<string, unknown>[] };
  assert.equal(starts, false);
  assert.deepEqual([findings[0]?.["line"], findings[0]?.["column"], findings[0]?.["code"]], [3, 3, "syntax"]);
});

/** Writes `count` pieces between the first and the last, a million bytes at a time: the test itself shall not need the memory. */
function writeLarge(file: string, first: string, piece: (index: number) => string, count: number, last: string): void {
  const descriptor = openSync(file, "w");
  let text = first;
  for (let index = 0; index < count; index++) {
    text += `${index === 0 ? "" : ","}${piece(index)}`;
    if (text.length < 1_000_000) continue;
    writeSync(descriptor, text);
    text = "";
  }
  writeSync(descriptor, text + last);
  closeSync(descriptor);
}

interface Weighed {
  readonly ok: boolean;
  readonly message: string;
  readonly seconds: number;
  readonly megabytes: number;
}

/** Loads it and tells what it took. */
function weigh(file: string): Weighed {
  const before = process.memoryUsage().rss;
  const started = process.cpuUsage();
  const result = load(file);
  const { user } = process.cpuUsage(started);
  const message = result.ok ? "" : (result.errors[0]?.message ?? "");
  return { ok: result.ok, message, seconds: user / 1e6, megabytes: (process.memoryUsage().rss - before) / 1e6 };
}

const key = (index: number): string =>
  `{"name":"tenant ${index}","value":"vk-${index}","description":"${"x".repeat(400)}","provider_configs":[{"provider":"demo"}]}`;

test("50 MB of virtual keys are read, 50 MB of anything are answered for, in seconds and without much memory", () => {
  const file = path.join(folder, "large.json");
  writeLarge(file, '{"governance":{"virtual_keys":[', key, 100_000, "]}}");
  const keys = weigh(file);
  assert.ok(keys.ok, keys.message);
  assert.ok(keys.seconds < 20 && keys.megabytes < 600, JSON.stringify(keys));

  writeLarge(file, '{"nonsense":[', () => "[[],[]]", 6_000_000, "]}");
  const lists = weigh(file);
  assert.match(lists.message, /^the file holds more than 4000000 values/);
  assert.ok(lists.seconds < 20, JSON.stringify(lists));

  writeLarge(file, '{"nonsense":"', () => "x".repeat(1_000_000), 50, '"}');
  assert.equal(weigh(file).ok, true);
});

test("a file beyond the limit is not even read", () => {
  const file = path.join(folder, "huge.json");
  writeFileSync(file, "{");
  truncateSync(file, 5_000_000_000);
  const { message, seconds } = weigh(file);
  assert.equal(message, "the file has 4769 MB, and a configuration may have 128 MB at most");
  assert.ok(seconds < 1);
});

test("half a million levels and 300,000 names in one object do no harm", () => {
  const file = path.join(folder, "deep.json");
  writeFileSync(file, `{"mcp":${"[".repeat(500_000)}${"]".repeat(500_000)}}`);
  assert.equal(weigh(file).message, "nested deeper than 64 levels");
  writeLarge(file, '{"feature_flags":{', (index) => `"name ${index}":1`, 300_000, '},"version":3}');
  const { message, seconds } = weigh(file);
  assert.equal(message, "version is not one of the values it may have");
  assert.ok(seconds < 20, `${seconds}`);
});

test("a byte order mark and DOS line ends are no fault, and columns are those of an editor", () => {
  const file = path.join(folder, "dos.json");
  writeFileSync(file, '\uFEFF{\r\n  "env_label": "café 😀", "wieght": 1\r\n}\r\n');
  const result = load(file);
  assert.ok(result.ok);
  const [finding] = result.warnings;
  const line = '  "env_label": "café 😀", "wieght": 1';
  const before = line.indexOf('"wieght"');
  assert.deepEqual([finding?.line, finding?.column], [2, before + 1]);
  const [, shown, carets] = (finding?.text ?? "").split("\n");
  assert.deepEqual([shown, carets], [`  2 | ${line}`, `    | ${" ".repeat(before)}${"^".repeat(8)}`]);
});

// Tests of the command line: flags and their environment, the app dir, commands and exit codes.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { configHome, defaultAppDirs, openAppDir } from "./app-dir.ts";
import { runCommand } from "./commands.ts";
import { readFlags, UsageError } from "./flags.ts";
import { question, ROUTE_FLAGS } from "./route.ts";
import { SERVE_FLAGS } from "./serve.ts";
import { EXIT, type Terminal } from "./terminal.ts";

const dir = mkdtempSync(join(tmpdir(), "drawbridge-cli-"));
after(() => rmSync(dir, { recursive: true, force: true }));

const NAMES = ["host", "port", "app-dir", "config", "log-level", "log-style"];

function read(args: readonly string[], environment: Record<string, string> = {}) {
  const line = readFlags(args, SERVE_FLAGS, environment);
  return NAMES.map((name) => line.text(name));
}

function recorder(environment: Record<string, string> = {}): {
  terminal: Terminal;
  out: () => string;
  err: () => string;
} {
  let out = "";
  let err = "";
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isTty: false,
    environment,
    cwd: dir,
  };
  return { terminal, out: () => out, err: () => err };
}

test("the table of flags: one dash or two, a space or an equals sign", () => {
  const standard = ["localhost", "8080", undefined, undefined, "info", "json"];
  const table: readonly [readonly string[], readonly (string | undefined)[]][] = [
    [[], standard],
    [
      ["-port", "9000"],
      ["localhost", "9000", undefined, undefined, "info", "json"],
    ],
    [
      ["--port", "9000"],
      ["localhost", "9000", undefined, undefined, "info", "json"],
    ],
    [["-port=9000"], ["localhost", "9000", undefined, undefined, "info", "json"]],
    [
      ["--port=9000", "--host=0.0.0.0"],
      ["0.0.0.0", "9000", undefined, undefined, "info", "json"],
    ],
    [
      ["-app-dir", "/data", "-config", "c.json"],
      ["localhost", "8080", "/data", "c.json", "info", "json"],
    ],
    [
      ["-log-level", "debug", "--log-style", "pretty"],
      ["localhost", "8080", undefined, undefined, "debug", "pretty"],
    ],
    [
      ["-port", "1", "-port", "2"],
      ["localhost", "2", undefined, undefined, "info", "json"],
    ],
    [["-no-ui"], standard],
  ];
  for (const [args, values] of table) assert.deepEqual(read(args), values, args.join(" "));
});

test("the environment stands behind the flags, our own names before Bifrost's", () => {
  const bifrost = { BIFROST_HOST: "b", APP_PORT: "1", APP_DIR: "/b", LOG_LEVEL: "warn", LOG_STYLE: "pretty" };
  assert.deepEqual(read([], bifrost), ["b", "1", "/b", undefined, "warn", "pretty"]);
  const own = {
    DRAWBRIDGE_HOST: "d",
    DRAWBRIDGE_PORT: "2",
    DRAWBRIDGE_APP_DIR: "/d",
    DRAWBRIDGE_CONFIG: "d.json",
    DRAWBRIDGE_LOG_LEVEL: "error",
    DRAWBRIDGE_LOG_STYLE: "json",
  };
  assert.deepEqual(read([], { ...bifrost, ...own }), ["d", "2", "/d", "d.json", "error", "json"]);
  assert.deepEqual(read(["-host", "f"], { ...bifrost, ...own })[0], "f");
  assert.deepEqual(read([], { APP_HOST: "0.0.0.0" })[0], "0.0.0.0");
  assert.deepEqual(read([], { BIFROST_HOST: "" })[0], "localhost", "an empty variable is none");
});

test("refuses what is unknown, lacks a value or has a wrong one, and names what was meant", () => {
  const table: readonly [readonly string[], Record<string, string>, RegExp][] = [
    [["-prot", "1"], {}, /there is no flag -prot; did you mean -port\?/],
    [["--log-lvel=debug"], {}, /did you mean -log-level/],
    [["-port"], {}, /-port needs a value: -port PORT/],
    [["-port", "abc"], {}, /-port: "abc" is no port/],
    [["-port", "65536"], {}, /ports go from 0 to 65535/],
    [["-log-level", "loud"], {}, /debug, info, warn, error/],
    [[], { APP_PORT: "eight" }, /APP_PORT: "eight" is no port/],
    [["-no-ui=maybe"], {}, /-no-ui takes no value/],
  ];
  for (const [args, environment, message] of table) {
    assert.throws(
      () => readFlags(args, SERVE_FLAGS, environment),
      (error) => error instanceof UsageError && message.test(error.message),
      args.join(" "),
    );
  }
});

test("a wrong variable does not matter where the flag is given", () => {
  assert.equal(read(["-port", "9"], { APP_PORT: "eight" })[1], "9");
});

test("a wrong command line ends with 2 and says what to do", async () => {
  for (const args of [["-prot", "1"], ["srve"], ["route"], ["serve", "extra"], ["route", "a", "b"]]) {
    const { terminal, err } = recorder();
    assert.equal(await runCommand(args, terminal), EXIT.usage, args.join(" "));
    assert.match(err(), /See: drawbridge help/);
  }
  const { terminal, err } = recorder();
  await runCommand(["srve"], terminal);
  assert.match(err(), /did you mean "serve"\?/);
});

test("help and version go to the output, in every spelling", async () => {
  for (const args of [["help"], ["-h"], ["--help"], ["serve", "-help"]]) {
    const { terminal, out } = recorder();
    assert.equal(await runCommand(args, terminal), EXIT.ok);
    for (const word of ["-app-dir", "APP_PORT", "drawbridge check", "Exit codes", "bifrost-data"])
      assert.ok(out().includes(word), word);
  }
  for (const args of [["version"], ["-v"], ["--version"]]) {
    const { terminal, out } = recorder();
    assert.equal(await runCommand(args, terminal), EXIT.ok);
    assert.match(out(), /^\d+\.\d+\.\d+\n$/);
  }
});

test("what route asks the gateway", () => {
  const line = readFlags(
    [
      "gpt-4o",
      "-vk",
      "vk-1",
      "--down",
      "azure",
      "-down=openai/gpt-4o,anthropic",
      "-fallback",
      "a/b",
      "-seed",
      "7",
      "-draws=100",
      "-resting",
      "k",
    ],
    ROUTE_FLAGS,
    {},
  );
  assert.deepEqual(question("gpt-4o", line), {
    body: { model: "gpt-4o", fallbacks: ["a/b"] },
    virtual_key: "vk-1",
    assume: { down: ["azure", "openai/gpt-4o", "anthropic"], exhausted: [], resting_keys: ["k"] },
    seed: 7,
    draws: 100,
  });
  assert.deepEqual(question("m", readFlags(["m"], ROUTE_FLAGS, {})), { body: { model: "m" } });
  const ruled = [
    "-header",
    "x-tier: a, b",
    "-header=x-n:1",
    "-param",
    "tools=[1,2]",
    "-param",
    "user=me",
    "-text",
    "hi",
  ];
  assert.deepEqual(question("m", readFlags(ruled, ROUTE_FLAGS, {})), {
    headers: { "x-tier": "a, b", "x-n": "1" },
    body: { model: "m", tools: [1, 2], user: "me", messages: [{ role: "user", content: "hi" }] },
  });
  assert.throws(() => question("m", readFlags(["-header", "x"], ROUTE_FLAGS, {})), /no name:value/);
});

test("route says so when no gateway answers", async () => {
  const { terminal, err } = recorder();
  // port 1 of this machine: nobody listens there
  assert.equal(await runCommand(["route", "m", "-url", "http://127.0.0.1:1"], terminal), EXIT.unreachable);
  assert.match(err(), /no gateway answers at http:\/\/127\.0\.0\.1:1/);
});

test("the configuration directory of each system", () => {
  assert.equal(configHome({}, "linux", "/home/a"), "/home/a/.config");
  assert.equal(configHome({ XDG_CONFIG_HOME: "/x" }, "linux", "/home/a"), "/x");
  assert.equal(configHome({ XDG_CONFIG_HOME: "relative" }, "linux", "/home/a"), "/home/a/.config");
  assert.equal(configHome({}, "darwin", "/Users/a"), "/Users/a/Library/Application Support");
  assert.equal(configHome({ APPDATA: "C:\\a" }, "win32", "C:\\Users\\a"), "C:\\a");
  assert.equal(configHome({}, "linux", ""), null);
});

test("the app dir: Bifrost's when it is there, else our own, else beside the caller", () => {
  const home = join(dir, "home");
  mkdirSync(home);
  assert.deepEqual(defaultAppDirs(home, "/w"), [join(home, "drawbridge"), "/w/bifrost-data"]);
  mkdirSync(join(home, "bifrost"));
  assert.deepEqual(defaultAppDirs(home, "/w"), [join(home, "bifrost"), "/w/bifrost-data"]);
  assert.deepEqual(defaultAppDirs(null, "/w"), ["/w/bifrost-data"]);
});

test("the app dir is made for its owner alone; one that cannot be used is told with the remedy", () => {
  const made = openAppDir("new/deep", {}, dir);
  assert.equal(made, join(dir, "new/deep"));
  assert.equal(statSync(made).mode & 0o777, 0o700);
  writeFileSync(join(dir, "file"), "");
  assert.throws(() => openAppDir("file/below", {}, dir), /choose another with -app-dir DIR/);
  // where no home can be used the directory of the caller is
  assert.equal(openAppDir(undefined, { XDG_CONFIG_HOME: join(dir, "file") }, dir), join(dir, "bifrost-data"));
  assert.ok(existsSync(join(dir, "bifrost-data")));
  chmodSync(made, 0o700);
});

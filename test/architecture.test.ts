// The house as it was drawn: who may import whom, no cycle, sockets only behind the doors, small files with a caption.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(import.meta.dirname, "..");
const files = globSync("src/**/*.ts", { cwd: root }).toSorted();
const sources = new Map(files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]));

/** Which rooms a room may import, besides itself, core and lib. */
const ALLOWED: Record<string, readonly string[]> = {
  core: ["lib"],
  lib: ["core"],
  "app.ts": ["planes.ts"],
  cli: ["app.ts", "planes.ts", "config", "store"],
  server: ["endpoints"],
  endpoints: ["pipeline", "formats"],
  pipeline: ["auth", "governance", "cache", "routing", "upstream", "accounting"],
  providers: ["formats"],
  admin: ["config"],
};
const ROOTS = new Set(["app.ts", "planes.ts", "control-plane.ts", "query-plane.ts"]);
/** Modules that open sockets or speak HTTP. */
const SOCKETS = new Set(["http", "https", "http2", "net", "tls", "dgram", "undici", "ws"]);
const DOORS = new Set(["server", "upstream"]);

/** Specifiers of every import and export … from, type-only ones and import() included. */
function imports(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found: string[] = [];
  for (const match of code.matchAll(/(?:^|[\n;])\s*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']/g))
    found.push(match[1] as string);
  for (const match of code.matchAll(/(?:^|[\n;])\s*import\s*["']([^"']+)["']/g)) found.push(match[1] as string);
  for (const match of code.matchAll(/\bimport\(\s*["']([^"']+)["']/g)) found.push(match[1] as string);
  return found;
}

function roomOf(file: string): string {
  return file.split("/")[1] as string;
}

function isTest(file: string): boolean {
  return file.endsWith(".test.ts");
}

function targets(file: string): string[] {
  return imports(sources.get(file) as string)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => path.join(path.dirname(file), specifier));
}

function mayImport(from: string, to: string): boolean {
  if (from === to || ROOTS.has(from) || to === "core" || to === "lib") return !ROOTS.has(to) || from === to;
  return ALLOWED[from]?.includes(to) ?? false;
}

test("the scanner sees every kind of import", () => {
  const text =
    'import { a } from "./a.ts";\nimport type { B } from "./b.ts";\nexport { c } from "./c.ts";\nimport "./d.ts";\nconst e = await import("./e.ts");\nimport {\n  f,\n} from "./f.ts";\n// import { no } from "./no.ts";';
  assert.deepEqual(imports(text).toSorted(), ["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts"]);
});

test("rooms import only what the table allows", () => {
  const wrong: string[] = [];
  for (const file of files) {
    for (const target of targets(file)) {
      if (!target.startsWith("src/") || isTest(file)) continue;
      const [from, to] = [roomOf(file), roomOf(target)];
      if (!mayImport(from, to) && !(ROOTS.has(to) && ALLOWED[from]?.includes(to))) wrong.push(`${file} → ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("providers do not import each other", () => {
  const wrong: string[] = [];
  for (const file of files.filter((f) => f.startsWith("src/providers/") && !isTest(f) && f.split("/").length > 3)) {
    const own = file.split("/")[2];
    for (const target of targets(file)) {
      if (!target.startsWith("src/providers/")) continue;
      const other = target.split("/")[2] as string;
      if (other !== own && other !== "kit") wrong.push(`${file} → ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("every imported file exists", () => {
  const missing = files.flatMap((file) =>
    targets(file)
      .filter((t) => t.startsWith("src/") && t.endsWith(".ts") && !sources.has(t))
      .map((t) => `${file} → ${t}`),
  );
  assert.deepEqual(missing, []);
});

test("there is no import cycle", () => {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      return;
    }
    state.set(file, "open");
    for (const target of targets(file)) if (sources.has(target)) visit(target, [...trail, file]);
    state.set(file, "done");
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(cycles, []);
});

test("only the two doors touch sockets and HTTP", () => {
  const wrong = files.filter((file) => {
    if (isTest(file) || DOORS.has(roomOf(file))) return false;
    return imports(sources.get(file) as string).some((specifier) => SOCKETS.has(specifier.replace(/^node:/, "")));
  });
  assert.deepEqual(wrong, []);
});

test("files stay under 500 lines", () => {
  const all = [...files, ...globSync(["test/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"], { cwd: root })];
  const long = all.filter((file) => readFileSync(path.join(root, file), "utf8").split("\n").length > 500);
  assert.deepEqual(long, []);
});

test("every file begins with its caption", () => {
  const bare = files.filter(
    (file) => !/^\/\/ [A-Z"'`0-9].{15,}/.test((sources.get(file) as string).split("\n", 1)[0] as string),
  );
  assert.deepEqual(bare, []);
});

test("rooms have no barrel file and no default export", () => {
  const wrong = files.filter(
    (file) => path.basename(file) === "index.ts" || /^export default/m.test(sources.get(file) as string),
  );
  assert.deepEqual(wrong, []);
});

test("runtime dependencies are exact versions without install scripts", () => {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    scripts: Record<string, string>;
  };
  for (const [name, version] of Object.entries(manifest.dependencies)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  assert.equal(manifest.scripts["postinstall"], undefined);
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; hasInstallScript?: boolean; resolved?: string; link?: boolean }>;
  };
  for (const [name, entry] of Object.entries(lock.packages)) {
    if (!entry.dev) assert.notEqual(entry.hasInstallScript, true, `${name} runs a script when it is installed`);
    if (!entry.link) assert.equal(entry.resolved, undefined, `${name} names a registry host`);
  }
});

test("every optional dependency of the runtime has its own entry in the lock file", () => {
  const runtime = JSON.parse(readFileSync(path.join(root, "runtime/package.json"), "utf8")) as {
    optionalDependencies: Record<string, string>;
  };
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string }>;
  };
  for (const [name, version] of Object.entries(runtime.optionalDependencies))
    assert.equal(lock.packages[`node_modules/${name}`]?.version, version, name);
});

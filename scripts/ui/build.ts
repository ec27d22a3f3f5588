// Bundles the UI: a script for each page and the parts they share, styles, fonts, the shell, and all of it compressed.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { BuildFailure, BuildOptions, LogLevel, Metafile, Plugin } from "esbuild";
import type { UiFile, UiManifest } from "./manifest.ts";

export interface UiBuildOptions {
  /** With names and maps, and the page of all parts. */
  readonly development: boolean;
}

type Output = Metafile["outputs"][string];

const COMPRESSED = /\.(js|css|html|svg|json)$/;
const PAGE = /(?:^|\/)pages\/([\w-]+)\/page\.tsx$/;

/** Writes the UI into `out`, whose old content is replaced at the end. Null: there is no bundler here. */
export async function buildUi(root: string, out: string, options: UiBuildOptions): Promise<UiManifest | null> {
  const esbuild = await import("esbuild").catch(() => null);
  if (esbuild === null) return null;
  const ui = path.join(root, "ui");
  const stage = `${out}.new-${process.pid}`;
  const { metafile, outputFiles } = await bundle(esbuild.build, bundleOptions(ui, stage, options), options);
  const files = new Map(outputFiles.map((file) => [slashed(path.relative(stage, file.path)), file.contents]));
  const outputs = relativeOutputs(metafile, ui, stage);
  const initial = initialFiles(outputs);
  const pages = pageFiles(outputs, initial);
  files.set("index.html", Buffer.from(shell(ui, outputs, pages)));
  const manifest: UiManifest = {
    files: write(stage, files, options),
    initial,
    pages: mapValues(pages, (page) => page),
  };
  writeFileSync(path.join(stage, "manifest.json"), JSON.stringify(manifest, null, 1));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(path.dirname(out), { recursive: true });
  renameSync(stage, out);
  return manifest;
}

/** While one page is being written the others can be looked at: in development a page that does not build says so itself. */
async function bundle(build: Build, options: BundleOptions, { development }: UiBuildOptions) {
  const broken = new Map<string, string>();
  for (;;) {
    try {
      return await build({ ...options, plugins: [standIns(broken)], ...(development ? { logLevel: "silent" } : {}) });
    } catch (error) {
      const failures = (error as BuildFailure).errors ?? [];
      const found = failures.flatMap(({ location, text }) => {
        const page = /(?:^|\/)pages\/([\w-]+)\//.exec(slashed(location?.file ?? ""))?.[1];
        return page === undefined || broken.has(page)
          ? []
          : [{ page, text: `${location?.file}:${location?.line}: ${text}` }];
      });
      if (!development || found.length === 0) throw error;
      for (const { page, text } of found) {
        broken.set(page, text);
        console.error(`the page ${page} does not build: ${text}`);
      }
    }
  }
}

/** Puts a page that throws in the place of each broken one. */
function standIns(broken: ReadonlyMap<string, string>): Plugin {
  return {
    name: "stand-ins",
    setup(build) {
      build.onLoad({ filter: /pages[\\/][\w-]+[\\/]page\.tsx$/ }, ({ path: file }) => {
        const text = broken.get(path.basename(path.dirname(file)));
        return text === undefined
          ? null
          : { contents: `export function Page() { throw new Error(${JSON.stringify(text)}); }` };
      });
    },
  };
}

type Build = typeof import("esbuild").build;
type BundleOptions = ReturnType<typeof bundleOptions>;

function bundleOptions(ui: string, stage: string, { development }: UiBuildOptions) {
  return {
    absWorkingDir: ui,
    entryPoints: { main: "src/main.tsx", theme: "src/theme-first.ts", app: "src/styles/app.css" },
    outdir: stage,
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".woff2": "file", ".svg": "file" },
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    publicPath: "/",
    define: { DEVELOPMENT: String(development) },
    minify: !development,
    sourcemap: development ? "inline" : false,
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning" as LogLevel,
  } as const satisfies BuildOptions;
}

/** The outputs with paths below the folder they are written to. */
function relativeOutputs(metafile: Metafile, ui: string, stage: string): Map<string, Output> {
  const below = (file: string): string => slashed(path.relative(stage, path.resolve(ui, file)));
  return new Map(
    Object.entries(metafile.outputs).map(([file, output]) => [
      below(file),
      {
        ...output,
        imports: output.imports.map((one) => ({
          ...one,
          path: one.path.startsWith("/") ? one.path.slice(1) : below(one.path),
        })),
        ...(output.cssBundle === undefined ? {} : { cssBundle: below(output.cssBundle) }),
      },
    ]),
  );
}

/** A file and what it imports at once. */
function closure(file: string, outputs: ReadonlyMap<string, Output>, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const one of outputs.get(file)?.imports ?? [])
    if (one.kind === "import-statement") closure(one.path, outputs, found);
  return found;
}

function entry(outputs: ReadonlyMap<string, Output>, source: string): string {
  const found = [...outputs].find(([, output]) => output.entryPoint === source);
  if (found === undefined) throw new Error(`${source} is not in the bundle`);
  return found[0];
}

function initialFiles(outputs: ReadonlyMap<string, Output>): string[] {
  return [
    entry(outputs, "src/theme-first.ts"),
    entry(outputs, "src/styles/app.css"),
    ...closure(entry(outputs, "src/main.tsx"), outputs),
  ];
}

function pageFiles(outputs: ReadonlyMap<string, Output>, initial: readonly string[]): Record<string, string[]> {
  const pages: Record<string, string[]> = {};
  for (const [file, { entryPoint, cssBundle }] of outputs) {
    const name = entryPoint === undefined ? undefined : PAGE.exec(entryPoint)?.[1];
    if (name === undefined) continue;
    const needed = [...closure(file, outputs), ...(cssBundle === undefined ? [] : [cssBundle])];
    pages[name] = needed.filter((one) => !initial.includes(one));
  }
  return pages;
}

/** The page that every address of the UI is answered with: links only, nothing inline. */
function shell(
  ui: string,
  outputs: ReadonlyMap<string, Output>,
  pages: Readonly<Record<string, readonly string[]>>,
): string {
  const main = entry(outputs, "src/main.tsx");
  const fonts = [...outputs.keys()].filter((file) => /geist-latin-wght-normal.*\.woff2$/.test(file));
  const styles = mapValues(pages, (files) => files.filter((file) => file.endsWith(".css")).map((file) => `/${file}`));
  const head = [
    `<script src="/${entry(outputs, "src/theme-first.ts")}"></script>`,
    `<link rel="stylesheet" href="/${entry(outputs, "src/styles/app.css")}">`,
    ...fonts.map((file) => `<link rel="preload" href="/${file}" as="font" type="font/woff2" crossorigin>`),
    ...[...closure(main, outputs)]
      .filter((file) => file !== main)
      .map((file) => `<link rel="modulepreload" href="/${file}">`),
    `<script type="module" src="/${main}"></script>`,
  ];
  return readFileSync(path.join(ui, "index.html"), "utf8")
    .replace("{{head}}", head.join("\n"))
    .replace("{{styles}}", JSON.stringify(styles).replaceAll('"', "&quot;"));
}

function write(
  stage: string,
  files: ReadonlyMap<string, Uint8Array>,
  { development }: UiBuildOptions,
): Record<string, UiFile> {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(path.join(stage, "assets"), { recursive: true });
  const sizes: Record<string, UiFile> = {};
  for (const [file, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const place = path.join(stage, file);
    writeFileSync(place, bytes);
    const brotli = COMPRESSED.test(file) && !development ? compress(bytes) : null;
    if (brotli !== null) writeFileSync(`${place}.br`, brotli);
    sizes[file] = { size: bytes.length, gzip: gzipSync(bytes).length, brotli: brotli?.length ?? 0 };
  }
  return sizes;
}

function compress(bytes: Uint8Array): Buffer {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function slashed(file: string): string {
  return file.replaceAll(path.sep, "/");
}

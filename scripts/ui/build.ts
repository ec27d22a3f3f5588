// Bundles the UI: a script for each page and the parts they share, styles, fonts, the shell, and all of it compressed.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { bundle } from "./bundle.ts";
import type { UiFile, UiManifest } from "./manifest.ts";

export interface UiBuildOptions {
  /** With names and maps, and the page of all parts. */
  readonly development: boolean;
}

export interface BuiltUi {
  readonly manifest: UiManifest;
  /** Files that are in it, from the root of the checkout. */
  readonly inputs: readonly string[];
}

type Output = Metafile["outputs"][string];
type Transform = typeof import("esbuild").transform;

const brotliOf = promisify(brotliCompress);
const COMPRESSED = /\.(js|css|html|svg|json)$/;
const PAGE = /(?:^|\/)pages\/([\w-]+)\/page\.tsx$/;

/** Writes the UI into `out`, whose old content is replaced at the end. Null: there is no bundler here. */
export async function buildUi(root: string, out: string, options: UiBuildOptions): Promise<BuiltUi | null> {
  const esbuild = await import("esbuild").catch(() => null);
  if (esbuild === null) return null;
  const ui = path.join(root, "ui");
  const stage = `${out}.new-${process.pid}`;
  const { metafile, outputFiles } = await bundle(esbuild.build, { ui, stage, ...options });
  const files = new Map(outputFiles.map((file) => [slashed(path.relative(stage, file.path)), file.contents]));
  const outputs = relativeOutputs(metafile, ui, stage);
  const initial = initialFiles(outputs);
  const pages = pageFiles(outputs, initial);
  const first = await inline(esbuild.transform, path.join(ui, "src/theme-first.ts"));
  files.set("index.html", Buffer.from(shell(ui, outputs, first)));
  const manifest: UiManifest = {
    files: await write(stage, files, options),
    initial,
    pages,
  };
  writeFileSync(path.join(stage, "manifest.json"), JSON.stringify(manifest, null, 1));
  replace(stage, out);
  const inputs = Object.keys(metafile.inputs).map((file) => slashed(path.relative(root, path.resolve(ui, file))));
  return { manifest, inputs };
}

/** Another build may do the same at the same time: the last one stays. */
function replace(stage: string, out: string): void {
  mkdirSync(path.dirname(out), { recursive: true });
  for (let tries = 0; ; tries++) {
    rmSync(out, { recursive: true, force: true });
    try {
      renameSync(stage, out);
      return;
    } catch (error) {
      if (tries > 5) throw error;
    }
  }
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
  const found = [...outputs].find(([, output]) => output.entryPoint?.endsWith(source) === true);
  if (found === undefined) throw new Error(`${source} is not in the bundle`);
  return found[0];
}

/** The file that starts it all. What later parts share with the start lies in a file of its own, and the entry only names it. */
function start(outputs: ReadonlyMap<string, Output>): string {
  const main = entry(outputs, "src/main.tsx");
  const { inputs, imports } = outputs.get(main) as Output;
  const isBare = Object.values(inputs).every(({ bytesInOutput }) => bytesInOutput === 0) && imports.length === 1;
  return isBare ? (imports[0]?.path ?? main) : main;
}

function initialFiles(outputs: ReadonlyMap<string, Output>): string[] {
  return [entry(outputs, "src/all-styles.css"), ...closure(start(outputs), outputs)];
}

function pageFiles(outputs: ReadonlyMap<string, Output>, initial: readonly string[]): Record<string, string[]> {
  const pages: Record<string, string[]> = {};
  for (const [file, { entryPoint }] of outputs) {
    const name = entryPoint === undefined ? undefined : PAGE.exec(entryPoint)?.[1];
    if (name === undefined) continue;
    pages[name] = [...closure(file, outputs)].filter((one) => !initial.includes(one));
  }
  return pages;
}

/** A file without imports as a script that stands in the page; the gateway names its hash in the page's policy. */
async function inline(transform: Transform, file: string): Promise<string> {
  const { code } = await transform(readFileSync(file, "utf8"), { loader: "ts", format: "iife", minify: true });
  return `<script>${code.trim()}</script>`;
}

/** The page that every address of the UI is answered with: links, a frame to look at meanwhile, and one small script in the page itself. */
function shell(ui: string, outputs: ReadonlyMap<string, Output>, first: string): string {
  const main = start(outputs);
  const fonts = [...outputs.keys()].filter((file) => /geist-latin-wght-normal.*\.woff2$/.test(file));
  const head = [
    // before the styles: a script behind them would wait for them
    first,
    `<link rel="stylesheet" href="/${entry(outputs, "src/all-styles.css")}">`,
    ...fonts.map(
      (file) => `<link rel="preload" href="/${file}" as="font" type="font/woff2" crossorigin fetchpriority="low">`,
    ),
    ...[...closure(main, outputs)]
      .filter((file) => file !== main)
      .map((file) => `<link rel="modulepreload" href="/${file}">`),
    `<script type="module" fetchpriority="high" src="/${main}"></script>`,
  ];
  return readFileSync(path.join(ui, "index.html"), "utf8").replace("{{head}}", head.join("\n"));
}

async function write(
  stage: string,
  files: ReadonlyMap<string, Uint8Array>,
  { development }: UiBuildOptions,
): Promise<Record<string, UiFile>> {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(path.join(stage, "assets"), { recursive: true });
  const ordered = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const written = ordered.map(async ([file, bytes]): Promise<[string, UiFile]> => {
    const place = path.join(stage, file);
    writeFileSync(place, bytes);
    const brotli = COMPRESSED.test(file) && !development ? await compress(bytes) : null;
    if (brotli !== null) writeFileSync(`${place}.br`, brotli);
    return [file, { size: bytes.length, gzip: gzipSync(bytes).length, brotli: brotli?.length ?? 0 }];
  });
  return Object.fromEntries(await Promise.all(written));
}

/** In the threads of zlib, several at once. */
function compress(bytes: Uint8Array): Promise<Buffer> {
  return brotliOf(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

function slashed(file: string): string {
  return file.replaceAll(path.sep, "/");
}

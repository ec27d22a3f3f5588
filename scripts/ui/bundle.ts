// How the UI is cut into files: one for the frame and all common parts, one for each page, one for all styles.
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { BuildFailure, BuildOptions, LogLevel, Plugin } from "esbuild";

type Build = typeof import("esbuild").build;

export interface BundlePlace {
  /** The folder of the UI's sources. */
  readonly ui: string;
  /** Where the files will lie. */
  readonly stage: string;
  readonly development: boolean;
}

/** What is loaded only where it is shown: charts, editors. */
const LAZY_PART = /-canvas\.tsx$/;

/** While one page is being written the others can be looked at and tested: then a page that does not build says so itself. */
export async function bundle(build: Build, place: BundlePlace) {
  const broken = new Map<string, string>();
  for (;;) {
    try {
      return await build(options(place, broken));
    } catch (error) {
      const found = failedPages(error as BuildFailure).filter(({ page }) => !broken.has(page));
      const mayStandIn = place.development || process.env["UI_STAND_INS"] === "1";
      if (!mayStandIn || found.length === 0) throw error;
      for (const { page, text } of found) {
        broken.set(page, text);
        console.error(`the page ${page} does not build: ${text}`);
      }
    }
  }
}

function failedPages({ errors = [] }: BuildFailure): { readonly page: string; readonly text: string }[] {
  return errors.flatMap(({ location, text }) => {
    const place = (location?.file ?? "").replaceAll(path.sep, "/");
    // in a file of the page, or the page itself is not there
    const page = (/(?:^|\/)pages\/([\w-]+)\//.exec(place) ?? /pages\/([\w-]+)\/page\.tsx/.exec(text))?.[1];
    return page === undefined ? [] : [{ page, text: `${location?.file}:${location?.line}: ${text}` }];
  });
}

function options({ ui, stage, development }: BundlePlace, broken: ReadonlyMap<string, string>) {
  return {
    absWorkingDir: ui,
    entryPoints: { main: "src/main.tsx", app: "all-styles" },
    plugins: [standIns(broken), oneCommonFile(ui), oneStyleFile(ui)],
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
    logLevel: (development ? "silent" : "warning") as LogLevel,
  } as const satisfies BuildOptions;
}

/** Puts a page that throws in the place of each broken one. */
function standIns(broken: ReadonlyMap<string, string>): Plugin {
  return {
    name: "stand-ins",
    setup(build) {
      build.onResolve({ filter: /\/page\.tsx$/ }, ({ path: file }) => {
        const text = broken.get(path.basename(path.dirname(file)));
        return text === undefined ? null : { path: text, namespace: "stand-in" };
      });
      build.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path: text }) => ({
        contents: `export function Page() { throw new Error(${JSON.stringify(text)}); }`,
      }));
    },
  };
}

/**
 * The bundler makes a file for each set of pages that share something: a dozen requests for a page. So the start and everything
 * that is loaded later name all common parts, which makes them the same set for all: one file.
 */
function oneCommonFile(ui: string): Plugin {
  const later = new Set([path.join(ui, "src/main.tsx")]);
  return {
    name: "one-common-file",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ path: file, kind, resolveDir }) => {
        if (kind === "dynamic-import") later.add(path.resolve(resolveDir, file));
        return null;
      });
      build.onResolve({ filter: /^all-common$/ }, () => ({ path: "all-common", namespace: "common" }));
      build.onLoad({ filter: /.*/, namespace: "common" }, () => {
        const parts = globSync(["src/parts/*.tsx", "src/api/*.ts", "src/lib/*.ts"], { cwd: ui })
          .filter((file) => !LAZY_PART.test(file) && !file.endsWith(".test.ts"))
          .toSorted();
        const names = [...parts, "src/main.tsx"].map((file) => JSON.stringify(path.join(ui, file)));
        return { contents: names.map((name) => `import ${name};`).join("\n"), resolveDir: ui };
      });
      build.onLoad({ filter: /\.tsx$/ }, async ({ path: file }) => {
        if (!later.has(file)) return null;
        return { contents: `${await readFile(file, "utf8")}\nimport "all-common";`, loader: "tsx" };
      });
    },
  };
}

/** A page imports its own styles, so that one sees that it has some; they travel with all others in one file. */
function oneStyleFile(ui: string): Plugin {
  return {
    name: "one-style-file",
    setup(build) {
      build.onResolve({ filter: /^all-styles$/ }, () => ({
        path: path.join(ui, "src/all-styles.css"),
        namespace: "styles",
      }));
      build.onLoad({ filter: /.*/, namespace: "styles" }, () => {
        const own = globSync("src/pages/*/*.css", { cwd: ui }).toSorted();
        const names = ["src/styles/app.css", ...own].map((file) =>
          JSON.stringify(`./${file.replaceAll(path.sep, "/")}`),
        );
        return { contents: names.map((name) => `@import ${name};`).join("\n"), loader: "css", resolveDir: ui };
      });
      build.onResolve({ filter: /\.css$/ }, ({ kind, path: file }) =>
        kind === "import-statement" ? { path: file, namespace: "style-of-a-page" } : null,
      );
      build.onLoad({ filter: /.*/, namespace: "style-of-a-page" }, () => ({ contents: "" }));
    },
  };
}

// The files of the web UI as the build left them: read once, kept in memory, given out compressed.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** A file ready to be answered with. */
export interface UiFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** In brotli; null: it would not be smaller. */
  readonly brotli: Buffer | null;
  readonly etag: string;
}

/** What is asked of the files of the UI. */
export interface UiFiles {
  /** The shell that every page begins with; null: the UI was not built. */
  shell(): UiFile | null;
  /** Hashes of the scripts in the shell itself, as a policy names them: `sha256-…`. */
  inlineScripts(): readonly string[];
  /** Addresses of the scripts that a page needs besides those of the shell. */
  scripts(page: string): readonly string[];
  /** By name below `assets/`. */
  asset(name: string): UiFile | null;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".woff2": "font/woff2",
};

/** Beside the bundle in the package, in `dist/` of a checkout. */
const PLACES = ["ui", "../../dist/ui"].map((place) => path.join(import.meta.dirname, place));

/** Reads when it is first asked, and anew when another build lies there. */
export function uiFiles(places: readonly string[] = PLACES): UiFiles {
  let built = 0;
  let files = new Map<string, UiFile>();
  let inline: readonly string[] = [];
  let pages: Readonly<Record<string, readonly string[]>> = {};
  const refresh = (): void => {
    const folder = places.find((place) => builtAt(place) > 0);
    const now = folder === undefined ? 0 : builtAt(folder);
    if (now === built) return;
    files = folder === undefined ? new Map() : readFolder(folder);
    inline = inlineHashes(files.get("index.html"));
    pages = folder === undefined ? {} : readPages(folder);
    built = now;
  };
  return {
    shell() {
      refresh();
      return files.get("index.html") ?? null;
    },
    inlineScripts: () => inline,
    scripts: (page) => pages[page] ?? [],
    asset(name) {
      if (built === 0) refresh();
      return files.get(`assets/${name}`) ?? null;
    },
  };
}

function inlineHashes(shell: UiFile | undefined): string[] {
  const scripts = (shell?.bytes.toString("utf8") ?? "").matchAll(/<script>([^]*?)<\/script>/g);
  return [...scripts].map(([, text = ""]) => `sha256-${createHash("sha256").update(text).digest("base64")}`);
}

function builtAt(folder: string): number {
  return statSync(path.join(folder, "manifest.json"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function readFolder(folder: string): Map<string, UiFile> {
  const names = ["index.html", ...readdirSync(path.join(folder, "assets")).map((name) => `assets/${name}`)];
  const plain = names.filter((name) => Object.hasOwn(TYPES, path.extname(name)));
  return new Map(plain.map((name) => [name, readFile(path.join(folder, name))]));
}

function readPages(folder: string): Record<string, string[]> {
  const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as {
    pages: Record<string, string[]>;
  };
  return Object.fromEntries(
    Object.entries(manifest.pages).map(([name, names]) => [name, names.map((file) => `/${file}`)]),
  );
}

function readFile(file: string): UiFile {
  const bytes = readFileSync(file);
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  const hasTwin = statSync(`${file}.br`, { throwIfNoEntry: false }) !== undefined;
  return {
    type: TYPES[path.extname(file)] as string,
    bytes,
    brotli: hasTwin ? readFileSync(`${file}.br`) : null,
    etag: `"${hash}"`,
  };
}

// Lets Node keep compiled code in the user's own cache folder: the second start takes half the time of the first.
import { lstatSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { packageVersion } from "./version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Node reads it in every thread that is started later. */
const INHERITED = "NODE_COMPILE_CACHE";
/** Whoever else may write here could have the gateway run code of theirs. */
const WRITABLE_BY_OTHERS = 0o022;

/** The directory in which programs keep what they can make again, or null where there is none. */
export function cacheHome(environment: Environment, platform: NodeJS.Platform, home: string): string | null {
  if (platform === "win32") return environment["LOCALAPPDATA"] || null;
  const configured = environment["XDG_CACHE_HOME"] ?? "";
  if (configured.startsWith("/")) return configured;
  if (!home.startsWith("/") || home === "/" || home === "/nonexistent") return null;
  return platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}

/**
 * To be called before anything else is imported. It never fails: without a folder of the user's own that nobody else can
 * write (a read-only system, a missing home, a shared folder) code is compiled anew at each start.
 */
export function useCompileCache(environment: NodeJS.ProcessEnv): void {
  // the user has decided already
  if (environment[INHERITED] !== undefined || environment["NODE_DISABLE_COMPILE_CACHE"] !== undefined) return;
  try {
    const home = cacheHome(environment, process.platform, environment["HOME"] ?? homedir());
    const folder = home === null ? null : openCacheFolder(home, packageVersion());
    if (folder === null) return;
    enableCompileCache(folder);
    environment[INHERITED] = folder;
  } catch {
    // as if there were no cache
  }
}

/** The folder of this version, made if need be; null when it is not ours alone. Older versions' folders go. */
export function openCacheFolder(home: string, version: string): string | null {
  if (isForeign(home)) return null;
  const parent = join(home, "drawbridge");
  const folder = join(parent, `compiled-${version}`);
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  if (!isOwn(parent) || !isOwn(folder)) return null;
  if (isNew) dropOthers(parent, folder);
  return folder;
}

/** A root shell with another user's HOME: no files of root's in there. */
function isForeign(home: string): boolean {
  if (process.getuid?.() !== 0) return false;
  const found = statSync(home, { throwIfNoEntry: false }) ?? statSync(dirname(home), { throwIfNoEntry: false });
  return found !== undefined && found.uid !== 0;
}

function isOwn(folder: string): boolean {
  const found = lstatSync(folder);
  if (process.getuid === undefined) return found.isDirectory();
  return found.isDirectory() && found.uid === process.getuid() && (found.mode & WRITABLE_BY_OTHERS) === 0;
}

function dropOthers(parent: string, kept: string): void {
  for (const name of readdirSync(parent))
    if (name.startsWith("compiled-") && join(parent, name) !== kept)
      rmSync(join(parent, name), { recursive: true, force: true });
}

// Chooses the app dir: what the user says, else a Bifrost directory that is there already, else one of our own.
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

const FALLBACK = "bifrost-data";

/** The directory in which programs keep their configuration, or null where there is none. */
export function configHome(environment: Environment, platform: NodeJS.Platform, home: string): string | null {
  if (platform === "win32") return environment.APPDATA || null;
  if (home === "" || home === "/nonexistent") return null;
  if (platform === "darwin") return join(home, "Library", "Application Support");
  const configured = environment.XDG_CONFIG_HOME ?? "";
  return configured.startsWith("/") ? configured : join(home, ".config");
}

/** Where files go when nobody says it: candidates in order; the first that can be made and written is taken. */
export function defaultAppDirs(home: string | null, cwd: string): string[] {
  const fallback = join(cwd, FALLBACK);
  if (home === null) return [fallback];
  // who comes from Bifrost finds the own files again
  const known = join(home, "bifrost");
  return [existsSync(known) ? known : join(home, "drawbridge"), fallback];
}

/**
 * The app dir, made if need be. Throws with the system's reason when none can be written. One that the user named may lie
 * on a read-only disk (a mounted configuration): requests are served, and the stores tell that they cannot be written.
 */
export function openAppDir(asked: string | undefined, environment: Environment, cwd: string): string {
  const candidates =
    asked === undefined || asked === ""
      ? defaultAppDirs(configHome(environment, process.platform, environment.HOME ?? homedir()), cwd)
      : [resolve(cwd, asked)];
  let reason = "";
  for (const dir of candidates) {
    try {
      // it holds keys: nobody else's business
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
      return dir;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      if (code === "EROFS" && asked && existsSync(dir)) return dir;
      reason ||= `${dir}: ${code}`;
    }
  }
  throw new Error(`the app dir cannot be used (${reason}); choose another with -app-dir DIR`);
}

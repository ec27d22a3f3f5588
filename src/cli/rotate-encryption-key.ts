// `drawbridge rotate-encryption-key`: seals the stored secrets with another key, all of them or none.
import { join, resolve } from "node:path";
import { loadConfiguration } from "../config/load.ts";
import { StoreUnavailableError } from "../core/config-store.ts";
import { StoreRefusedError } from "../core/stores.ts";
import type { Rotation } from "../store/sqlite/rotate-key.ts";
import { openAppDir } from "./app-dir.ts";
import { type CommandLine, type Flag, readFlags, refuseWords } from "./flags.ts";
import { EXIT, type Terminal } from "./terminal.ts";

export const ROTATE_FLAGS: readonly Flag[] = [
  {
    name: "app-dir",
    type: "text",
    value: "DIR",
    help: "directory of config.json and the stores",
    environment: ["DRAWBRIDGE_APP_DIR", "APP_DIR"],
  },
  {
    name: "config",
    type: "text",
    value: "FILE",
    help: "configuration, as for serve",
    environment: ["DRAWBRIDGE_CONFIG"],
  },
];

/** The key until now, where it is not the generated one. A flag would show it to everybody who lists processes. */
const PREVIOUS = "DRAWBRIDGE_ENCRYPTION_KEY_PREVIOUS";

/** The exit code: 0 when the secrets are sealed with the key that is configured now, or with a new generated one. */
export async function rotateKey(args: readonly string[], terminal: Terminal): Promise<number> {
  const line = readFlags(args, ROTATE_FLAGS, terminal.environment);
  refuseWords(line.words, 0, "drawbridge rotate-encryption-key takes flags only; keys come from the environment");
  try {
    const { path, encryptionKey } = await storeOf(line, terminal);
    // Loaded here alone: no other command needs a store in this thread.
    const { rotateEncryptionKey } = await import("../store/sqlite/rotate-key.ts");
    const previousKey = terminal.environment[PREVIOUS] || null;
    terminal.out(resultText(path, await rotateEncryptionKey({ path, encryptionKey, previousKey })));
    return EXIT.ok;
  } catch (error) {
    const isTold = error instanceof StoreRefusedError || error instanceof StoreUnavailableError;
    if (!isTold && !(error instanceof NotConfiguredError)) throw error;
    terminal.err(`drawbridge: ${error.message}\n`);
    return EXIT.failed;
  }
}

/** The configuration cannot be read, or keeps no store. */
class NotConfiguredError extends Error {}

async function storeOf(line: CommandLine, terminal: Terminal): Promise<{ path: string; encryptionKey: string | null }> {
  const appDir = appDirOf(line, terminal);
  const { registry } = await import("../app.ts");
  const asked = line.text("config");
  const loaded = loadConfiguration({
    appDir,
    configPath: asked === undefined ? null : resolve(terminal.cwd, asked),
    environment: terminal.environment,
    registry,
    catalogue: [],
  });
  if (!loaded.ok) throw new NotConfiguredError(loaded.errors.map((error) => error.text).join("\n\n"));
  const { configStore, encryptionKey } = loaded.facts;
  if (!configStore.enabled) throw new NotConfiguredError("config_store.enabled is false: there are no stored secrets");
  const path = configStore.path === null ? join(appDir, "config.db") : resolve(appDir, configStore.path);
  return { path, encryptionKey };
}

function appDirOf(line: CommandLine, terminal: Terminal): string {
  try {
    return openAppDir(line.text("app-dir"), terminal.environment, terminal.cwd);
  } catch (error) {
    throw new NotConfiguredError(error instanceof Error ? error.message : String(error));
  }
}

function resultText(path: string, { isChanged, keyFile, sealed }: Rotation): string {
  if (!isChanged) return `${path}: its secrets are sealed with the configured key already; nothing was changed\n`;
  const key = keyFile === null ? "the configured key" : `the new generated key in ${keyFile}`;
  const entries = `${sealed} ${sealed === 1 ? "entry" : "entries"}`;
  return `${path}: sealed with ${key} now, the secrets of ${entries}
Start gateways that are running on this store again. Keep the former key as long as you keep backups from before.
`;
}

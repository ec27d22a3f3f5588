// Writes the configuration file: a new one takes the place of the old one at once, or nothing happens.
import { accessSync, constants } from "node:fs";
import { open, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Why this process cannot write the file; empty = it can. */
export function unwritable(path: string): string {
  try {
    accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
    return "";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return `the file cannot be written by this user (${code})`;
  }
}

/** What was prepared: one of both is called. */
export interface PreparedFile {
  put(): Promise<void>;
  drop(): Promise<void>;
}

/** On disk beside the file when it resolves, with the file's own mode. Rejects with an error of the system. */
export async function prepareFile(path: string, text: string): Promise<PreparedFile> {
  // of a link the file behind it: the link stays
  const target = await realpath(path);
  const { mode } = await stat(target);
  const beside = `${target}.${process.pid}.new`;
  const file = await open(beside, "w", mode & 0o777);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return {
    put: () => rename(beside, target),
    drop: () => unlink(beside).catch(() => {}),
  };
}

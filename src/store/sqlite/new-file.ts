// Makes the file of a store so that it is never seen empty: an empty one was emptied, and is not to be begun anew.
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Pages of a file that holds its mark and nothing else, bytes. */
const FIRST_PAGE = 4096;

/**
 * Makes the file, private, with the mark of what it is for, unless there is one: false. Whatever ends the process in the
 * middle leaves either none or one that can be begun. Throws the system's and SQLite's own errors.
 */
export function createFile(path: string, applicationId: number): boolean {
  if (existsSync(path)) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const whole = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.new`;
  try {
    writeMarked(whole, applicationId);
    return putInPlace(whole, path);
  } finally {
    rmSync(whole, { force: true });
  }
}

/** Whether it holds no more than `createFile` wrote, by its size. */
export function isBarelyBegun(size: number): boolean {
  return size <= FIRST_PAGE;
}

function writeMarked(path: string, applicationId: number): void {
  closeSync(openSync(path, "wx", 0o600));
  const database = new DatabaseSync(path);
  try {
    // no journal beside a file that nobody else knows
    database.exec(`PRAGMA page_size = ${FIRST_PAGE}; PRAGMA journal_mode = MEMORY`);
    database.exec(`PRAGMA application_id = ${applicationId}`);
  } finally {
    database.close();
  }
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Of two processes only one puts its file there. Where a file system knows no links the window is that of a rename. */
function putInPlace(whole: string, path: string): boolean {
  try {
    linkSync(whole, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" || existsSync(path)) return false;
  }
  renameSync(whole, path);
  return true;
}

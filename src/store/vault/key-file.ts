// The generated encryption key beside a store: made once, whole or not at all, readable by its owner alone.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { StoreRefusedError } from "../../core/stores.ts";
import { makeFilePrivate } from "../sqlite/file.ts";

const SHAPE = /^[A-Za-z0-9+/]{43}=$/;

/** Where the key of a store lies. */
export function keyPath(storePath: string): string {
  return `${storePath}.key`;
}

/** 32 random bytes as text. */
export function newKeyText(): string {
  return randomBytes(32).toString("base64");
}

/** The key's text; null when there is no such file. Throws StoreRefusedError for a file that holds something else. */
export function readKeyFile(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new StoreRefusedError(path, `the encryption key cannot be read: ${(error as Error).message}`, error);
  }
  if (!SHAPE.test(text)) {
    throw new StoreRefusedError(path, "is no encryption key of this program; restore it from a backup");
  }
  makeFilePrivate(path);
  return text;
}

/** The key's text, generated if there is none. Two processes at once get the same one. */
export function ensureKeyFile(path: string): string {
  const found = readKeyFile(path);
  if (found !== null) return found;
  const whole = writeWhole(path, newKeyText());
  try {
    linkSync(whole, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") renameWhereNoLinks(whole, path);
  } finally {
    rmSync(whole, { force: true });
  }
  syncFolder(path);
  return readKeyFile(path) as string;
}

/** During a change of keys the next one waits under its own name until the store is sealed with it. */
export function waitingKeyPath(storePath: string, keyId: string): string {
  return `${keyPath(storePath)}.${keyId}`;
}

/** Lays the next key beside the one in force. The caller holds the lock of the store: older waiting ones are nobody's. */
export function writeWaitingKey(storePath: string, keyId: string, text: string): void {
  const folder = dirname(storePath);
  const prefix = `${basename(keyPath(storePath))}.`;
  const isWaiting = (name: string): boolean =>
    name.startsWith(prefix) && /^[0-9a-f]{16}$/.test(name.slice(prefix.length));
  for (const name of readdirSync(folder).filter(isWaiting)) rmSync(join(folder, name), { force: true });
  const path = waitingKeyPath(storePath, keyId);
  renameSync(writeWhole(path, text), path);
  syncFolder(path);
}

/** Puts the waiting key in its place; done already is done as well. */
export function adoptWaitingKey(storePath: string, keyId: string): void {
  try {
    renameSync(waitingKeyPath(storePath, keyId), keyPath(storePath));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  syncFolder(storePath);
}

/** A file of a name that nobody else has, written to the disk. */
function writeWhole(path: string, text: string): string {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.new`;
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeFileSync(file, `${text}\n`);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return temporary;
}

/** Some file systems know no links. There the last one wins, and who reads next reads that one. */
function renameWhereNoLinks(whole: string, path: string): void {
  if (readKeyFile(path) === null) renameSync(whole, path);
}

/** The name itself must outlive a power cut. Windows knows no such thing. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
